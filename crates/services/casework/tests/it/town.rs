//! A desk of a test city.

use std::time::Duration;

use calendar::BusinessCalendar;
use casework::case::{self, BULLYING, NewCase};
use casework::entry::{By, Channel, Speaker, What, Wishes};
use casework::member::{self, DeskRole};
use casework::outer::Memory;
use casework::participant::{self, Invite, Item, PartnerKind};
use casework::report::{self, Reporter};
use casework::{House, Kinds, Unlocked};
use store::params;
use testkit::TestDb;
use vault::receipt::Receipt;

pub(crate) const PASSPHRASE: &str = "やさしい 風が 庭を 通る";
/// How long closed cases are kept here.
pub(crate) const KEPT: Duration = Duration::from_secs(5 * 365 * 86_400);

pub(crate) struct Town {
    pub(crate) test: TestDb,
    pub(crate) outer: Memory,
    calendar: BusinessCalendar,
    pub(crate) kinds: Kinds,
}

/// Only 相談員三 and the partner 三 work elsewhere too.
fn sections(account: &str) -> Vec<String> {
    if matches!(account, "c3" | "p3") { vec!["school".into()] } else { Vec::new() }
}

impl Town {
    /// A bullying desk with three consultants: 相談員一, 二 and 三; 三 is assigned to the section `school`.
    pub(crate) async fn found(test: TestDb) -> Town {
        let (calendar, kinds) = (BusinessCalendar::default(), Kinds::default());
        let town = Town { test, outer: Memory::default(), calendar, kinds };
        for account in ["c1", "c2", "c3"] {
            town.join(account).await;
        }
        town
    }

    pub(crate) async fn join(&self, account: &str) {
        member::join(self.house(), "account:admin", BULLYING, account, DeskRole::Consultant, "異動のため")
            .await
            .expect("joined");
        member::make_key(self.house(), self.rng(), account, account, PASSPHRASE).await.expect("a key");
    }

    /// Officers of the desk, with keys of their own.
    pub(crate) async fn officers(&self, accounts: &[&str]) {
        for account in accounts {
            member::join(self.house(), "account:admin", BULLYING, account, DeskRole::Officer, "異動のため")
                .await
                .expect("joined");
            member::make_key(self.house(), self.rng(), account, account, PASSPHRASE).await.expect("a key");
        }
    }

    /// Partners of the desk, with keys of their own.
    pub(crate) async fn partners(&self, accounts: &[&str]) {
        for account in accounts {
            member::join(self.house(), "account:admin", BULLYING, account, DeskRole::Partner, "異動のため")
                .await
                .expect("joined");
            member::make_key(self.house(), self.rng(), account, account, PASSPHRASE).await.expect("a key");
        }
    }

    /// The version of a case as it stands.
    pub(crate) async fn version(&self, who: &Unlocked, case: &str) -> i64 {
        case::view(self.house(), who, case).await.expect("viewed").clear.version
    }

    /// A participant of a case, who comes from welfare.
    pub(crate) async fn invited(&self, who: &Unlocked, case: &str, account: &str) -> String {
        let seen = self.version(who, case).await;
        let invite = invite(account, PartnerKind::Welfare);
        participant::invite(self.house(), self.rng().as_mut(), who, case, seen, invite).await.expect("invited").1
    }

    /// Discloses an entry of a case.
    pub(crate) async fn disclosed(
        &self,
        who: &Unlocked,
        case: &str,
        to: &str,
        items: &[Item],
    ) -> casework::Result<case::View> {
        let seen = case::view(self.house(), who, case).await?.clear.version;
        participant::disclose(self.house(), self.rng().as_mut(), who, case, seen, (to, items)).await
    }

    /// Actions of the audit chain that begin with a word, in order, with actor and fields.
    pub(crate) async fn chain(&self, begins: &str) -> Vec<String> {
        let rows = self.rows("SELECT actor, action, fields FROM audit_event ORDER BY at, stream, seq").await;
        let told = rows.iter().map(|row| {
            let [actor, action, fields] = ["actor", "action", "fields"].map(|c| row.get::<String>(c).expect("text"));
            format!("{actor} {action} {fields}")
        });
        told.filter(|line| line.split(' ').nth(1).is_some_and(|action| action.starts_with(begins))).collect()
    }

    pub(crate) fn house(&self) -> House<'_> {
        House {
            db: &self.test.db,
            clock: self.test.clock.as_ref(),
            outer: &self.outer,
            cost: vault::Cost::for_tests(),
            calendar: &self.calendar,
            sections: &sections,
            kept: KEPT,
            kinds: &self.kinds,
        }
    }

    pub(crate) fn rng(&self) -> Box<dyn rand::Rng + Send> {
        (self.test.entropy_source())()
    }

    /// Somebody's desk, unlocked.
    pub(crate) async fn unlocked(&self, account: &str) -> Unlocked {
        let cookie = member::unlock(self.house(), self.rng().as_mut(), account, PASSPHRASE).await.expect("unlocked");
        member::unlocked(self.house(), account, &cookie).await.expect("open")
    }

    /// A child tells something.
    pub(crate) async fn told(&self, words: &str) -> (Receipt, Reporter) {
        let (receipt, _) =
            report::begin(self.house(), self.rng(), self.case_of(words, By::Reporter)).await.expect("begun");
        let again = Receipt::parse(&receipt.shown()).expect("read");
        let reporter = report::unlock(self.house(), again).await.expect("opened");
        (receipt, reporter)
    }

    pub(crate) fn case_of<'a>(&self, words: &'a str, by: By) -> NewCase<'a> {
        NewCase {
            desk: BULLYING,
            channel: Channel::Web,
            speaker: Speaker::Child,
            school: "東小学校",
            words,
            wishes: Wishes::default(),
            signs: Vec::new(),
            by,
        }
    }

    /// Writes into a case as it stands.
    pub(crate) async fn write(&self, who: &Unlocked, case: &str, what: Vec<What>) -> casework::Result<case::View> {
        let seen = case::view(self.house(), who, case).await?;
        case::add(self.house(), self.rng().as_mut(), who, case, seen.clear.version, what).await
    }

    pub(crate) async fn rows(&self, sql: &'static str) -> Vec<store::Row> {
        let mut tx = self.test.db.read().await.expect("read");
        tx.rows(sql, params![]).await.expect("rows")
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.rows(sql).await[0].get("n").expect("a number")
    }
}

pub(crate) fn invite(account: &str, kind: PartnerKind) -> Invite<'_> {
    Invite {
        account, kind, reaches_school: false, purpose: "家庭の支援を考える", consent: "保護者、11月20日、面談で"
    }
}

/// Something of its own to disclose.
pub(crate) fn item(title: &str, words: &str) -> Item {
    Item { from_entry: None, title: title.into(), words: Some(words.into()) }
}

pub(crate) fn words(view: &case::View) -> Vec<String> {
    view.file
        .entries
        .iter()
        .filter_map(|placed| match &placed.entry.what {
            What::Said { words } | What::Note { words } => Some(words.clone()),
            _ => None,
        })
        .collect()
}
