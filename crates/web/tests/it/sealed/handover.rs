//! Many cases go over at once, for good or for a vacation.

use std::time::Duration;

use axum::http::{StatusCode, header};
use calendar::Clock;
use casework::case::BULLYING;
use casework::member::{self, DeskRole};

use super::office::{Office, PASSPHRASE, written};
use crate::support::{Desk, Page};

const NEW: &str = "/sealed/hand-overs/new";
const NOTE: &str = "月曜の10時に、電話する約束があります。";
const DAY: Duration = Duration::from_secs(86_400);

/// Cases of 相談員 1, by what was said first.
async fn cases(office: &Office, desk: &Desk<'_>, owner: &str, words: &[&str]) -> Vec<String> {
    let account = office.account(owner).await;
    let mut ids = Vec::new();
    for words in words {
        let (case, _) = office.told(words).await;
        written(desk, &case, "hand-overs", &[("to", &account), ("note", "")]).await;
        ids.push(case);
    }
    ids
}

fn form<'a>(from: &'a str, to: &'a str, cases: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    let mut form = vec![("from", from), ("to", to), ("lasts", "always"), ("until", ""), ("note", NOTE)];
    form.extend(cases.iter().map(|case| ("case", *case)));
    form
}

fn with<'a>(form: &[(&'static str, &'a str)], name: &'static str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    form.iter().map(|(n, v)| (*n, if *n == name { value } else { *v })).collect()
}

/// The boxes of a page: case, and whether it is marked.
fn boxes(page: &Page) -> Vec<(String, bool)> {
    let fields = page.main().split("name=\"case\" value=\"").skip(1);
    fields
        .map(|part| {
            (
                part.split('"').next().expect("a value").to_owned(),
                part.split('>').next().expect("its end").ends_with("checked"),
            )
        })
        .collect()
}

async fn is_of(desk: &Desk<'_>, case: &str, name: &str) -> bool {
    desk.get(&format!("/sealed/cases/{case}")).await.main().contains(&format!("担当 <b>{name}</b>"))
}

