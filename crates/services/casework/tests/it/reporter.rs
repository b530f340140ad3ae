//! The reporter's side: without a name, answered all the same.

use std::time::Duration;

use casework::entry::{Consent, What, Wishes};
use casework::{CaseError, case, report};
use testkit::on_both_engines;
use vault::receipt::Receipt;

use crate::town::{Town, words};

fn said(text: &str) -> What {
    What::Said { words: text.into() }
}

on_both_engines! {
    async fn a_child_tells_is_answered_and_talks_on(t: TestDb) {
        let town = Town::found(t).await;
        let (receipt, child) = town.told("休み時間に、たたかれます").await;
        let desk = town.unlocked("c1").await;
        let listed = case::list(town.house(), &desk, case::BULLYING).await.expect("listed");
        assert_eq!(listed.len(), 1);
        assert!(listed[0].clear.has_news);
        assert_eq!(listed[0].summary.as_ref().map(|s| s.begins.as_str()), Some("休み時間に、たたかれます"));
        let view = town.write(&desk, &child.case, vec![said("話してくれて、ありがとう。"), What::Note { words: "至急".into() }]).await.expect("written");
        assert!(!view.clear.has_news, "it was read");
        // The next day, with the paper.
        town.test.clock.advance(Duration::from_secs(86_400));
        let again = report::unlock(town.house(), Receipt::parse(&receipt.shown()).expect("read")).await.expect("opened");
        let talk = report::read(town.house(), &again).await.expect("read");
        let heard: Vec<_> = talk.entries.iter().filter_map(|p| match &p.entry.what { What::Said { words } => Some(words.as_str()), _ => None }).collect();
        assert_eq!(heard, ["休み時間に、たたかれます", "話してくれて、ありがとう。"]);
        assert!(talk.entries.iter().all(|p| p.entry.what.is_talk()), "nothing of what the desk keeps to itself");
        let wishes = Wishes { school_may_know: Consent::No, unwanted: "親に言わないで".into(), ..Wishes::default() };
        report::say(town.house(), town.rng().as_mut(), &again, What::Wished(wishes.clone())).await.expect("said");
        report::say(town.house(), town.rng().as_mut(), &again, said("きょうは、だいじょうぶでした")).await.expect("said");
        assert_eq!(report::read(town.house(), &again).await.expect("read").wishes, wishes);
        let view = case::view(town.house(), &desk, &child.case).await.expect("viewed");
        assert_eq!(view.file.wishes, wishes);
        assert_eq!(words(&view), ["休み時間に、たたかれます", "話してくれて、ありがとう。", "至急", "きょうは、だいじょうぶでした"]);
    }

    async fn a_wrong_receipt_is_told_the_same_whatever_is_wrong(t: TestDb) {
        let town = Town::found(t).await;
        let (receipt, _) = town.told("だれにも言えません").await;
        let mut other = receipt.locator();
        while other == receipt.locator() {
            other = Receipt::generate(town.rng().as_mut()).locator();
        }
        // Well formed, of nobody.
        let nobody = Receipt::generate(town.rng().as_mut());
        let answer = report::unlock(town.house(), nobody).await;
        assert!(matches!(answer, Err(CaseError::Wrong)), "{answer:?}");
        // Every receipt that differs from the right one in one digit of the secret and is well formed again.
        let digits: String = receipt.shown().chars().filter(char::is_ascii_digit).collect();
        let mut tried = 0;
        for place in 6..22 {
            for digit in '0'..='9' {
                let mut guess: Vec<char> = digits.chars().collect();
                guess[place] = digit;
                // ISO 7064 MOD 97-10: the two check digits follow from the others.
                let body: String = guess[..22].iter().collect();
                let rest = body.bytes().fold(0u32, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
                let check = 98 - rest * 100 % 97;
                let text = format!("{body}{:02}", check % 97);
                if text[..22] == digits[..22] {
                    continue;
                }
                let Ok(guess) = Receipt::parse(&text) else { continue };
                tried += 1;
                if tried % 8 == 0 {
                    let answer = report::unlock(town.house(), guess).await;
                    assert!(matches!(answer, Err(CaseError::Wrong)), "{answer:?}");
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }

    async fn what_is_not_theirs_is_not_written(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("こわいです").await;
        for what in [What::Note { words: "x".into() }, What::FirstAction { done: "x".into() }, said("  "), said(&"あ".repeat(10_001))] {
            assert!(report::say(town.house(), town.rng().as_mut(), &child, what).await.is_err());
        }
        assert_eq!(report::read(town.house(), &child).await.expect("read").entries.len(), 1);
    }

    async fn without_anybody_who_could_read_it_nothing_is_taken(t: TestDb) {
        let town = Town::found(t).await;
        for account in ["c1", "c2", "c3"] {
            casework::member::leave(town.house(), "account:admin", case::BULLYING, account, casework::member::DeskRole::Consultant).await.expect("left");
        }
        let new = town.case_of("だれか", casework::entry::By::Reporter);
        assert!(matches!(report::begin(town.house(), town.rng(), new).await, Err(CaseError::Rule(_))));
        assert_eq!(town.number("SELECT count(*) AS n FROM sealed_case").await, 0);
    }
}
