//! A small town with people at its desk.

use access::{Principal, Role};
use calendar::Clock;
use city::{Lang, Organisation, Profile};
use knowledge::desk::Desk;
use knowledge::draft::{self, ApproveOutcome, Changes, Draft, Opening, SaveOutcome};
use knowledge::{Article, Content, KnowledgeError, import};
use store::Tx;
use testkit::TestDb;

use crate::library::demo;

/// Does something in a transaction that is stored if it went well.
macro_rules! within {
    ($db:expr, $tx:ident => $work:expr) => {{
        let mut $tx = $db.write().await.expect("write");
        let outcome = $work;
        if outcome.is_ok() {
            $tx.commit().await.expect("commit");
        }
        outcome
    }};
}
pub(crate) use within;

pub(crate) struct Town {
    pub(crate) organisation: Organisation,
    /// Writes for the section of waste.
    pub(crate) author: Principal,
    /// Writes there too.
    pub(crate) second: Principal,
    /// Approves there.
    pub(crate) approver: Principal,
    /// Writes and approves there.
    pub(crate) manager: Principal,
    /// Approves in another section.
    pub(crate) stranger: Principal,
    /// Everything, in the whole city.
    pub(crate) coordinator: Principal,
}

fn principal(account: &str, role: Role, section: Option<&str>) -> Principal {
    Principal {
        account: account.into(),
        name: role.name().into(),
        sections: section.map(str::to_owned).into_iter().collect(),
        roles: vec![(role, section.map(str::to_owned))],
    }
}

impl Town {
    pub(crate) async fn found(test: &TestDb) -> Town {
        let read = |name: &str| std::fs::read_to_string(demo().join(name)).expect("demo file");
        let (mut rng, clock) = (test.rng(), test.clock.clone());
        let from = "2026-04-01".parse().expect("date");
        let mut tx = test.db.write().await.expect("write");
        let sections = city::sections_from_toml(&read("sections.toml"), "sections.toml", from).expect("sections");
        city::store::insert_sections(&mut tx, clock.as_ref(), &mut rng, &sections).await.expect("stored");
        let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
        city::store::save_profile(&mut tx, &profile).await.expect("stored");
        tx.commit().await.expect("commit");
        Town {
            organisation: Organisation::load(&test.db).await.expect("organisation"),
            author: principal("author", Role::Author, Some("kankyo")),
            second: principal("second", Role::Author, Some("kankyo")),
            approver: principal("approver", Role::Approver, Some("kankyo")),
            manager: principal("manager", Role::Manager, Some("kankyo")),
            stranger: principal("stranger", Role::Manager, Some("kokuho")),
            coordinator: principal("coordinator", Role::Coordinator, None),
        }
    }

    pub(crate) fn desk<'a>(&'a self, who: &'a Principal, test: &'a TestDb) -> Desk<'a> {
        Desk { who, organisation: &self.organisation, clock: test.clock.as_ref() }
    }

    /// Opens and saves a 原稿 of an article with another summary.
    pub(crate) async fn written(&self, test: &TestDb, code: &str, summary: &str) -> (Draft, i64) {
        let desk = self.desk(&self.author, test);
        let mut rng = test.rng();
        let outcome = within!(test.db, tx => {
            let draft = draft::open(&mut tx, &desk, &mut rng, Opening::Article { code }).await.expect("opened");
            let changes = summarised(&draft, summary);
            let saved = draft::save(&mut tx, &desk, &mut rng, &draft.id, draft.edit, changes).await;
            saved.map(|saved| (draft, saved))
        });
        match outcome.expect("saved") {
            (draft, SaveOutcome::Saved { edit }) => (draft, edit),
            other => panic!("{other:?}"),
        }
    }

    /// The same, submitted.
    pub(crate) async fn submitted(&self, test: &TestDb, code: &str, summary: &str) -> (Draft, i64) {
        let (draft, edit) = self.written(test, code, summary).await;
        let desk = self.desk(&self.author, test);
        within!(test.db, tx => draft::submit(&mut tx, &desk, &draft.id, edit).await).expect("submitted");
        (draft, edit)
    }

    pub(crate) async fn approve(
        &self,
        test: &TestDb,
        who: &Principal,
        draft: &str,
        edit: i64,
    ) -> Result<ApproveOutcome, KnowledgeError> {
        let desk = self.desk(who, test);
        let mut rng = test.rng();
        within!(test.db, tx => draft::approve(&mut tx, &desk, &mut rng, draft, edit).await)
    }
}

/// The 原稿 with another summary.
pub(crate) fn summarised(draft: &Draft, summary: &str) -> Changes {
    let mut content = draft.content.clone();
    content.texts.get_mut(&Lang::Ja).expect("ja").summary = summary.into();
    Changes { code: draft.code.clone(), content, note: "要約を直した".into() }
}

/// A file of articles of the section of waste; `more` stands in each.
pub(crate) fn file(codes: &[&str], summary: &str, more: &str) -> String {
    let article = |code: &&str| {
        format!(
            "[[article]]\ncode='{code}'\nquestion='{code}はいつですか'\nsummary='{summary}'\nanswer='本文'\n\
             topics=['waste']\nsection='kankyo'\nchecked_on=2026-11-01\n{more}\n"
        )
    };
    codes.iter().map(article).collect()
}

pub(crate) async fn bring_in(test: &TestDb, file: &str) {
    let incoming = import::read_toml(&[("faq.toml", file)]).expect("articles");
    let today = test.clock.now().jst_date();
    import::store(&test.db, test.clock.as_ref(), &mut test.rng(), &incoming, today, false).await.expect("stored");
}

pub(crate) async fn article(test: &TestDb, code: &str) -> Article {
    let mut tx = test.db.read().await.expect("read");
    let all = knowledge::store::article::all_articles(&mut tx).await.expect("articles");
    all.into_iter().find(|a| a.code == code).expect("article")
}

pub(crate) fn summary(content: &Content) -> &str {
    &content.text(Lang::Ja).0.summary
}

/// The audit events of a kind of record, oldest first.
pub(crate) async fn audited(tx: &mut Tx, kind: &str) -> Vec<(String, String, String)> {
    let rows = tx
        .rows(
            "SELECT actor, action, fields FROM audit_event WHERE object_kind = $1 ORDER BY at, stream, seq",
            store::params![kind],
        )
        .await
        .expect("events");
    let text = |row: &store::Row, column: &str| row.get::<String>(column).expect("text");
    rows.iter().map(|r| (text(r, "actor"), text(r, "action"), text(r, "fields"))).collect()
}
