//! A small city with a contact centre.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use access::account::Span;
use access::store::account;
use access::{Principal, Role};
use calendar::{Clock, Date};
use city::{Lang, Organisation, Profile};
use contact::citizen::{self, Window};
use contact::message::Message;
use contact::staff::Desk;
use contact::{Contact, EventKind, Receipt};
use knowledge::Library;
use knowledge::reading::Reading;
use testkit::TestDb;
use text::Analyzer;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");

/// One dictionary for all tests of this binary.
static READING: LazyLock<Reading> = LazyLock::new(|| {
    let path = std::env::var_os("MADOGUCHI_DICT")
        .map(PathBuf::from)
        .expect("MADOGUCHI_DICT names the dictionary; ./test sets it");
    Reading::shipped(Arc::new(Analyzer::load(&path, None).expect("dictionary"))).expect("model")
});

pub(crate) struct Town {
    pub(crate) test: TestDb,
    pub(crate) organisation: Organisation,
    pub(crate) library: Arc<Library>,
    /// Answers in the section of the main telephone.
    pub(crate) operator: Principal,
    /// Another one there.
    pub(crate) colleague: Principal,
    /// Looks after them.
    pub(crate) supervisor: Principal,
    /// Writes for 市民課.
    pub(crate) clerk: Principal,
    /// Writes for 環境事業課.
    pub(crate) stranger: Principal,
}

pub(crate) fn principal(account: &str, role: Role, section: Option<&str>) -> Principal {
    Principal {
        account: account.into(),
        name: role.name().into(),
        sections: section.map(str::to_owned).into_iter().collect(),
        roles: vec![(role, section.map(str::to_owned))],
    }
}

/// A client's name for a message.
pub(crate) fn client(n: u32) -> String {
    format!("client-{n:04}")
}

fn always(_: &str) -> bool {
    true
}

impl Town {
    pub(crate) async fn found(test: TestDb) -> Town {
        let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}")).expect("demo file");
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        // The clock of the tests stands on a holiday (勤労感謝の日); the next day is a Tuesday.
        clock.advance(std::time::Duration::from_secs(86_400));
        let from: Date = "2026-04-01".parse().expect("date");
        let mut tx = test.db.write().await.expect("write");
        let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
        city::store::insert_sections(&mut tx, clock.as_ref(), &mut rng, &sections).await.expect("sections");
        let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
        city::store::save_profile(&mut tx, &profile).await.expect("profile");
        tx.commit().await.expect("commit");
        let files = ["moving", "registry", "waste"].map(|t| (t, read(&format!("faq/{t}.toml"))));
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let mut articles = knowledge::import::read_toml(&files).expect("articles");
        let codes: Vec<String> = articles.iter().map(|a| a.code.clone()).collect();
        for article in &mut articles {
            article.content.related.retain(|r| codes.contains(r));
        }
        let today = clock.now().jst_date();
        knowledge::import::store(&test.db, clock.as_ref(), &mut rng, &articles, today, false).await.expect("stored");
        let index = test.folder().join("index");
        testkit::take_over("index", &index);
        let library = Arc::new(Library::new(READING.clone()).keeping(index.clone()));
        library.refresh(&test.db).await.expect("read");
        testkit::leave("index", &index);
        let organisation = Organisation::load(&test.db).await.expect("city");
        let centre = organisation.profile.phone_section.clone();
        Town {
            operator: principal("operator", Role::Operator, Some(&centre)),
            colleague: principal("colleague", Role::Operator, Some(&centre)),
            supervisor: principal("supervisor", Role::Supervisor, Some(&centre)),
            clerk: principal("clerk", Role::Author, Some("shimin")),
            stranger: principal("stranger", Role::Author, Some("kankyo")),
            organisation,
            library,
            test,
        }
    }

    /// Gives a principal an account with the same id, name, section and role.
    pub(crate) async fn sign_up(&self, who: &Principal) {
        let (clock, mut rng) = (self.test.clock.clone(), self.test.rng());
        let now = clock.now();
        let from = now.jst_date();
        let mut tx = self.test.db.write().await.expect("write");
        let id = who.account.as_str();
        assert!(account::insert(&mut tx, id, id, &who.name, None, now).await.expect("account"));
        for (role, section) in &who.roles {
            let span = Span { account: id, section: section.as_deref(), from, to: None };
            access::account::assign(&mut tx, clock.as_ref(), &mut rng, "test", &self.organisation, false, span.clone())
                .await
                .expect("assigned");
            access::account::give_role(&mut tx, clock.as_ref(), &mut rng, "test", None, *role, span)
                .await
                .expect("given");
        }
        tx.commit().await.expect("commit");
    }

    pub(crate) fn window(&self) -> Window<'_> {
        Window {
            db: &self.test.db,
            clock: self.test.clock.as_ref(),
            organisation: &self.organisation,
            library: &self.library,
            is_live: &always,
            writes: false,
        }
    }

    pub(crate) fn desk<'a>(&'a self, who: &'a Principal) -> Desk<'a> {
        Desk { db: &self.test.db, clock: self.test.clock.as_ref(), organisation: &self.organisation, who }
    }

    /// Looks after the automatic answers.
    pub(crate) fn coordinator(&self) -> Principal {
        principal("coordinator", Role::Coordinator, None)
    }

    /// A citizen begins a conversation.
    pub(crate) async fn begin(&self, words: &str) -> Receipt {
        let mut rng = self.test.rng();
        let submission = knowledge::question::new_submission(&mut rng);
        citizen::begin(self.window(), &mut rng, &submission, Lang::Ja, words).await.expect("begun")
    }

    /// A citizen says something more.
    pub(crate) async fn say(&self, contact: &str, n: u32, words: &str) -> i64 {
        citizen::say(self.window(), &mut self.test.rng(), contact, &client(n), words).await.expect("said")
    }

    /// A citizen who waits for a person.
    pub(crate) async fn waiting(&self) -> Receipt {
        let receipt = self.begin("人と話したいです").await;
        assert_eq!(self.contact(&receipt.id).await.state, contact::State::Waiting);
        receipt
    }

    pub(crate) async fn contact(&self, id: &str) -> Contact {
        let mut tx = self.test.db.read().await.expect("read");
        contact::contact::get(&mut tx, id).await.expect("read").expect("there")
    }

    pub(crate) async fn messages(&self, id: &str) -> Vec<Message> {
        let mut tx = self.test.db.read().await.expect("read");
        contact::message::since(&mut tx, id, 0, 1000).await.expect("read")
    }

    pub(crate) async fn last(&self, id: &str) -> Message {
        self.messages(id).await.pop().expect("a message")
    }

    /// What happened, in order.
    pub(crate) async fn events(&self, id: &str) -> Vec<EventKind> {
        let mut tx = self.test.db.read().await.expect("read");
        contact::event::of(&mut tx, id).await.expect("read").into_iter().map(|e| e.kind).collect()
    }
}
