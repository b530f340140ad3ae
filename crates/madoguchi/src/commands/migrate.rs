//! `migrate`: the schema up to this version, and a key for a city that an older version made.

use std::process::ExitCode;

use store::{Db, OpenMode, migrate};

use super::say;
use crate::config::Config;
use crate::failure::Failure;
use crate::{house, key};

pub(super) async fn migrate(
    config: &Config,
    city: Option<&str>,
    dry_run: bool,
    json: bool,
) -> Result<ExitCode, Failure> {
    let cities: Vec<_> = match city {
        Some(_) => vec![config.chosen(city)?],
        None => config.city.iter().collect(),
    };
    let mut report = Vec::new();
    for city in cities {
        let db = Db::open(&config.database(city), OpenMode::Existing).await?;
        let plan = migrate::plan(&mut db.read().await?).await?;
        if !dry_run && !plan.pending.is_empty() {
            migrate::apply(&db, house::clock().as_ref()).await?;
        }
        let file = config.key_file(city);
        let without_key = !file.exists();
        if without_key && !dry_run {
            key::make(&db, &city.name, &file, false).await?;
        }
        db.close().await;
        let steps: Vec<_> = plan
            .pending
            .iter()
            .map(|m| serde_json::json!({ "version": m.version, "name": m.name, "min_binary": m.min_binary }))
            .collect();
        report.push(serde_json::json!({
            "city": city.name, "from": plan.current, "steps": steps, "applied": !dry_run,
            "key_made": without_key.then_some(file),
        }));
    }
    Ok(say(json, &report, || {
        let lines = report.iter().map(|r| {
            let city = r["city"].as_str().unwrap_or("");
            let steps = r["steps"].as_array().map_or(&[][..], Vec::as_slice);
            let names: Vec<_> =
                steps.iter().map(|s| format!("{} {}", s["version"], s["name"].as_str().unwrap_or(""))).collect();
            let schema = match (steps.is_empty(), dry_run) {
                (true, _) => format!("{city}: nothing to do, the schema is at {}", r["from"]),
                (false, true) => format!("{city}: would apply {}", names.join(", ")),
                (false, false) => format!("{city}: applied {}", names.join(", ")),
            };
            match (r["key_made"].as_str(), dry_run) {
                (None, _) => schema,
                (Some(file), true) => format!("{schema}\n{city}: would make the city's key {file}"),
                (Some(file), false) => {
                    format!("{schema}\n{city}: made the city's key {file}; keep a copy apart from the backups")
                }
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }))
}
