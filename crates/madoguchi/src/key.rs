//! A city's key: a small file beside its configuration, never in its database or its backups.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use store::audit::{self, Event, KeyCheck};
use store::{Db, HouseKey, Tx};

use crate::failure::{Code, Failure};
use crate::house;

/// For its owner alone.
const MODE: u32 = 0o600;

/// Name of the key's file where the configuration says nothing else.
pub(crate) fn file_name(city: &str) -> String {
    format!("{city}.key")
}

/// Reads a key; `None` if there is no file. A file that cannot be read or holds something else is an error.
pub(crate) fn read(file: &Path) -> Result<Option<HouseKey>, Failure> {
    let wrong = |reason: String| {
        Failure::new(Code::Configuration, format!("the key file {} {reason}", file.display()))
            .hint("put back the copy that was kept apart from the backups, or correct `key_file` in the configuration")
    };
    match std::fs::read_to_string(file) {
        Ok(text) => HouseKey::parse(&text).map(Some).map_err(|e| wrong(format!("is damaged: {e}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(format!("cannot be read: {error}"))),
    }
}

/// What to say of a city without its key.
pub(crate) fn missing(file: &Path) -> Failure {
    Failure::new(Code::Configuration, format!("the city's key file {} is not there", file.display())).hint(
        "if the city never had one, make it with `madoguchi key new`; otherwise put back its copy, or correct `key_file`",
    )
}

/// What to say of a key with which nothing of the city was recorded.
pub(crate) fn wrong(file: &Path) -> Failure {
    Failure::new(
        Code::Configuration,
        format!("none of the newest recorded events was made with the key {}", file.display()),
    )
    .hint("put back the city's own key; if this is it, see with `madoguchi audit verify` what was changed")
}

/// A warning if others than its owner may read or change a file.
pub(crate) fn open_to_others(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        let shown = file.display();
        format!("others may open the key {shown} (mode {mode:03o}); close it with `chmod 600 {shown}`")
    })
}

/// A city is served only with its own key.
pub(crate) async fn require(db: &Db, file: &Path) -> Result<(), Failure> {
    if db.key().is_err() {
        return Err(missing(file));
    }
    if audit::check_key(&mut db.read().await?).await? == KeyCheck::Wrong {
        return Err(wrong(file));
    }
    if let Some(warning) = open_to_others(file) {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// Records that the city has a new key: by this event any key can be told from the right one.
pub(crate) async fn record_new(tx: &mut Tx, city: &str) -> store::Result<()> {
    let event = Event { actor: "command-line", action: "key.new", object_kind: "city", object: city, fields: &[] };
    audit::record(tx, house::clock().as_ref(), event).await
}

/// Makes a city's key and records it. Returns where the old key is now, if there was one.
///
/// Without `force` this is refused if there is a file, or if events were recorded with a key that is not there.
pub(crate) async fn make(db: &Db, city: &str, file: &Path, force: bool) -> Result<Option<PathBuf>, Failure> {
    if !force {
        if file.exists() {
            return Err(Failure::new(Code::Refused, format!("there is a key already: {}", file.display())).hint(
                "it was left as it is; with --force it is put aside, and what was recorded with it stays its own",
            ));
        }
        if !audit::heads(&mut db.read().await?).await?.is_empty() {
            return Err(missing(file).hint(
                "events were recorded with it: put back its copy; if it is lost for good, say `madoguchi key new --force`",
            ));
        }
    }
    let new = Key::create(file)?;
    let db = db.clone().with_key(new.key().clone());
    let mut tx = db.write().await?;
    // Whoever makes a key for the same city elsewhere waits here, and then finds what we recorded.
    store::changes::bump(&mut tx, "key").await?;
    if !force && audit::check_key(&mut tx).await? == KeyCheck::Wrong {
        return Err(wrong(file));
    }
    record_new(&mut tx, city).await?;
    let aside = new.name(force)?;
    tx.commit().await?;
    Ok(aside)
}

/// A key that is in its file already, or in a part that gets the file's name when all else is done.
pub(crate) struct Key {
    target: PathBuf,
    part: Option<PathBuf>,
    key: HouseKey,
}

fn failed(target: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::File, format!("the key file {} cannot be written: {error}", target.display()))
        .hint("nothing half-written was left; check the folder and the free space")
}

impl Key {
    /// The key that is there, or a new one.
    pub(crate) fn there_or_new(target: &Path) -> Result<Self, Failure> {
        match read(target)? {
            Some(key) => Ok(Key { target: target.to_owned(), part: None, key }),
            None => Key::create(target),
        }
    }

    /// A new one, on the disk but still without its name.
    fn create(target: &Path) -> Result<Self, Failure> {
        let mut rng = house::entropy()();
        let text = HouseKey::generate(rng.as_mut());
        let key = HouseKey::parse(&text)?;
        // A name of its own, so that two commands at once never write into one file.
        let mut part = target.as_os_str().to_owned();
        part.push(format!(".{:08x}.part", rng.next_u32()));
        let new = Key { target: target.to_owned(), part: Some(part.into()), key };
        if let Some(part) = &new.part {
            let written = OpenOptions::new().write(true).create_new(true).mode(MODE).open(part).and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.write_all(b"\n")?;
                file.sync_all()
            });
            written.map_err(|e| failed(target, &e))?;
        }
        Ok(new)
    }

    pub(crate) fn key(&self) -> &HouseKey {
        &self.key
    }

    /// Gives a new key its name; another key that is there by now is never written over.
    pub(crate) fn keep(self) -> Result<(), Failure> {
        self.name(false).map(drop)
    }

    /// With `force`, a file that is there is put aside; returns where.
    fn name(mut self, force: bool) -> Result<Option<PathBuf>, Failure> {
        let Some(part) = self.part.clone() else { return Ok(None) };
        let fail = |e: &std::io::Error| failed(&self.target, e);
        if force && self.target.exists() {
            let mut aside = self.target.as_os_str().to_owned();
            aside.push(format!(".{}", house::clock().now().millis()));
            let aside = PathBuf::from(aside);
            std::fs::hard_link(&self.target, &aside).map_err(|e| fail(&e))?;
            std::fs::rename(&part, &self.target).map_err(|e| fail(&e))?;
            self.part = None;
            return Ok(Some(aside));
        }
        // Unlike a rename, a link never goes over a file that came in between.
        std::fs::hard_link(&part, &self.target).map_err(|e| fail(&e))?;
        Ok(None)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            crate::whole_file::remove(part);
        }
    }
}
