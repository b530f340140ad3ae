//! Two processes on one PostgreSQL database.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::TestDb;

use crate::server::form;
use crate::support::http::encode;
use crate::support::table::{lines, row, with};
use crate::support::{City, Said, Server, dictionary, tell, until};

/// The address of a left question's page.
fn address(sent: &crate::support::http::Answer) -> String {
    sent.is(303).header("location").expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_does_the_other_sees() {
    dictionary();
    let t = TestDb::empty_postgres().await;
    let city = City::demo_in(&t.address);
    let servers = [Server::of(&city), Server::of(&city)];
    let page = |server: &Server| server.get(&format!("/ask?q={}", encode("紫陽花の苗木")));
    for server in &servers {
        assert!(!page(server).is(200).body.contains("紫陽花の苗木をもらえますか"));
    }
    city.import("faq.csv", with(&[("question", "紫陽花の苗木をもらえますか")])).done();
    for (name, server) in ["first", "second"].iter().zip(&servers) {
        let (_, took) = until("the article is found", Duration::from_secs(30), || {
            page(server).body.contains("紫陽花の苗木をもらえますか").then_some(())
        });
        tell(&format!(
            "the {name} of two servers on PostgreSQL found an import {} ms after it was looked for",
            took.as_millis()
        ));
    }
    // A question that is left on one is seen on the other, at once.
    let sent = servers[0].request("POST", "/questions", &[], &form(7, "紫陽花はどこですか")).expect("an answer");
    let place = address(&sent);
    servers[1].get(&place).is(200).is_page();
    assert!(servers[1].get(&place).body.contains("紫陽花はどこですか"));
    // The same form sent to both is one question.
    let again = servers[1].request("POST", "/questions", &[], &form(7, "紫陽花はどこですか")).expect("an answer");
    assert_eq!(address(&again), place);
    // Taken back on one, it is taken back on the other.
    let path = place.split('?').next().expect("a path");
    servers[1].request("POST", &format!("{path}/withdrawal"), &[], "").expect("an answer").is(303);
    assert!(!servers[0].get(&place).is(200).body.contains("紫陽花はどこですか"));
    drop(servers);
    t.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_left_on_both_at_once_get_numbers_of_their_own() {
    dictionary();
    let t = TestDb::empty_postgres().await;
    let city = City::demo_in(&t.address);
    let servers = [Server::of(&city), Server::of(&city)];
    let leave = |n: u128| {
        // Every form goes to both servers: twice sent is once left.
        let sent = [&servers[0], &servers[1]]
            .map(|server| server.request("POST", "/questions", &[], &form(n, "質問です")).expect("an answer"));
        assert_eq!(address(&sent[0]), address(&sent[1]));
        address(&sent[0]).split('/').nth(2).expect("a number").to_owned()
    };
    let numbers: BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|t| scope.spawn(move || (0..5).map(|n| leave(1 + t * 5 + n)).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|t| t.join().expect("left")).collect()
    });
    // From 1 to 40 without a gap.
    let endings: BTreeSet<u32> =
        numbers.iter().map(|n| n.rsplit('-').next().expect("an ending").parse().expect("a number")).collect();
    assert_eq!(endings, (1..=40).collect());
    drop(servers);
    t.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_come_one_after_the_other() {
    let t = TestDb::empty_postgres().await;
    let city = City::demo_in(&t.address);
    let before = city.articles().lines().count();
    city.write("a.csv", lines((0..300).map(|n| row(&format!("row-{n}")))));
    city.write("b.csv", lines((0..300).map(|n| row(&format!("row-{}", 299 - n)))));
    let results: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = ["a.csv", "b.csv", "a.csv", "b.csv"]
            .map(|file| {
                let command = city.command(["import", "faq", file]);
                scope.spawn(move || Said::of(command).done())
            })
            .into_iter()
            .collect();
        threads.into_iter().map(|t| t.join().expect("imported")).collect()
    });
    let count = |words: &str| results.iter().filter(|r| r.starts_with(words)).count();
    assert_eq!(
        (count("300 new, 0 changed, 0 unchanged"), count("0 new, 0 changed, 300 unchanged")),
        (1, 3),
        "{results:?}"
    );
    assert_eq!(city.articles().lines().count(), before + 300);
    t.close().await;
}
