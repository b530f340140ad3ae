//! A talk while it is open, and forms that are sent more than once.

use std::time::Duration;

use casework::attachment::{self, FolderBlobs};
use casework::entry::{By, What};
use casework::session::{self, FormToken};
use casework::{CaseError, report};
use testkit::on_both_engines;
use vault::receipt::Receipt;

use crate::town::Town;

fn said(text: &str) -> What {
    What::Said { words: text.into() }
}

fn form(town: &Town) -> FormToken {
    FormToken::new(town.rng().as_mut())
}

fn heard(talk: &report::Talk) -> Vec<&str> {
    let words = talk.entries.iter().filter_map(|placed| match &placed.entry.what {
        What::Said { words } => Some(words.as_str()),
        _ => None,
    });
    words.collect()
}

on_both_engines! {
    async fn a_form_that_is_sent_twice_begins_one_case_and_shows_one_receipt(t: TestDb) {
        let town = Town::found(t).await;
        let form = form(&town);
        let mut receipts = Vec::new();
        for words in ["たたかれます", "もう一度おしました"] {
            let new = town.case_of(words, By::Reporter);
            receipts.push(session::begin(town.house(), town.rng(), &form, new).await.expect("begun"));
        }
        assert_eq!(*receipts[0].shown(), *receipts[1].shown());
        // At the same time, too.
        let both = FormToken::new(town.rng().as_mut());
        let send = || session::begin(town.house(), town.rng(), &both, town.case_of("いっしょに", By::Reporter));
        let (one, other) = tokio::join!(send(), send());
        assert_eq!(*one.expect("begun").shown(), *other.expect("begun").shown());
        assert_eq!(town.number("SELECT count(*) AS n FROM sealed_case").await, 2);
        let typed = Receipt::parse(&receipts[1].shown()).expect("a receipt");
        let child = report::unlock(town.house(), typed).await.expect("opened");
        assert_eq!(heard(&report::read(town.house(), &child).await.expect("read")), ["たたかれます"]);
        // Another form is another case.
        let new = town.case_of("べつの話", By::Reporter);
        let again = session::begin(town.house(), town.rng(), &self::form(&town), new).await.expect("begun");
        assert_ne!(*again.shown(), *receipts[0].shown());
    }

    async fn a_talk_stays_open_for_a_quarter_of_an_hour_of_rest(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("こわいです").await;
        let token = session::open(town.house(), town.rng().as_mut(), &child).await.expect("opened");
        for _ in 0..3 {
            town.test.clock.advance(session::IDLE - Duration::from_millis(1));
            assert_eq!(session::sweep(town.house()).await.expect("swept"), 0);
            let who = session::reporter(town.house(), &token).await.expect("still open");
            assert_eq!(who.case, child.case);
            assert_eq!(heard(&report::read(town.house(), &who).await.expect("read")), ["こわいです"]);
        }
        town.test.clock.advance(session::IDLE);
        assert!(matches!(session::reporter(town.house(), &token).await, Err(CaseError::Locked)));
        assert_eq!(town.number("SELECT count(*) AS n FROM report_session").await, 0);
        // One that nobody asks for again is swept.
        session::open(town.house(), town.rng().as_mut(), &child).await.expect("opened");
        town.test.clock.advance(session::IDLE);
        assert_eq!(session::sweep(town.house()).await.expect("swept"), 1);
    }

    async fn nothing_else_opens_a_talk_and_closing_ends_it(t: TestDb) {
        let town = Town::found(t).await;
        let ((_, child), (_, other)) = (town.told("わたしの").await, town.told("べつの人の").await);
        let own = session::open(town.house(), town.rng().as_mut(), &child).await.expect("opened");
        let theirs = session::open(town.house(), town.rng().as_mut(), &other).await.expect("opened");
        let part = |token: &str, n: usize| token.split('.').nth(n).expect("a part").to_owned();
        let mix = |id: &str, locator: &str, secret: &str| format!("{}.{}.{}", part(id, 0), part(locator, 1), part(secret, 2));
        for wrong in [
            mix(&own, &own, &theirs), mix(&own, &theirs, &own), mix(&theirs, &own, &own), mix(&own, &theirs, &theirs),
            String::new(), "..".into(), own[..own.len() - 1].to_owned(), format!("{}x", *own),
        ] {
            assert!(matches!(session::reporter(town.house(), &wrong).await, Err(CaseError::Locked)), "{wrong}");
            session::close(town.house(), &wrong).await.expect("nothing is closed");
        }
        assert_eq!(town.number("SELECT count(*) AS n FROM report_session").await, 2);
        session::close(town.house(), &own).await.expect("closed");
        session::close(town.house(), &own).await.expect("again");
        assert!(matches!(session::reporter(town.house(), &own).await, Err(CaseError::Locked)));
        assert_eq!(session::reporter(town.house(), &theirs).await.expect("open").case, other.case);
    }

    async fn what_is_said_twice_stands_once(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("はじめの話").await;
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = FolderBlobs::open(folder.path()).expect("opened");
        let once = form(&town);
        for first in [true, false] {
            let done = session::say(town.house(), town.rng().as_mut(), &child, &once, vec![said("つづき")]).await;
            assert_eq!(done.expect("said"), first);
        }
        let once = form(&town);
        for first in [true, false] {
            assert_eq!(session::was_sent(town.house(), &once).await.expect("read"), !first);
            let mut upload = attachment::begin_by_reporter(town.house(), town.rng().as_mut(), &blobs, &child, "メモ.txt").await.expect("begun");
            upload.take("日記".as_bytes()).expect("taken");
            let files = vec![upload.finish().expect("whole")];
            let done = session::attach(town.house(), town.rng().as_mut(), &blobs, &child, &once, ("見てください", files)).await;
            assert_eq!(done.expect("attached"), first);
        }
        let talk = report::read(town.house(), &child).await.expect("read");
        assert_eq!(heard(&talk), ["はじめの話", "つづき", "見てください"]);
        assert_eq!(talk.entries.len(), 4, "and one file");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left of the second");
        // What cannot be said leaves the form free.
        let wrong = form(&town);
        let refused = session::say(town.house(), town.rng().as_mut(), &child, &wrong, vec![said("よい"), said(" ")]).await;
        assert!(matches!(refused, Err(CaseError::Field { field: "words", .. })), "{refused:?}");
        assert!(!session::was_sent(town.house(), &wrong).await.expect("read"));
        assert_eq!(heard(&report::read(town.house(), &child).await.expect("read")).len(), 3);
        // Forms are forgotten after a day.
        town.test.clock.advance(session::FORM_KEPT);
        session::sweep(town.house()).await.expect("swept");
        assert_eq!(town.number("SELECT count(*) AS n FROM report_form").await, 0);
        assert!(FormToken::parse("x").is_err() && FormToken::parse(once.shown()).is_ok());
    }

    /// Neither sessions nor forms say of which case they are, and nothing in them opens one.
    async fn stolen_sessions_say_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let token = form(&town);
        let receipt = session::begin(town.house(), town.rng(), &token, town.case_of("体育館のうら", By::Reporter)).await.expect("begun");
        let child = report::unlock(town.house(), receipt.clone()).await.expect("opened");
        let open = session::open(town.house(), town.rng().as_mut(), &child).await.expect("opened");
        let mut all = String::new();
        for sql in ["SELECT * FROM report_session", "SELECT * FROM report_form"] {
            let rows = town.rows(sql).await;
            assert_eq!(rows.len(), 1);
            all.push_str(&format!("{rows:?}"));
        }
        let digits: String = receipt.shown().chars().filter(char::is_ascii_digit).collect();
        let secret = open.rsplit('.').next().expect("a secret");
        for part in [child.case.as_str(), &receipt.locator(), &digits[6..22], token.shown(), secret] {
            assert!(!all.contains(part), "{part} is in the database");
        }
    }
}
