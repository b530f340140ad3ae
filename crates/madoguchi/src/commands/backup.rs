//! `backup` and `restore`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use super::{people, say};
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::whole_file::{NewDatabase, WholeFile};
use crate::{house, progress};

pub(super) async fn backup(
    config: &Config,
    city: Option<&str>,
    target: &Path,
    force: bool,
    json: bool,
) -> Result<ExitCode, Failure> {
    if target.exists() && !force {
        return Err(Failure::new(Code::Refused, format!("{} is there already", target.display()))
            .hint("choose another name or say --force"));
    }
    let city = config.chosen(city)?;
    let key_file = config.key_file(city);
    let (outer_keys, sealed_files) = (config.outer_keys(city), config.sealed_files(city));
    // The key seals nothing in a backup; a broken one must not keep a city from being saved.
    let db = config.open_without_key(city).await?;
    let whole = WholeFile::create(target)?;
    let spinner = progress::bar("保存しています", None, json);
    let mut out = BufWriter::new(whole.file());
    let written = store::backup::write(&db, house::clock().as_ref(), &mut out, |rows| spinner.set_position(rows)).await;
    db.close().await;
    let summary = match written {
        Err(store::StoreError::Io(error)) => return Err(whole.failed(&error)),
        other => other?,
    };
    out.flush().map_err(|e| whole.failed(&e))?;
    drop(out);
    let bytes = whole.file().metadata()?.len();
    whole.keep()?;
    spinner.finish_and_clear();
    let value = serde_json::json!({
        "file": target, "bytes": bytes, "backup": summary, "key_file": key_file,
        "outer_keys": outer_keys, "sealed_files": sealed_files,
    });
    Ok(say(json, &value, || {
        format!(
            "{}: {} rows of {} tables, {:.1} MB.\nThe city's key is not part of it: keep a copy of {} apart from the backups.\n\
             Nor are the sealed desks' files ({}), nor their outer keys ({}): copy the files with the backups, the keys \
             somewhere else, and never both into one place.",
            target.display(),
            summary.rows,
            summary.tables,
            bytes as f64 / 1e6,
            key_file.display(),
            sealed_files.display(),
            outer_keys.display()
        )
    }))
}

pub(super) async fn restore(
    config: impl Fn() -> Result<Config, Failure>,
    city: Option<&str>,
    source: &Path,
    database: Option<&str>,
    erasures: Option<&Path>,
    json: bool,
) -> Result<ExitCode, Failure> {
    // Whatever is wrong with the file or the key is told before anything is filled.
    let erasures = match erasures {
        Some(file) => Some(people::Erasures::read(&config()?, city, file)?),
        None => None,
    };
    let address = match database {
        Some(address) => address.to_owned(),
        None => {
            let config = config()?;
            config.database(config.chosen(city)?)
        }
    };
    let file = File::open(source)
        .map_err(|e| Failure::new(Code::File, format!("{} cannot be read: {e}", source.display())))?;
    let new = NewDatabase::at(&address);
    let spinner = progress::bar("戻しています", None, json);
    let restored = store::backup::restore(&address, house::clock().as_ref(), BufReader::new(file), |rows| {
        spinner.set_position(rows)
    })
    .await;
    spinner.finish_and_clear();
    let summary = restored.map_err(|error| {
        let failure = Failure::from(error);
        match (&failure.hint, failure.code) {
            (Some(_), _) => failure,
            (None, Code::Refused) => failure.hint("the database was left as it was; take another backup"),
            (None, _) => failure.hint("the database was left as it was"),
        }
    })?;
    new.keep();
    let erased = match erasures {
        Some(erasures) => Some(erasures.replay(&address).await?),
        None => None,
    };
    let value = serde_json::json!({ "database": address, "restored": summary, "erased_again": erased });
    Ok(say(json, &value, || {
        let again = match erased {
            Some(erased) => format!("{erased} person(s) were erased again."),
            None => "Whoever was erased after this backup is in it again: say `madoguchi people replay FILE` with the \
                     file that `madoguchi people erasures --to FILE` keeps."
                .into(),
        };
        format!(
            "{} rows of {} tables are in {address}.\n{again}\nThe city's key is not part of a backup: its copy goes \
             beside the configuration before the city is served.",
            summary.rows, summary.tables
        )
    }))
}
