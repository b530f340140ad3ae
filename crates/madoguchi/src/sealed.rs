//! Sealed desks: where their outer keys and files lie, and the desk of the demo city.

use std::path::PathBuf;
use std::sync::Arc;

use casework::attachment::FolderBlobs;
use casework::member::{self, DeskRole};
use casework::outer::Folder;
use casework::{CaseError, Keeping, Premises};
use store::Db;

use crate::config::{CityConfig, Config};
use crate::failure::{Code, Failure};
use crate::house;

/// Who works at the demo city's bullying desk: login and role. All have the same passphrase, which the page shows.
const DEMO_DESK: &[(&str, DeskRole)] = &[
    ("ijime-1", DeskRole::Consultant),
    ("ijime-2", DeskRole::Consultant),
    ("ijime-kantoku", DeskRole::Supervisor),
    ("kaifuku-1", DeskRole::Officer),
    ("kaifuku-2", DeskRole::Officer),
    ("kaifuku-3", DeskRole::Officer),
    ("kaifuku-4", DeskRole::Officer),
    ("kaifuku-5", DeskRole::Officer),
    ("kyoi", DeskRole::Partner),
];
/// Who of them has a key from the start; the others make one when they first come.
const DEMO_KEYS: &[&str] = &["ijime-1", "ijime-2", "kyoi"];
/// Their passphrase.
const DEMO_PASSPHRASE: &str = "みなも まどべ かぜ ひかり";

impl Config {
    /// The folder of a city's outer keys: not in the main backup.
    pub(crate) fn outer_keys(&self, city: &CityConfig) -> PathBuf {
        match city.outer_keys.as_str() {
            "" => self.resolve(&format!("{}.outer-keys", city.name)),
            path => self.resolve(path),
        }
    }

    /// The folder of a city's sealed files.
    pub(crate) fn sealed_files(&self, city: &CityConfig) -> PathBuf {
        match city.sealed_files.as_str() {
            "" => self.resolve(&format!("{}.sealed-files", city.name)),
            path => self.resolve(path),
        }
    }

    /// What sealed desks need besides the database.
    pub(crate) fn keeping(&self, city: &CityConfig) -> Result<Keeping, Failure> {
        keeping(self.outer_keys(city), self.sealed_files(city))
    }
}

fn keeping(outer: PathBuf, files: PathBuf) -> Result<Keeping, Failure> {
    let told = |folder: &PathBuf, error: CaseError| {
        Failure::new(Code::File, format!("the folder {} cannot be used: {error}", folder.display()))
    };
    let keys = Folder::open(&outer).map_err(|error| told(&outer, error))?;
    let blobs = FolderBlobs::open(&files).map_err(|error| told(&files, error))?;
    Ok(Keeping {
        outer: Arc::new(keys),
        blobs: Arc::new(blobs),
        cost: vault::Cost::house(),
        kept: casework::premises::KEPT,
    })
}

/// Makes the bullying desk of the demo city, with its members and the keys of those who work there from the start. Where
/// that fails, folders that were not there before are not there after.
pub(crate) async fn demo_desk(db: &Db, outer: PathBuf, files: PathBuf) -> Result<(), Failure> {
    let new: Vec<PathBuf> = [&outer, &files].into_iter().filter(|folder| !folder.exists()).cloned().collect();
    let made = fill_desk(db, outer, files).await;
    if made.is_err() {
        for folder in new.iter().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(folder).map_err(|error| {
                Failure::new(Code::File, format!("{} cannot be removed: {error}", folder.display()))
            })?;
        }
    }
    made
}

async fn fill_desk(db: &Db, outer: PathBuf, files: PathBuf) -> Result<(), Failure> {
    let keeping = keeping(outer, files)?;
    let organisation = city::Organisation::load(db).await.map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
    let premises = Premises::read(keeping, db.clone(), house::clock(), &organisation).await.map_err(refused)?;
    let house = premises.house();
    for (login, role) in DEMO_DESK {
        let mut tx = db.read().await?;
        let account = access::store::account::secrets_of_login(&mut tx, login).await?.map(|found| found.id);
        drop(tx);
        let Some(account) = account else {
            return Err(Failure::new(Code::Refused, format!("accounts.toml has no {login}")));
        };
        member::join(house, "command-line", casework::case::BULLYING, &account, *role, "デモの窓口で働く")
            .await
            .map_err(refused)?;
        if DEMO_KEYS.contains(login) {
            member::make_key(house, house::entropy()(), &account, login, DEMO_PASSPHRASE).await.map_err(refused)?;
        }
    }
    let mut tx = db.write().await?;
    city::store::save_setting(&mut tx, casework::premises::DEMO_SETTING, DEMO_PASSPHRASE)
        .await
        .map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
    tx.commit().await?;
    Ok(())
}

fn refused(error: CaseError) -> Failure {
    match error {
        CaseError::Store(error) => error.into(),
        other => Failure::new(Code::Refused, format!("the sealed desk: {other}")),
    }
}
