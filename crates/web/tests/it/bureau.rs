//! The bullying desk of a test city: who works there, with keys, and desks that are open.

use casework::case::{self, BULLYING, NewCase};
use casework::entry::{By, Channel, Speaker, What, Wishes};
use casework::member::{self, DeskRole};
use casework::{Premises, Unlocked};

use crate::support::{City, Desk};

pub(crate) const PASSPHRASE: &str = "やさしい 風が 庭を 通る";

/// Who works there.
pub(crate) const MEMBERS: [(&str, DeskRole); 8] = [
    ("ijime-1", DeskRole::Consultant),
    ("ijime-2", DeskRole::Consultant),
    ("ijime-kantoku", DeskRole::Supervisor),
    ("kaifuku-1", DeskRole::Officer),
    ("kaifuku-2", DeskRole::Officer),
    ("kaifuku-3", DeskRole::Officer),
    ("kaifuku-4", DeskRole::Officer),
    ("kaifuku-5", DeskRole::Officer),
];

pub(crate) struct Bureau<'a> {
    pub(crate) city: &'a City,
    pub(crate) premises: Premises,
}

impl<'a> Bureau<'a> {
    /// A desk where everybody has made a key.
    pub(crate) async fn founded(city: &'a City) -> Bureau<'a> {
        let keeping = city.state.sealed.clone().expect("a sealed desk");
        let (db, clock) = (city.test.db.clone(), city.test.clock.clone());
        let premises = Premises::read(keeping, db, clock, &city.state.organisation()).await.expect("premises");
        let bureau = Bureau { city, premises };
        for (login, role) in MEMBERS {
            let account = bureau.account(login).await;
            member::join(bureau.premises.house(), "command-line", BULLYING, &account, role, "異動のため")
                .await
                .expect("joined");
            let rng = (city.test.entropy_source())();
            member::make_key(bureau.premises.house(), rng, &account, login, PASSPHRASE).await.expect("a key");
        }
        bureau
    }

    pub(crate) async fn account(&self, login: &str) -> String {
        let mut tx = self.city.test.db.read().await.expect("read");
        access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect(login).id
    }

    /// What the cookie of an open desk holds; an error where the passphrase does not fit.
    pub(crate) async fn cookie(&self, login: &str, passphrase: &str) -> casework::Result<String> {
        let (account, mut rng) = (self.account(login).await, (self.city.test.entropy_source())());
        let cookie = member::unlock(self.premises.house(), rng.as_mut(), &account, passphrase).await?;
        Ok(cookie.to_string())
    }

    /// Somebody who is logged in and has unlocked their desk.
    pub(crate) async fn open(&self, login: &str) -> Desk<'a> {
        let mut desk = self.city.staff(login).await;
        let open = self.cookie(login, PASSPHRASE).await.expect("unlocked");
        desk.cookie = format!("{}; __Host-madoguchi-desk={open}", desk.cookie);
        desk
    }

    pub(crate) async fn unlocked(&self, login: &str) -> Unlocked {
        let open = self.cookie(login, PASSPHRASE).await.expect("unlocked");
        member::unlocked(self.premises.house(), &self.account(login).await, &open).await.expect("open")
    }

    /// A case that somebody wrote down.
    pub(crate) async fn case(&self, login: &str, words: &str) -> String {
        let new = NewCase {
            desk: BULLYING,
            channel: Channel::Phone,
            speaker: Speaker::Child,
            school: "みなも東小学校",
            words,
            wishes: Wishes::default(),
            signs: Vec::new(),
            by: By::Account(self.account(login).await),
        };
        let mut rng = (self.city.test.entropy_source())();
        case::open(self.premises.house(), rng.as_mut(), new).await.expect("opened").0
    }

    /// The notes of a case, as somebody reads it.
    pub(crate) async fn notes(&self, login: &str, case: &str) -> casework::Result<Vec<String>> {
        let view = case::view(self.premises.house(), &self.unlocked(login).await, case).await?;
        let notes = view.file.entries.into_iter().filter_map(|placed| match placed.entry.what {
            What::Note { words } => Some(words),
            _ => None,
        });
        Ok(notes.collect())
    }
}
