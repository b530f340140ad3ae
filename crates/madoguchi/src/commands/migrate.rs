//! `migrate`: the schema up to this version.

use std::process::ExitCode;

use store::{Db, OpenMode, migrate};

use super::say;
use crate::config::Config;
use crate::failure::Failure;
use crate::house;

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
        db.close().await;
        let steps: Vec<_> = plan
            .pending
            .iter()
            .map(|m| serde_json::json!({ "version": m.version, "name": m.name, "min_binary": m.min_binary }))
            .collect();
        report
            .push(serde_json::json!({ "city": city.name, "from": plan.current, "steps": steps, "applied": !dry_run }));
    }
    Ok(say(json, &report, || {
        let lines = report.iter().map(|r| {
            let steps = r["steps"].as_array().map_or(&[][..], Vec::as_slice);
            if steps.is_empty() {
                return format!("{}: nothing to do, the schema is at {}", r["city"].as_str().unwrap_or(""), r["from"]);
            }
            let verb = if dry_run { "would apply" } else { "applied" };
            let names: Vec<_> =
                steps.iter().map(|s| format!("{} {}", s["version"], s["name"].as_str().unwrap_or(""))).collect();
            format!("{}: {verb} {}", r["city"].as_str().unwrap_or(""), names.join(", "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }))
}
