//! Around the sealed desk: members, recovery, break-glass, and what a supervisor sees.

use std::time::Duration;

use axum::http::StatusCode;
use casework::CaseError;
use testkit::on_both_engines;

use crate::bureau::{Bureau, PASSPHRASE};
use crate::support::{City, Desk, Page};

const PAGES: [&str; 7] = [
    "/sealed/members",
    "/sealed/recovery",
    "/sealed/recovery/set",
    "/sealed/recovery/rehearsal",
    "/sealed/recovery/restoration",
    "/sealed/glass",
    "/sealed/overdue",
];

/// The sheets as they are printed.
fn sheets(page: &Page) -> Vec<String> {
    let tables = page.main().split("class=\"deskcode\"").skip(1);
    tables
        .map(|table| {
            let table = &table[..table.find("</table>").expect("the end of a table")];
            let groups = table.split("<td>").skip(1).map(|cell| cell.split('<').next().expect("a group"));
            groups.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The part of a page about a field.
fn field<'a>(page: &'a Page, id: &str) -> &'a str {
    let from = page.main().find(&format!("for=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {}", page.main()));
    let rest = &page.main()[from..];
    &rest[..rest.find("</div>").expect("the end of a field")]
}

/// The numbers of the officers who are named between two parts of a page.
fn numbers(page: &Page, from: &str, to: &str) -> Vec<String> {
    let rest = &page.main()[page.main().find(from).expect("the first part") + from.len()..];
    let names = rest[..rest.find(to).expect("the second part")].split('、');
    let mut all: Vec<String> = names.map(|name| name.rsplit(' ').next().expect("a number").to_owned()).collect();
    all.sort();
    all
}

fn refused(page: &Page, sentence: &str) {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
    assert!(page.main().contains(sentence), "{sentence}: {}", page.main());
}

async fn officers(bureau: &Bureau<'_>) -> Vec<String> {
    let mut accounts = Vec::new();
    for n in 1..=5 {
        accounts.push(bureau.account(&format!("kaifuku-{n}")).await);
    }
    accounts
}

async fn join(desk: &Desk<'_>, login: &str, role: &str) -> Page {
    desk.post("/sealed/members", &[("login", login), ("role", role), ("reason", "春の異動で交代")]).await
}

/// A form that makes a set for the officers.
fn new_set<'a>(accounts: &'a [String], needed: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut form: Vec<(&str, &str)> = accounts.iter().map(|account| ("officer", account.as_str())).collect();
    form.push(("needed", needed));
    form
}