testkit::on_both_engines! {
    async fn many_cases_go_over_at_once(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let page = desk.get(NEW).await;
        assert!(page.main().contains("引き継ぐ事案は、ありません"), "{}", page.main());
        let ids = cases(&office, &desk, "ijime-1", &["くつをかくされました。", "もう消えたい。死にたい。", "わるくちを言われます。"]).await;
        for (path, is_led) in [("/sealed".to_owned(), true), (format!("/sealed/cases/{}/hand-overs/new", ids[0]), true), (format!("/sealed/cases/{}/notes/new", ids[0]), false)] {
            assert_eq!(desk.get(&path).await.main().contains(NEW), is_led, "{path}");
        }
        let page = desk.get(NEW).await;
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let shown = boxes(&page);
        assert!(shown.len() == 3 && shown.iter().all(|(_, marked)| *marked), "{shown:?}");
        assert_eq!(shown[0].0, ids[1], "danger signs first");
        for part in ["わたし（3件）", "いじめ相談 相談員 2", "東小学校", "危険のしるし", "初動まで"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        let (one, two) = (office.account("ijime-1").await, office.account("ijime-2").await);
        let takers = page.main().split("name=\"to\"").nth(1).expect("takers").split("</select>").next().expect("its end");
        assert!(takers.contains(&two) && !takers.contains(&one), "{takers}");

        // What is wrong stands beside its field, and nothing that was typed or marked is lost.
        let right = form(&one, &two, &[&ids[0], &ids[1]]);
        let yesterday = office.city.test.clock.now().minus(DAY).jst_date().to_string();
        let none = form(&one, &two, &[]);
        let vacation = with(&right, "lasts", "vacation");
        for (wrong, sentence) in [
            (with(&right, "to", ""), "引き継ぐ相手を選んでください"),
            (with(&right, "to", &one), "引き継ぐ相手を選んでください"),
            (with(&right, "to", "kaifuku-1"), "引き継ぐ相手を選んでください"),
            (with(&right, "note", " "), "つぎの担当に伝えることを書いてください"),
            (with(&right, "lasts", ""), "「ずっと」か「休みのあいだ」を選んでください"),
            (vacation.clone(), "日付を入れてください"),
            (with(&vacation, "until", "あした"), "日付ではありません"),
            (with(&vacation, "until", &yesterday), "きょうか、それよりあとの日にしてください"),
            (none, "引き継ぐ事案に、印を付けてください"),
        ] {
            let page = desk.post("/sealed/hand-overs", &wrong).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
            assert!(page.main().contains(sentence), "{sentence}: {}", page.main());
            let marked: Vec<String> = boxes(&page).into_iter().filter(|(_, marked)| *marked).map(|(id, _)| id).collect();
            assert_eq!(marked.len(), wrong.iter().filter(|(name, _)| *name == "case").count(), "{sentence}");
            assert!(page.main().contains(NOTE) || !wrong.contains(&("note", NOTE)), "{sentence}");
        }
        assert!(is_of(&desk, &ids[0], "いじめ相談 相談員 1").await, "nothing was done");

        // A last day that stands there from before counts for a vacation alone.
        let page = desk.post("/sealed/hand-overs", &with(&right, "until", &yesterday)).await;
        assert_eq!(page.location(), "/sealed?done=cases-handed-over", "{}", page.body);
        assert!(desk.get(page.location()).await.main().contains("選んだ事案を、すべて引き継ぎました"));
        for (case, name) in [(&ids[0], "いじめ相談 相談員 2"), (&ids[1], "いじめ相談 相談員 2"), (&ids[2], "いじめ相談 相談員 1")] {
            assert!(is_of(&desk, case, name).await, "{case}");
            let page = desk.get(&format!("/sealed/cases/{case}")).await;
            assert_eq!(page.main().contains(NOTE), name.ends_with('2'), "the note is in each that went");
        }
        let page = office.at_desk("ijime-2").await.get("/sealed?tab=mine").await;
        assert!(page.main().contains(&ids[0]) && page.main().contains(&ids[1]) && !page.main().contains(&ids[2]));
    }

    async fn a_deputy_stands_in_until_a_day(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let ids = cases(&office, &desk, "ijime-1", &["くつをかくされました。"]).await;
        let (one, two) = (office.account("ijime-1").await, office.account("ijime-2").await);
        let last = office.city.test.clock.now().plus(DAY * 3).jst_date();
        let until = last.to_string();
        let over = with(&with(&form(&one, &two, &[&ids[0]]), "lasts", "vacation"), "until", &until);
        assert_eq!(desk.post("/sealed/hand-overs", &over).await.status, StatusCode::SEE_OTHER);
        let said = format!("代理 {}月{}日", last.month(), last.day());
        for path in ["/sealed".to_owned(), format!("/sealed/cases/{}", ids[0])] {
            let page = desk.get(&path).await;
            assert!(page.main().contains(&said) && page.main().contains("いじめ相談 相談員 2"), "{path}: {}", page.main());
        }
        office.city.test.clock.advance(DAY * 4);
        let desk = office.at_desk("ijime-1").await;
        assert!(!desk.get("/sealed").await.main().contains("代理"));
        assert!(is_of(&desk, &ids[0], "いじめ相談 相談員 1").await, "the earlier one answers again");
        assert!(!desk.get(&format!("/sealed/cases/{}", ids[0])).await.main().contains("class=\"tag\">代理"));
    }

    /// Somebody fell ill: another takes over what they read themselves. Of what cannot go over they are told why.
    async fn anothers_cases_are_taken_over_and_those_that_stay_are_named(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let ids = cases(&office, &desk, "ijime-2", &["くつをかくされました。", "わるくちを言われます。"]).await;
        let own = cases(&office, &desk, "ijime-1", &["なかまはずれにされます。"]).await;
        let (one, two) = (office.account("ijime-1").await, office.account("ijime-2").await);
        let page = desk.get(&format!("{NEW}?from={two}")).await;
        assert!(page.main().contains("いじめ相談 相談員 2（2件）") && boxes(&page).len() == 2, "{}", page.main());
        for unknown in ["", "?from=nobody", "?from=00000000-0000-4000-8000-000000000000"] {
            assert_eq!(boxes(&desk.get(&format!("{NEW}{unknown}")).await), [(own[0].clone(), true)], "{unknown}");
        }
        assert_eq!(desk.post("/sealed/hand-overs", &form(&two, &one, &[&ids[0]])).await.status, StatusCode::SEE_OTHER);
        assert!(is_of(&desk, &ids[0], "いじめ相談 相談員 1").await);

        // The other reads one of three no more; one went to somebody else while the list stood on the screen.
        let removal = format!("/sealed/cases/{}/readers/{two}/removal", ids[0]);
        assert_eq!(desk.post(&removal, &[]).await.status, StatusCode::SEE_OTHER);
        let page = desk.post("/sealed/hand-overs", &form(&one, &two, &[&ids[0], &own[0], &ids[1]])).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(!page.headers.contains_key(header::LOCATION), "nothing of it in an address");
        for part in ["1件を、いじめ相談 相談員 2さんに引き継ぎました", "つぎの2件は", "読める相談員でなければなりません", "もうほかの人にかわっています", NOTE] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert_eq!(boxes(&page), [(ids[0].clone(), true)], "what stayed is still marked");
        let page = desk.post("/sealed/hand-overs", &form(&one, &two, &[&ids[0]])).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.main().contains("引き継げませんでした"), "{}", page.main());
    }

    async fn without_another_consultant_there_is_nobody_to_take_over(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        cases(&office, &desk, "ijime-1", &["くつをかくされました。"]).await;
        let two = office.account("ijime-2").await;
        member::leave(office.premises().await.house(), "command-line", BULLYING, &two, DeskRole::Consultant).await.expect("left");
        let page = desk.get(NEW).await;
        assert!(page.main().contains("引き継げる相談員が、ほかにいません") && boxes(&page).is_empty(), "{}", page.main());
        // Somebody who has made no key yet can take none.
        office.join("kankyo-sakusei", DeskRole::Consultant).await;
        assert!(desk.get(NEW).await.main().contains("引き継げる相談員が、ほかにいません"));
    }

    async fn only_consultants_hand_over_and_a_locked_desk_keeps_the_form(test: TestDb) {
        let office = Office::open(test).await;
        let desk = office.at_desk("ijime-1").await;
        let ids = cases(&office, &desk, "ijime-1", &["くつをかくされました。", "わるくちを言われます。"]).await;
        let (one, two) = (office.account("ijime-1").await, office.account("ijime-2").await);
        let over = form(&one, &two, &[&ids[0], &ids[1]]);
        for login in ["ijime-kantoku", "kaifuku-1"] {
            let other = office.at_desk(login).await;
            assert_eq!(other.get(NEW).await.status, StatusCode::NOT_FOUND, "{login}");
            assert_eq!(other.post("/sealed/hand-overs", &over).await.status, StatusCode::NOT_FOUND, "{login}");
        }
        office.city.test.clock.advance(Duration::from_secs(15 * 60));
        let page = desk.post("/sealed/hand-overs", &over).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in ["書いたものは、この画面に残っています", NOTE, &ids[0], &ids[1]] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        // Shown once more, with the marks as they were, and not carried out.
        let again = [&form(&one, &two, &[&ids[0]])[..], &[("_again", "on"), ("_passphrase", PASSPHRASE)]].concat();
        let page = desk.post("/sealed/hand-overs", &again).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.main().contains(NOTE) && boxes(&page).iter().all(|(id, marked)| *marked == (*id == ids[0])));
        let page = desk.post("/sealed/hand-overs", &[&over[..], &[("_passphrase", PASSPHRASE)]].concat()).await;
        assert_eq!(page.location(), "/sealed?done=cases-handed-over", "{}", page.body);
    }
}
