//! How long AWS may take for an answer, and how large that may be. What was never told to end would hold a run, and its
//! lock, for as long as something listens at the endpoint.

use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::SharedHttpClient;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

use crate::model::transfer_time;

/// A connection takes three round trips, so that this is long for the other side of the world and a lossy line.
const CONNECT: Duration = Duration::from_secs(10);

/// Until an answer begins. The slowest question takes AWS a few seconds (a template of many resources, a thousand
/// versions deleted at once).
const FIRST_BYTE: Duration = Duration::from_secs(30);

/// Until an answer is whole: a page of a thousand entries has under a megabyte.
const ATTEMPT: Duration = Duration::from_secs(60);

/// All attempts of one operation: eight with their pauses, when a whole account is throttled, take seventy seconds.
const OPERATION: Duration = Duration::from_secs(120);

/// The first call is made with few attempts, by whoever waits for the first line.
const FIRST_CALL: Duration = Duration::from_secs(60);

/// No answer is larger by far that is read at all: the longest journal has this, a page of a list a megabyte.
const LARGEST: usize = 64 << 20;

/// For every operation.
pub(super) fn times() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(FIRST_BYTE)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// For the first call of a run.
pub(super) fn first_call() -> TimeoutConfig {
    times().to_builder().operation_timeout(FIRST_CALL).build()
}

/// For storing so many bytes in S3: an answer begins when all have arrived.
pub(super) fn sending(bytes: usize) -> aws_sdk_s3::config::Builder {
    let more = transfer_time(bytes as u64);
    let times = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(FIRST_BYTE + more)
        .operation_attempt_timeout(ATTEMPT + more)
        .operation_timeout(OPERATION + 2 * more)
        .build();
    aws_sdk_s3::config::Builder::new().timeout_config(times)
}

/// This client, with answers that end with an error when they are larger than any that is read.
pub(super) fn limited(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Client(client))
}

#[derive(Debug)]
struct Client(SharedHttpClient);

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct Connector(SharedHttpConnector);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, LARGEST))))
        })
    }
}