on_both_engines! {
    async fn nobody_else_finds_these_pages(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        let accounts = officers(&bureau).await;
        bureau.open("ijime-1").await.post("/sealed/recovery/set", &new_set(&accounts, "3")).await;
        for login in ["shimin-kanri", "chosei", "kansa", "kojin", "supervisor"] {
            let desk = city.staff(login).await;
            for path in PAGES {
                assert_eq!(desk.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
        }
        // Who works there sees what their role is for, and nothing of it is kept by a browser.
        let seen = [
            ("ijime-1", &["members", "recovery", "recovery/set", "recovery/rehearsal", "recovery/restoration"][..]),
            ("ijime-kantoku", &["members", "recovery", "recovery/set", "recovery/rehearsal", "recovery/restoration", "overdue"]),
            ("kaifuku-1", &["members", "recovery", "recovery/rehearsal", "recovery/restoration", "glass"]),
        ];
        for (login, own) in seen {
            let desk = bureau.open(login).await;
            for path in PAGES {
                let page = desk.get(path).await;
                let expected = if own.iter().any(|own| path == format!("/sealed/{own}")) { 200 } else { 404 };
                assert_eq!(page.status.as_u16(), expected, "{login} {path}");
                assert_eq!(page.headers["cache-control"], "no-store", "{login} {path}");
            }
        }
    }

    async fn a_forgotten_passphrase_is_mended_by_three_of_five(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        let accounts = officers(&bureau).await;
        let desk = bureau.open("ijime-1").await;
        assert!(desk.get("/sealed/recovery").await.main().contains("回復の紙は、まだありません"));
        assert_eq!(desk.get("/sealed/recovery/rehearsal").await.status, StatusCode::NOT_FOUND, "nothing to rehearse");
        let form = desk.get("/sealed/recovery/set").await;
        assert_eq!(form.main().matches(" checked").count(), 5, "all officers are proposed");
        refused(&desk.post("/sealed/recovery/set", &new_set(&accounts[..1], "2")).await, "2人から10人");
        let wrong = desk.post("/sealed/recovery/set", &new_set(&accounts[..2], "3")).await;
        refused(&wrong, "必要な枚数は2枚から担当者の人数までです");
        assert_eq!(wrong.main().matches(" checked").count(), 2, "what was chosen stays chosen");

        let made = desk.post("/sealed/recovery/set", &new_set(&accounts, "3")).await;
        assert_eq!(made.status, StatusCode::OK);
        assert_eq!(made.headers["cache-control"], "no-store");
        let sheets = sheets(&made);
        assert_eq!(sheets.len(), 5);
        assert!(sheets.iter().all(|sheet| sheet.replace(' ', "").len() == 72), "{sheets:?}");
        for part in ["5枚のうち3枚", "鍵の回復の担当 3", "写真をとらない"] {
            assert!(made.main().contains(part), "{part}");
        }
        let home = desk.get("/sealed/recovery").await;
        assert!(home.main().contains("この組では、まだ一度も練習していません"), "{}", home.main());
        assert!(!home.main().contains(&sheets[0][..4]), "shown once");

        // A rehearsal: which sheet is wrong is told beside it, and what was typed stays.
        let rehearse = async |typed: &[&str]| {
            let form: Vec<(&str, &str)> = typed.iter().map(|sheet| ("share", *sheet)).collect();
            desk.post("/sealed/recovery/rehearsal", &form).await
        };
        let few = rehearse(&[&sheets[0], &sheets[1], ""]).await;
        refused(&few, "3枚が要りますが、2枚です");
        assert!(field(&few, "share-2").contains(&sheets[1]));
        let mut spoilt = sheets[3].clone();
        let last = if spoilt.pop() == Some('0') { '1' } else { '0' };
        spoilt.push(last);
        let wrong = rehearse(&[&sheets[0], &spoilt, &sheets[4]]).await;
        refused(&wrong, "写しまちがい");
        assert!(field(&wrong, "share-2").contains("写しまちがい") && field(&wrong, "share-2").contains(&spoilt));
        assert!(!field(&wrong, "share-1").contains("写しまちがい"));
        let good = rehearse(&[&sheets[4].to_lowercase(), &sheets[0].replace(' ', ""), &sheets[2]]).await;
        assert_eq!(good.location(), "/sealed/recovery?done=rehearsed");
        let home = desk.get("/sealed/recovery?done=rehearsed").await;
        for part in ["紙から鍵ができました", "進めた人：いじめ相談 相談員 1"] {
            assert!(home.main().contains(part), "{part}: {}", home.main());
        }
        assert_eq!(numbers(&home, "使った紙：", "</p>"), ["1", "3", "5"]);

        // Somebody who has unlocked since then is covered; their case is read again under another passphrase.
        let case = bureau.case("ijime-1", "うわばきがない").await;
        bureau.open("ijime-2").await;
        let restore = async |first: &str, again: &str, typed: &[&str]| {
            let account = bureau.account("ijime-2").await;
            let mut form = vec![("account", account.as_str()), ("passphrase", first), ("again", again)];
            form.extend(typed.iter().map(|sheet| ("share", *sheet)));
            desk.post("/sealed/recovery/restoration", &form).await
        };
        let (new, three) = ("あたらしい 空と 川の うた", [sheets[1].as_str(), &sheets[2], &sheets[3]]);
        refused(&restore(new, "べつの ことば を いれた", &three).await, "2回のことばが同じではありません");
        let wrong = restore("みじかい", "みじかい", &three).await;
        refused(&wrong, "16文字以上か、4つ以上の単語");
        assert!(!wrong.body.contains("みじかい") && field(&wrong, "share-1").contains(&sheets[1]));
        refused(&restore(new, new, &three[..2]).await, "3枚が要りますが、2枚です");
        assert!(bureau.cookie("ijime-2", PASSPHRASE).await.is_ok(), "nothing has changed yet");
        assert_eq!(restore(new, new, &three).await.location(), "/sealed/recovery?done=key-restored");
        assert!(matches!(bureau.cookie("ijime-2", PASSPHRASE).await, Err(CaseError::Wrong)));
        let open = bureau.cookie("ijime-2", new).await.expect("unlocked");
        let who = casework::member::unlocked(bureau.premises.house(), &bureau.account("ijime-2").await, &open).await;
        casework::case::view(bureau.premises.house(), &who.expect("open"), &case).await.expect("their own key");
        let home = desk.get("/sealed/recovery").await;
        assert!(home.main().contains("<b>いじめ相談 相談員 2</b>"), "{}", home.main());
        assert_eq!(numbers(&home, "data-label=\"使った紙\">", "</td>"), ["2", "3", "4"]);

        // A new set ends the old sheets; without them it does so member by member.
        let again = desk.post("/sealed/recovery/set", &new_set(&accounts, "2")).await;
        refused(&again, "紙に書かれた文字を入れてください");
        let mut form = new_set(&accounts, "2");
        form.extend([("way", "with"), ("share", sheets[0].as_str()), ("share", &sheets[1]), ("share", &sheets[2])]);
        assert_eq!(self::sheets(&desk.post("/sealed/recovery/set", &form).await).len(), 5);
        refused(&rehearse(&[&sheets[0], &sheets[1], &sheets[2]]).await, "いま使える組の紙ではありません");
    }

    async fn two_officers_open_one_case(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        let case = bureau.case("ijime-1", "はなしたくないことば").await;
        let second = bureau.account("kaifuku-2").await;
        // Without an open desk there is nothing: a page leads to the lock, a form says so.
        let closed = city.staff("kaifuku-1").await;
        assert_eq!(closed.get("/sealed/glass").await.location(), "/sealed/unlock?next=/sealed/glass");
        refused(&closed.post("/sealed/glass", &[("case", &case), ("second", &second)]).await, "窓口が閉じています");

        let (one, two) = (bureau.open("kaifuku-1").await, bureau.open("kaifuku-2").await);
        let why = "相談員二人が入院して、だれも読めません";
        let ask = async |case: &str, second: &str, reason: &str| {
            one.post("/sealed/glass", &[("case", case), ("second", second), ("reason", reason)]).await
        };
        let unknown = ask("00000000", &second, why).await;
        refused(&unknown, "この番号札の事案は見つかりません");
        assert!(field(&unknown, "glass-reason").contains(why), "nothing typed is lost");
        refused(&ask(&case[..8], "", why).await, "もう一人の担当者を選んでください");
        refused(&ask(&case[..8], &second, " ").await, "理由を書いてください");
        assert_eq!(ask(&case[..8].to_uppercase(), &second, why).await.location(), "/sealed/glass?done=glass-asked");
        assert!(one.get("/sealed/glass").await.main().contains("待っています"));
        assert!(bureau.notes("kaifuku-1", &case).await.is_err(), "not yet");

        let page = two.get("/sealed/glass").await;
        for part in [why, "鍵の回復の担当 1", &case[..8]] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert!(!page.main().contains("はなしたくないことば"));
        let from = page.main().find("/agreement").expect("a form");
        let request = page.main()[..from].rsplit('/').next().expect("an id").to_owned();
        let agreement = format!("/sealed/glass/{request}/agreement");
        for other in [&bureau.open("kaifuku-3").await, &one] {
            assert!(!other.get("/sealed/glass").await.main().contains(why), "only the second reads why");
            assert_eq!(other.post(&agreement, &[]).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(two.post(&agreement, &[]).await.location(), "/sealed/glass?done=glass-agreed");
        let notes = bureau.notes("kaifuku-1", &case).await.expect("read");
        assert!(notes.iter().any(|note| note.contains(why)), "the desk is told: {notes:?}");
        assert!(bureau.notes("kaifuku-2", &case).await.is_err(), "who agrees does not read");
        assert!(one.get("/sealed/glass").await.main().contains(&format!("/sealed/cases/{case}")));

        // The desk sees who reads by the glass, and takes it away.
        let consultant = bureau.open("ijime-1").await;
        let members = consultant.get("/sealed/members").await;
        for part in ["読む権利が残っている人", "非常時の閲覧 1件"] {
            assert!(members.main().contains(part), "{part}: {}", members.main());
        }
        let done = consultant.post(&format!("/sealed/members/{}/removal", bureau.account("kaifuku-1").await), &[]).await;
        assert!(done.main().contains("<b>1件</b>の事案から外しました"), "{}", done.main());
        assert!(bureau.notes("kaifuku-1", &case).await.is_err(), "taken back");

        // Declined, it is gone; after a day nobody can agree any more.
        assert_eq!(ask(&case[..8], &second, why).await.location(), "/sealed/glass?done=glass-asked");
        let page = two.get("/sealed/glass").await;
        let from = page.main().find("/refusal").expect("a form");
        let request = page.main()[..from].rsplit('/').next().expect("an id").to_owned();
        assert_eq!(two.post(&format!("/sealed/glass/{request}/refusal"), &[]).await.location(), "/sealed/glass?done=glass-declined");
        assert_eq!(two.post(&format!("/sealed/glass/{request}/agreement"), &[]).await.status, StatusCode::NOT_FOUND);
        ask(&case[..8], &second, why).await;
        city.test.clock.advance(Duration::from_secs(25 * 3_600));
        assert!(!bureau.open("kaifuku-2").await.get("/sealed/glass").await.main().contains(why));
        assert!(bureau.open("kaifuku-1").await.get("/sealed/glass").await.main().contains("24時間がすぎました"));
    }

    async fn administrators_say_who_works_there_and_see_nothing_else(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        let days = |n: u64| city.test.clock.advance(Duration::from_secs(n * 86_400));
        let case = bureau.case("ijime-1", "はなしたくないことば").await;
        days(40);
        let admin = city.staff("kanri-1").await;
        let page = admin.get("/sealed/members").await;
        assert!(page.main().contains("いじめ相談 相談員 1") && !page.main().contains("加わりました</span>"));
        for path in PAGES.iter().filter(|path| **path != "/sealed/members") {
            assert_eq!(admin.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for (login, role, sentence) in [
            ("nobody", "consultant", "このログイン名の人はいません"),
            ("kyoi", "", "役目を選んでください"),
            ("kanri-1", "consultant", "自分自身を加えることはできません"),
            ("ijime-1", "consultant", "もうこの役目で加わっています"),
        ] {
            let page = join(&admin, login, role).await;
            refused(&page, sentence);
            assert!(page.main().contains(&format!("value=\"{login}\"")), "what was typed stays");
        }
        // Why somebody joins is asked, and read by everybody of the desk.
        for (reason, sentence) in [("", "加える理由を書いてください"), (&"あ".repeat(201), "200文字までにしてください")] {
            let page = admin.post("/sealed/members", &[("login", "kyoi"), ("role", "officer"), ("reason", reason)]).await;
            refused(&page, sentence);
            assert!(page.main().contains("value=\"kyoi\""), "what was typed stays");
        }
        assert_eq!(join(&admin, "shimin-sakusei", "consultant").await.location(), "/sealed/members?done=desk-joined");
        for login in ["ijime-2", "ijime-kantoku", "kaifuku-1"] {
            let page = city.staff(login).await.get("/sealed/members").await;
            assert!(page.main().contains("きょう加わりました"));
            assert!(page.main().contains("加えた理由: 春の異動で交代"), "{login}: {}", page.main());
        }
        let desk = city.staff("ijime-2").await;
        assert_eq!(join(&desk, "kyoi", "consultant").await.status, StatusCode::FORBIDDEN);
        days(8);
        let page = city.staff("ijime-2").await.get("/sealed/members").await;
        assert!(page.main().contains("8日前に加わりました"), "{}", page.main());
        assert!(!page.main().contains("窓口に加える"), "only administrators");

        // Leaving ends the role; the keys of cases go by the hand of whoever reads them.
        let two = bureau.account("ijime-2").await;
        let (admin, desk) = (city.staff("kanri-1").await, bureau.open("ijime-2").await);
        let other = bureau.case("ijime-2", "ほかのはなし").await;
        let end = format!("/sealed/members/{two}/consultant/end");
        assert_eq!(admin.post(&end, &[]).await.location(), "/sealed/members?done=desk-left");
        assert_eq!(admin.post(&end, &[]).await.status, StatusCode::NOT_FOUND, "once");
        assert_eq!(desk.get("/sealed/members").await.status, StatusCode::NOT_FOUND);
        let consultant = bureau.open("ijime-1").await;
        let page = consultant.get("/sealed/members").await;
        assert!(page.main().contains("前に相談員だった") && page.main().contains("2件"), "{}", page.main());
        assert!(!admin.get("/sealed/members").await.main().contains("前に相談員だった"), "not for administrators");
        let removal = format!("/sealed/members/{two}/removal");
        assert_eq!(bureau.open("kaifuku-1").await.post(&removal, &[]).await.status, StatusCode::NOT_FOUND);
        let done = consultant.post(&removal, &[]).await;
        for part in ["<b>1件</b>の事案から外しました", &other[..8], "先にほかの相談員に引き継いでください"] {
            assert!(done.main().contains(part), "{part}: {}", done.main());
        }
        assert!(!done.main().contains(&format!("<code>{}</code>", &case[..8])));

        // Whoever comes again comes as somebody new.
        days(20);
        let admin = city.staff("kanri-1").await;
        join(&admin, "ijime-2", "consultant").await;
        assert!(admin.get("/sealed/members").await.main().contains("きょう加わりました"));
    }

    async fn a_supervisor_sees_what_is_late_and_no_contents(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        let supervisor = city.staff("ijime-kantoku").await;
        assert!(supervisor.get("/sealed/overdue").await.main().contains("すぎている期限はありません"));
        let case = bureau.case("ijime-1", "はなしたくないことば").await;
        let soon = supervisor.get("/sealed/overdue").await;
        assert!(soon.main().contains(&case[..8]) && soon.main().contains("すぎている期限はありません"), "{}", soon.main());
        city.test.clock.advance(Duration::from_secs(27 * 3_600 + 60));
        let supervisor = city.staff("ijime-kantoku").await;
        let late = supervisor.get("/sealed/overdue").await;
        for part in [&case[..8], "いじめ相談 相談員 1", "<span class=\"late\">3時間</span>", "まだ知らせていません"] {
            assert!(late.main().contains(part), "{part}: {}", late.main());
        }
        for secret in ["はなしたくないことば", "みなも東小学校", "初動", "判定", &case[9..]] {
            assert!(!late.body.contains(secret), "{secret}");
        }
        for login in ["ijime-1", "kaifuku-1"] {
            assert_eq!(bureau.open(login).await.get("/sealed/overdue").await.status, StatusCode::NOT_FOUND, "{login}");
        }
    }
}
