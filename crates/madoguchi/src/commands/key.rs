//! `key new`: a key for a city that has none.

use std::process::ExitCode;

use super::say;
use crate::config::Config;
use crate::failure::Failure;
use crate::key;

pub(super) async fn new(config: &Config, city: Option<&str>, force: bool, json: bool) -> Result<ExitCode, Failure> {
    let city = config.chosen(city)?;
    let file = config.key_file(city);
    let db = config.open_without_key(city).await?;
    let made = key::make(&db, &city.name, &file, force).await;
    db.close().await;
    let aside = made?;
    Ok(say(json, &serde_json::json!({ "key_file": file, "put_aside": aside }), || {
        let made = format!("{} is made. Keep a copy apart from the backups: they do not hold it.", file.display());
        match &aside {
            Some(aside) => format!(
                "{made}\nThe old key is {}: keep it, what was recorded with it can be checked with it only.",
                aside.display()
            ),
            None => made,
        }
    }))
}
