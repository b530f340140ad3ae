//! `backup` and `restore`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, progress};

/// A file that appears under its name only when it is whole; otherwise its part is removed.
struct WholeFile {
    target: PathBuf,
    part: PathBuf,
    done: bool,
}

impl WholeFile {
    fn new(target: &Path) -> Self {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        WholeFile { target: target.to_owned(), part: part.into(), done: false }
    }

    fn create(&self) -> Result<File, Failure> {
        File::create(&self.part).map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::new(Code::File, format!("{} cannot be written: {error}", self.target.display()))
            .hint("nothing half-written was left; check the folder and the free space")
    }

    fn keep(mut self, file: &File) -> Result<(), Failure> {
        file.sync_all().and_then(|()| std::fs::rename(&self.part, &self.target)).map_err(|e| self.failed(&e))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.done && let Err(error) = std::fs::remove_file(&self.part)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            eprintln!("madoguchi: {} could not be removed: {error}", self.part.display());
        }
    }
}

/// Writes bytes to a file, whole or not at all.
pub(super) fn write_whole(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let whole = WholeFile::new(target);
    let mut file = whole.create()?;
    file.write_all(bytes).map_err(|e| whole.failed(&e))?;
    whole.keep(&file)
}

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
    let db = config.open(config.chosen(city)?).await?;
    let whole = WholeFile::new(target);
    let file = whole.create()?;
    let spinner = progress::bar("保存しています", None, json);
    let mut out = BufWriter::new(&file);
    let written = store::backup::write(&db, house::clock().as_ref(), &mut out, |rows| spinner.set_position(rows)).await;
    db.close().await;
    let summary = match written {
        Err(store::StoreError::Io(error)) => return Err(whole.failed(&error)),
        other => other?,
    };
    out.flush().map_err(|e| whole.failed(&e))?;
    drop(out);
    let bytes = file.metadata()?.len();
    whole.keep(&file)?;
    spinner.finish_and_clear();
    let value = serde_json::json!({ "file": target, "bytes": bytes, "backup": summary });
    Ok(say(json, &value, || {
        format!("{}: {} rows of {} tables, {:.1} MB.", target.display(), summary.rows, summary.tables, bytes as f64 / 1e6)
    }))
}

pub(super) async fn restore(
    config: impl Fn() -> Result<Config, Failure>,
    city: Option<&str>,
    source: &Path,
    database: Option<&str>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let address = match database {
        Some(address) => address.to_owned(),
        None => {
            let config = config()?;
            config.database(config.chosen(city)?)
        }
    };
    let file =
        File::open(source).map_err(|e| Failure::new(Code::File, format!("{} cannot be read: {e}", source.display())))?;
    let spinner = progress::bar("戻しています", None, json);
    let restored =
        store::backup::restore(&address, house::clock().as_ref(), BufReader::new(file), |rows| spinner.set_position(rows)).await;
    spinner.finish_and_clear();
    let summary = restored.map_err(|error| {
        let failure = Failure::from(error);
        match failure.hint {
            Some(_) => failure,
            None => failure.hint("the database was left as it was"),
        }
    })?;
    Ok(say(json, &serde_json::json!({ "database": address, "restored": summary }), || {
        format!("{} rows of {} tables are in {address}.", summary.rows, summary.tables)
    }))
}
