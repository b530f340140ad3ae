//! `people erasures` and `people replay`: erasures outlive a restore.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use people::erasure::{self, Erased};
use store::{Db, HouseKey, OpenMode};

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, key};

/// Who erases again.
const ACTOR: &str = "command-line";

/// Erasures of a file, with the key that erasing needs.
pub(super) struct Erasures {
    list: Vec<Erased>,
    key: HouseKey,
    key_file: PathBuf,
}

impl Erasures {
    /// Reads both before anything is done.
    pub(super) fn read(config: &Config, city: Option<&str>, file: &Path) -> Result<Self, Failure> {
        let key_file = config.key_file(config.chosen(city)?);
        let key = key::read(&key_file)?.ok_or_else(|| key::missing(&key_file))?;
        let list = read(file)?.ok_or_else(|| Failure::new(Code::File, format!("{} is not there", file.display())))?;
        Ok(Erasures { list, key, key_file })
    }

    /// Erases in a restored database; returns how many persons.
    pub(super) async fn replay(self, address: &str) -> Result<usize, Failure> {
        let db = Db::open(address, OpenMode::Existing).await?.with_key(self.key);
        let hint =
            "the database is restored, nobody was erased yet: mend this, then say `madoguchi people replay FILE`";
        let replayed = erase_again(&db, &self.key_file, &self.list).await.map_err(|failure| failure.hint(hint));
        db.close().await;
        replayed
    }
}

async fn erase_again(db: &Db, key_file: &Path, list: &[Erased]) -> Result<usize, Failure> {
    key::require(db, key_file).await?;
    let replayed = erasure::replay(db, house::clock().as_ref(), ACTOR, list).await.map_err(failed)?;
    // A backup holds what the erased ones said, too.
    let (clock, mut entropy) = (house::clock(), house::entropy()());
    contact::retention::replay(db, clock.as_ref(), entropy.as_mut(), ACTOR)
        .await
        .map_err(|error| Failure::new(Code::Refused, error.to_string()))?;
    outreach::retention::replay(db, clock.as_ref(), ACTOR)
        .await
        .map_err(|error| Failure::new(Code::Refused, error.to_string()))?;
    Ok(replayed)
}

fn failed(error: people::PeopleError) -> Failure {
    match error {
        people::PeopleError::Store(error) => error.into(),
        other => Failure::new(Code::Refused, other.to_string()),
    }
}

/// Reads a file of erasures, one JSON object in each line; `None` if there is none.
fn read(file: &Path) -> Result<Option<Vec<Erased>>, Failure> {
    let unreadable = |e: std::io::Error| Failure::new(Code::File, format!("{} cannot be read: {e}", file.display()));
    let mut text = String::new();
    match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.and_then(|mut f| f.read_to_string(&mut text)).map_err(unreadable)?,
    };
    let damaged = |line: usize, reason: &str| {
        Failure::new(Code::Refused, format!("{}, line {line}: {reason}", file.display()))
            .hint("take the copy of this file that lies elsewhere; nothing was changed")
    };
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(damaged(text.lines().count(), "it was cut off while it was written"));
    }
    let lines = text.lines().enumerate();
    let list: Result<Vec<Erased>, Failure> =
        lines.map(|(i, l)| serde_json::from_str(l).map_err(|_| damaged(i + 1, "this is no erasure"))).collect();
    list.map(Some)
}

pub(super) async fn erasures(config: &Config, city: Option<&str>, to: &Path, json: bool) -> Result<ExitCode, Failure> {
    let db = config.open(config.chosen(city)?).await?;
    let known: BTreeSet<String> = read(to)?.unwrap_or_default().into_iter().map(|e| e.person).collect();
    let mut all = erasure::list(&mut db.read().await?).await.map_err(failed)?;
    db.close().await;
    all.retain(|e| !known.contains(&e.person));
    let mut lines = String::new();
    for erased in &all {
        lines.push_str(&serde_json::to_string(erased).map_err(std::io::Error::from)?);
        lines.push('\n');
    }
    append(to, &lines).map_err(|e| Failure::new(Code::File, format!("{} cannot be written: {e}", to.display())))?;
    let value = serde_json::json!({ "file": to, "added": all.len(), "erasures": known.len() + all.len() });
    Ok(say(json, &value, || {
        format!(
            "{}: {} erasure(s) added, {} in all.\nKeep it apart from the database: a restore needs it.",
            to.display(),
            all.len(),
            known.len() + all.len()
        )
    }))
}

/// Adds lines: all of them, or the file is as it was.
fn append(file: &Path, lines: &str) -> std::io::Result<()> {
    let mut out = OpenOptions::new().append(true).create(true).open(file)?;
    let before = out.metadata()?.len();
    let written = out.write_all(lines.as_bytes()).and_then(|()| out.sync_all());
    if written.is_err() {
        out.set_len(before)?;
    }
    written
}

pub(super) async fn replay(config: &Config, city: Option<&str>, file: &Path, json: bool) -> Result<ExitCode, Failure> {
    let erasures = Erasures::read(config, city, file)?;
    let db = config.open(config.chosen(city)?).await?;
    let replayed = erase_again(&db, &erasures.key_file, &erasures.list).await;
    db.close().await;
    let replayed = replayed?;
    let value = serde_json::json!({ "named": erasures.list.len(), "erased_again": replayed });
    Ok(say(json, &value, || format!("{replayed} of {} person(s) were erased again.", erasures.list.len())))
}
