//! `audit verify` and `audit heads`.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use store::audit::export::{self, Exported};
use store::audit::{self, KeyCheck, Report};
use store::{Db, HouseKey};

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, key, progress};

/// The city's database, which must have its key.
async fn open(config: &Config, city: Option<&str>) -> Result<Db, Failure> {
    let city = config.chosen(city)?;
    let db = config.open(city).await?;
    if db.key().is_err() { Err(key::missing(&config.key_file(city))) } else { Ok(db) }
}

/// Reads a file of heads; `None` if there is none.
fn read(key: &HouseKey, file: &Path) -> Result<Option<Exported>, Failure> {
    let unreadable = |e: std::io::Error| Failure::new(Code::File, format!("{} cannot be read: {e}", file.display()));
    let opened = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unreadable)?,
    };
    match export::read(key, BufReader::new(opened)) {
        Err(store::StoreError::Io(error)) => Err(unreadable(error)),
        Err(error) => Err(Failure::new(Code::Refused, format!("{}, {error}", file.display()))
            .hint("take the copy of this file that lies elsewhere; nothing was checked or changed")),
        Ok(exported) => Ok(Some(exported)),
    }
}

pub(super) async fn verify(
    config: &Config,
    city: Option<&str>,
    file: Option<&Path>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let db = open(config, city).await?;
    let exported = match file {
        None => None,
        Some(file) => Some(read(db.key()?, file)?.filter(|e| e.lines > 0).ok_or_else(|| {
            Failure::new(Code::File, format!("{} is not there or holds no heads", file.display()))
                .hint("heads are exported with `madoguchi audit heads --to FILE`")
        })?),
    };
    let mut tx = db.read().await?;
    let total = audit::heads(&mut tx).await?.iter().map(|head| head.events.max(0) as u64).sum();
    let right_key = audit::check_key(&mut tx).await? != KeyCheck::Wrong;
    let bar = progress::bar("記録を確かめています", Some(total), json);
    let report = audit::verify(&mut tx, exported.as_ref(), |events| bar.set_position(events)).await;
    bar.finish_and_clear();
    drop(tx);
    db.close().await;
    let report = report?;
    let mut value = serde_json::to_value(&report).map_err(std::io::Error::from)?;
    value["right_key"] = right_key.into();
    let said = say(json, &value, || words(&report, right_key));
    Ok(if report.found > 0 { ExitCode::from(Code::Nothing as u8) } else { said })
}

fn words(report: &Report, right_key: bool) -> String {
    let mut lines: Vec<String> =
        report.problems.iter().map(|p| format!("{}, event {}: {}", p.stream, p.seq, p.sentence)).collect();
    if report.found > report.problems.len() as u64 {
        lines.push(format!("… and {} more", report.found - report.problems.len() as u64));
    }
    if !right_key {
        lines.push("None of the newest events was made with this key: it may be another city's.".into());
    }
    let outcome = if report.found == 0 { "nothing wrong".into() } else { format!("{} problem(s)", report.found) };
    lines.push(format!("{} events in {} streams: {outcome}.", report.events, report.streams));
    lines.push(match report.exported_at {
        Some(at) => format!(
            "Compared with the heads exported up to {}: what was recorded later could have been cut off unnoticed.",
            at.iso_jst()
        ),
        None => "Without exported heads (--heads FILE) nothing tells whether the last events of a stream were cut off."
            .into(),
    });
    lines.join("\n")
}

pub(super) async fn heads(config: &Config, city: Option<&str>, to: &Path, json: bool) -> Result<ExitCode, Failure> {
    let db = open(config, city).await?;
    // A line behind a damaged one would be lost with it.
    let before = read(db.key()?, to)?.map_or(0, |e| e.lines);
    let heads = audit::heads(&mut db.read().await?).await?;
    let (streams, events) = (heads.len(), heads.iter().map(|head| head.events).sum::<i64>());
    let at = house::clock().now();
    let line = export::to_line(db.key()?, at, heads)?;
    db.close().await;
    append(to, &line).map_err(|e| {
        Failure::new(Code::File, format!("{} cannot be written: {e}", to.display()))
            .hint("nothing half-written was left; check the folder and the free space")
    })?;
    let value = serde_json::json!({
        "file": to, "lines": before + 1, "at": at.iso_jst(), "streams": streams, "events": events,
    });
    Ok(say(json, &value, || {
        format!(
            "{}: the heads of {streams} streams, {events} events, as of {}.\nKeep it where nobody who can write to the database can write.",
            to.display(),
            at.iso_jst()
        )
    }))
}

/// Adds a line: all of it, or the file is as it was.
fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut out = OpenOptions::new().append(true).create(true).open(file)?;
    let before = out.metadata()?.len();
    let written = out.write_all(line.as_bytes()).and_then(|()| out.sync_all());
    if written.is_err() {
        out.set_len(before)?;
    }
    written
}
