//! A bullying desk in the small city: 相談員1 and 2 with keys, a supervisor, two officers.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use casework::Premises;
use casework::case::BULLYING;
use casework::entry::{By, Channel, Speaker, Wishes};
use casework::member::{self, DeskRole};
use casework::report::{self, Reporter};
use testkit::TestDb;
use vault::receipt::Receipt;

use crate::support::{City, Desk, Page};

pub(crate) const PASSPHRASE: &str = "やさしい 風が 庭を 通る";
/// Words that stand in no log, address or column.
pub(crate) const WORDS: &str = "うわばきをかくされました。ないしょのことばです。";

/// Who works there: login, role, whether they have a key.
const MEMBERS: [(&str, DeskRole, bool); 5] = [
    ("ijime-1", DeskRole::Consultant, true),
    ("ijime-2", DeskRole::Consultant, true),
    ("ijime-kantoku", DeskRole::Supervisor, true),
    ("kaifuku-1", DeskRole::Officer, true),
    ("kaifuku-2", DeskRole::Officer, true),
];

pub(crate) struct Office {
    pub(crate) city: City,
}

impl Office {
    pub(crate) async fn open(test: TestDb) -> Office {
        let office = Office { city: City::new(test).await };
        for (login, role, has_key) in MEMBERS {
            office.join(login, role).await;
            if has_key {
                office.key(login).await;
            }
        }
        office
    }

    pub(crate) async fn premises(&self) -> Premises {
        let (keeping, db) = (self.city.state.sealed.clone().expect("a desk"), self.city.test.db.clone());
        let clock: Arc<dyn calendar::Clock> = self.city.test.clock.clone();
        Premises::read(keeping, db, clock, &self.city.state.organisation()).await.expect("premises")
    }

    pub(crate) async fn account(&self, login: &str) -> String {
        let mut tx = self.city.test.db.read().await.expect("read");
        access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect(login).id
    }

    pub(crate) async fn join(&self, login: &str, role: DeskRole) {
        let (premises, account) = (self.premises().await, self.account(login).await);
        member::join(premises.house(), "command-line", BULLYING, &account, role, "異動のため").await.expect("joined");
    }

    pub(crate) async fn key(&self, login: &str) {
        let (premises, account) = (self.premises().await, self.account(login).await);
        let entropy = (self.city.test.entropy_source())();
        member::make_key(premises.house(), entropy, &account, login, PASSPHRASE).await.expect("a key");
    }

    /// Somebody who is logged in and whose desk is open.
    pub(crate) async fn at_desk(&self, login: &str) -> Desk<'_> {
        let mut desk = self.city.staff(login).await;
        self.unlock(&mut desk).await;
        desk
    }

    /// Opens the desk of somebody who is logged in.
    pub(crate) async fn unlock(&self, desk: &mut Desk<'_>) {
        let page = desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        let cookie = desk_cookie(&page).expect("the desk's cookie");
        desk.cookie = format!("{}; {cookie}", desk.cookie);
    }

    /// A child tells something; returns the id of the case.
    pub(crate) async fn told(&self, words: &str) -> (String, Reporter) {
        self.told_with(words, Wishes::default()).await
    }

    pub(crate) async fn told_with(&self, words: &str, wishes: Wishes) -> (String, Reporter) {
        let premises = self.premises().await;
        let list = casework::triage::current(premises.house(), BULLYING).await.expect("a list");
        let new = casework::case::NewCase {
            desk: BULLYING,
            channel: Channel::Web,
            speaker: Speaker::Child,
            school: "東小学校",
            words,
            wishes,
            signs: casework::triage::look(&list.rules, words),
            by: By::Reporter,
        };
        let entropy = (self.city.test.entropy_source())();
        let (receipt, _) = report::begin(premises.house(), entropy, new).await.expect("begun");
        let again = Receipt::parse(&receipt.shown()).expect("read");
        let reporter = report::unlock(premises.house(), again).await.expect("opened");
        (reporter.case.clone(), reporter)
    }

    /// What the reporter reads.
    pub(crate) async fn talk(&self, reporter: &Reporter) -> String {
        let talk = report::read(self.premises().await.house(), reporter).await.expect("read");
        format!("{:?}", talk.entries)
    }
}

/// The desk's cookie that an answer sets; none where it removes it.
pub(crate) fn desk_cookie(page: &Page) -> Option<String> {
    let set = page.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
    let own = set.filter(|v| v.starts_with("__Host-madoguchi-desk=") && !v.contains("Max-Age=0"));
    own.map(|v| v.split(';').next().expect("a value").to_owned()).next()
}

/// What a form of a case carries: the version, and the last entry that was seen.
pub(crate) async fn seen(desk: &Desk<'_>, case: &str) -> (String, String) {
    let page = desk.get(&format!("/sealed/cases/{case}/notes/new")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    (page.hidden("version"), page.hidden("seen"))
}

/// Writes something into a case as it stands.
pub(crate) async fn write(desk: &Desk<'_>, case: &str, noun: &str, form: &[(&str, &str)]) -> Page {
    let (version, last) = seen(desk, case).await;
    let form = [form, &[("version", version.as_str()), ("seen", last.as_str())]].concat();
    desk.post(&format!("/sealed/cases/{case}/{noun}"), &form).await
}

/// The same, which must succeed.
pub(crate) async fn written(desk: &Desk<'_>, case: &str, noun: &str, form: &[(&str, &str)]) {
    let page = write(desk, case, noun, form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{noun}: {}", page.main());
}

/// The same, which must be refused with a sentence, and keeps what was typed.
pub(crate) async fn refused(desk: &Desk<'_>, case: &str, noun: &str, form: &[(&str, &str)], sentence: &str) {
    let page = write(desk, case, noun, form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{noun}: {}", page.body);
    assert!(page.main().contains(sentence), "{noun}: {}", page.main());
    for (_, value) in form.iter().filter(|(_, value)| value.len() > 12) {
        assert!(page.main().contains(value), "{noun} keeps {value}: {}", page.main());
    }
}
