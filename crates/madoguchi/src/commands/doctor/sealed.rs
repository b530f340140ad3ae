//! What `doctor` says of sealed desks: where their outer keys and files lie, and whether each case has its key.

use std::fs::{self, OpenOptions};
use std::path::Path;

use store::Tx;
use vault::OuterKey;

use super::{Level, Report};
use crate::config::{CityConfig, Config};
use crate::failure::{Code, Failure};

const ABOUT: &str = "sealed desks";

/// Looks at both folders, and at the key of each case that is not shredded. Makes and changes nothing.
pub(super) async fn check(config: &Config, city: &CityConfig, tx: &mut Tx, report: &mut Report) -> Result<(), Failure> {
    let (keys, files) = (config.outer_keys(city), config.sealed_files(city));
    let cases = casework::overview::kept(tx).await.map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
    let are_there = folder(&keys, "outer keys", cases.is_empty(), report);
    folder(&files, "sealed files", cases.is_empty(), report);
    if !are_there {
        return Ok(());
    }
    let note =
        "leave it out of the main backup, and keep its copy elsewhere: with both, old backups open shredded cases";
    report.add(Level::Ok, ABOUT, format!("the outer keys lie in {}; {note}", keys.display()));
    let has_key = |case: &&String| {
        fs::read(keys.join(format!("{case}.key"))).is_ok_and(|bytes| OuterKey::from_bytes(&bytes).is_ok())
    };
    desks(city, tx, &keys, report).await?;
    let kept = cases.iter().filter(has_key).count();
    let all = cases.len();
    if kept == all {
        report.add(Level::Ok, ABOUT, format!("{all} case(s), each with its outer key"));
    } else {
        let what = format!(
            "{} of {all} case(s) have no outer key in {} and cannot be opened; put the folder back from its own copy",
            all - kept,
            keys.display()
        );
        report.add(Level::Error, ABOUT, what);
    }
    Ok(())
}

/// Whether each desk that has cases stands in the configuration, and has its key where the house keeps its cases.
async fn desks(city: &CityConfig, tx: &mut Tx, keys: &Path, report: &mut Report) -> Result<(), Failure> {
    let kinds = city.kinds().map_err(|fault| Failure::new(Code::Configuration, fault))?;
    let with_cases = casework::overview::desks(tx).await.map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
    for desk in with_cases {
        let Some(kind) = kinds.get(&desk) else {
            let what = format!("the desk {desk} has cases and no [[city.desk]]; nobody can open them until it has one");
            report.add(Level::Error, ABOUT, what);
            continue;
        };
        let key = keys.join(format!("{}.key", casework::desk_key::place(&desk)));
        if !kind.is_sealed() && !key.exists() {
            let what =
                format!("the key of the desk {desk}, {}, is not there; put it back from its copy", key.display());
            report.add(Level::Error, ABOUT, what);
        }
    }
    Ok(())
}

/// Whether a folder is there; says so where it is not, or where others may look into it or nobody may write.
fn folder(path: &Path, what: &str, may_be_missing: bool, report: &mut Report) -> bool {
    let Ok(metadata) = fs::metadata(path) else {
        let said = format!("the folder of the {what}, {}, is not there", path.display());
        match may_be_missing {
            true => report.add(Level::Ok, ABOUT, format!("{said} yet; `serve` makes it")),
            false => report.add(Level::Error, ABOUT, format!("{said}; put it back from its own copy")),
        }
        return false;
    };
    if !metadata.is_dir() {
        report.add(Level::Error, ABOUT, format!("{} is no folder", path.display()));
        return false;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let what = format!("others may look into {} (mode {mode:o}); chmod 700", path.display());
            report.add(Level::Warning, ABOUT, what);
        }
    }
    let trial = path.join(".doctor");
    let written = OpenOptions::new().write(true).create_new(true).open(&trial).and_then(|_| fs::remove_file(&trial));
    match written {
        Ok(()) => report.add(Level::Ok, ABOUT, format!("the folder of the {what} can be written to")),
        Err(error) => report.add(Level::Error, ABOUT, format!("{}: {error}", path.display())),
    }
    true
}
