//! What the records look like, for the programs that read them.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::model::Target;

/// The JSON Schema of what the form `json` writes.
///
/// A record that an older version wrote fits it too; whoever reads records passes over keys that it does not know, for a
/// newer version may have more.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Vec<Target>>();
    schema.insert("title".to_owned(), Value::from("Landfall's deploy targets"));
    schema.to_value()
}
