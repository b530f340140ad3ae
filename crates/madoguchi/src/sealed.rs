//! Sealed desks: where their outer keys and files lie, and the desk of the demo city.

use std::path::PathBuf;
use std::sync::Arc;

use casework::attachment::FolderBlobs;
use casework::case::BULLYING;
use casework::kind::{Course, Keeper};
use casework::member::{self, DeskRole};
use casework::outer::Folder;
use casework::{CaseError, Keeping, Kind, Kinds, Premises, desk_key};
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
/// Code of the demo city's desk whose cases the house keeps.
const DEMO_CODE: &str = "kurashi";
/// Who works there.
const DEMO_CONSULTANTS: &[(&str, DeskRole)] =
    &[("kurashi-1", DeskRole::Consultant), ("kurashi-2", DeskRole::Consultant), ("kurashi-2", DeskRole::Supervisor)];
/// Its part of the demo city's configuration.
pub(crate) const DEMO_CONFIG: &str = "
# A desk besides the bullying desk; who works there reads its cases without a passphrase.
[[city.desk]]
code = \"kurashi\"
name = \"くらしの相談\"
number = \"相談\"
sealed = false
";
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
        let kinds = city.kinds().map_err(|fault| Failure::new(Code::Configuration, fault))?;
        keeping(self.outer_keys(city), self.sealed_files(city), kinds)
    }
}

fn keeping(outer: PathBuf, files: PathBuf, kinds: Kinds) -> Result<Keeping, Failure> {
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
        kinds: Arc::new(kinds),
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
    let keeping = keeping(outer, files, Kinds::new(vec![demo_kind()]).map_err(|f| Failure::new(Code::Refused, f))?)?;
    let organisation = city::Organisation::load(db).await.map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
    let premises = Premises::read(keeping, db.clone(), house::clock(), &organisation).await.map_err(refused)?;
    let house = premises.house();
    desk_key::prepare(house, house::entropy()().as_mut()).await.map_err(refused)?;
    let all = DEMO_DESK.iter().map(|(login, role)| (BULLYING, login, role));
    for (desk, login, role) in all.chain(DEMO_CONSULTANTS.iter().map(|(login, role)| (DEMO_CODE, login, role))) {
        let mut tx = db.read().await?;
        let account = access::store::account::secrets_of_login(&mut tx, login).await?.map(|found| found.id);
        drop(tx);
        let Some(account) = account else {
            return Err(Failure::new(Code::Refused, format!("accounts.toml has no {login}")));
        };
        member::join(house, "command-line", desk, &account, *role, "デモの窓口で働く").await.map_err(refused)?;
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

/// What [`DEMO_CONFIG`] says.
fn demo_kind() -> Kind {
    Kind {
        desk: DEMO_CODE.into(),
        name: "くらしの相談".into(),
        number: "相談".into(),
        keeper: Keeper::House,
        course: Course::Consultation,
        rules: Kind::consultation_rules(),
    }
}

/// Makes the keys of the desks whose cases the house keeps, where they are not there; fails where a desk has changed
/// hands.
pub(crate) async fn prepare(keeping: &Keeping, db: &Db, organisation: &city::Organisation) -> Result<(), Failure> {
    let premises = Premises::read(keeping.clone(), db.clone(), house::clock(), organisation).await.map_err(refused)?;
    desk_key::prepare(premises.house(), house::entropy()().as_mut()).await.map_err(refused)
}

fn refused(error: CaseError) -> Failure {
    match error {
        CaseError::Store(error) => error.into(),
        CaseError::Outer(reason) => Failure::new(Code::File, format!("the outer keys of the sealed desks: {reason}"))
            .hint("nothing half-written was left; check the folder and the free space"),
        other => Failure::new(Code::Refused, format!("the sealed desk: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_citys_configuration_says_what_its_desk_is() {
        let text = format!("[[city]]\nname = \"a\"\nhosts = [\"h\"]\ndatabase = \"sqlite:a\"\n{DEMO_CONFIG}");
        let config: Config = toml::from_str(&text).expect("read");
        let kinds = config.city[0].kinds().expect("kinds");
        assert_eq!(kinds.of(DEMO_CODE).expect("there"), &demo_kind());
    }
}
