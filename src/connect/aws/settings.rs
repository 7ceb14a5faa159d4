//! Where to connect.

/// Where to connect, beside what the environment and the profile say.
#[derive(Clone, Default)]
pub struct Settings {
    /// The region.
    pub region: String,
    /// The only account that will do; any when absent.
    pub account: Option<String>,
    /// The profile, whose credentials win over variables; else what the credential chain finds.
    pub profile: Option<String>,
    /// Where all services answer; else what `AWS_ENDPOINT_URL` and the like say.
    pub endpoint: Option<String>,
    /// An access key's id and secret; else what the credential chain finds.
    pub credentials: Option<(String, String)>,
    /// Whether nothing is taken from variables and profiles: an emulator of ours answers at the endpoint.
    pub alone: bool,
}
