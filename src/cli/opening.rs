//! What a run over an environment opens, as it is declared: its account, where its memory is kept, its own keys.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::backend;
use crate::connect::aws;
use crate::declare::{BackendSettings, Declaration};
use crate::model::private::MEMORY;
use crate::model::{Failure, Kind, Spec};
use crate::plan::OwnKeys;

/// How the environment's account is reached; none when it declares none.
pub fn account(declaration: &Declaration) -> Option<aws::Settings> {
    let declared = declaration.aws.as_ref()?;
    Some(aws::Settings {
        region: declared.region.clone(),
        account: declared.account.clone(),
        profile: declared.profile.clone(),
        ..aws::Settings::default()
    })
}

/// How an emulator is reached in the place of the environment's account: it takes an access key of twelve digits for the
/// account of that number.
pub fn emulated(settings: aws::Settings, endpoint: &str) -> aws::Settings {
    let key = emulated_account(settings.account.as_deref()).to_owned();
    aws::Settings {
        profile: None,
        endpoint: Some(endpoint.to_owned()),
        credentials: Some((key, "rehearsal".to_owned())),
        alone: true,
        ..settings
    }
}

/// The account that an emulator is asked for, where this one is declared.
pub fn emulated_account(declared: Option<&str>) -> &str {
    declared.unwrap_or("000000000000")
}

/// Where the environment's memory is kept. A bucket takes the account to be reached first.
pub async fn store(
    declaration: &Declaration,
    aws: Option<&aws::Settings>,
    account: &OnceCell<aws::Aws>,
) -> Result<Arc<dyn backend::Store>, Failure> {
    match &declaration.backend {
        BackendSettings::Folder { path } => Ok(Arc::new(backend::Folder::new(path))),
        BackendSettings::S3 { bucket, .. } => {
            let settings = aws.cloned().ok_or_else(|| {
                Failure::new("no AWS account is declared", "opening the backend in S3")
                    .help("Add an `[aws]` section with its region.")
            })?;
            let aws = account
                .get_or_try_init(|| aws::Aws::connect(settings))
                .await?;
            let s3 = backend::S3::new(aws.s3_of(bucket).await, bucket.as_str());
            Ok(Arc::new(s3.owned_by(aws.account().id)))
        }
    }
}

/// Says where the records really lie, where their folder is a link: a copy of the project may have brought it.
pub fn linked_folder(backend: &BackendSettings) -> Option<String> {
    let BackendSettings::Folder { path } = backend else {
        return None;
    };
    let target = std::fs::read_link(path).ok()?;
    Some(format!(
        "{} is a link: keys and records lie in {}.",
        path.display(),
        target.display()
    ))
}

/// The key pairs that are this environment's by its declaration and by their place.
pub fn own_keys(declaration: &Declaration) -> OwnKeys {
    let files = declaration
        .nodes
        .iter()
        .filter_map(|node| match &node.spec {
            Spec::Resource(values) if node.address.kind == Kind::Key => {
                values.get("file")?.as_str()
            }
            Spec::Resource(values) if node.address.kind == Kind::Certificate => {
                values.get("key")?.as_str()
            }
            _ => None,
        });
    OwnKeys {
        folders: ["keys", "certificates"]
            .map(|kind| {
                declaration
                    .root
                    .join(MEMORY)
                    .join(kind)
                    .join(&declaration.name)
            })
            .to_vec(),
        declared: files.map(str::to_owned).collect(),
    }
}
