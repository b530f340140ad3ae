//! The room: a child tells something without a name, comes back with the receipt, and is answered.

mod files;
mod quiet;

use std::time::Duration;

use casework::case::{self, BULLYING};
use casework::entry::{Consent, What};
use casework::member::{self, DeskRole};
use casework::{Premises, Unlocked};
use testkit::{TestDb, on_both_engines};
use vault::receipt::Receipt;

use crate::support::{City, Page, prefixes};

const PASSPHRASE: &str = "やさしい 風が 庭を 通る";
const WORDS: &str = "休み時間に、教室でおされます。<b>いやです</b>";

/// A consultant with a key: whoever the room's words reach.
pub(crate) async fn desk(city: &City) {
    let premises = premises(city).await;
    let house = premises.house();
    member::join(house, "account:admin", BULLYING, "c1", DeskRole::Consultant, "異動のため").await.expect("joined");
    member::make_key(house, (city.test.entropy_source())(), "c1", "c1", PASSPHRASE).await.expect("a key");
}

pub(crate) async fn premises(city: &City) -> Premises {
    let keeping = city.state.sealed.clone().expect("sealed desks");
    let organisation = city.state.organisation();
    Premises::read(keeping, city.test.db.clone(), city.test.clock.clone(), &organisation).await.expect("read")
}

async fn unlocked(city: &City) -> Unlocked {
    let premises = premises(city).await;
    let mut rng = (city.test.entropy_source())();
    let cookie = member::unlock(premises.house(), rng.as_mut(), "c1", PASSPHRASE).await.expect("unlocked");
    member::unlocked(premises.house(), "c1", &cookie).await.expect("open")
}

/// The newest case as the desk reads it.
async fn viewed(city: &City) -> case::View {
    let (premises, who) = (premises(city).await, unlocked(city).await);
    let listed = case::list(premises.house(), &who, BULLYING).await.expect("listed");
    case::view(premises.house(), &who, &listed.first().expect("a case").clear.id).await.expect("viewed")
}

/// The desk writes into the newest case.
async fn writes(city: &City, what: Vec<What>) {
    let (premises, who, seen) = (premises(city).await, unlocked(city).await, viewed(city).await);
    let mut rng = (city.test.entropy_source())();
    case::add(premises.house(), rng.as_mut(), &who, &seen.clear.id, seen.clear.version, what).await.expect("written");
}

async fn cases(city: &City) -> usize {
    city.texts("SELECT id AS v FROM sealed_case").await.len()
}

/// Fields of a form, as a browser sends them.
pub(crate) type Fields = Vec<(String, String)>;

fn unescaped(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The hidden fields of the form in which something stands.
pub(crate) fn hidden(page: &Page, within: &str) -> Fields {
    let form = page.main().split("<form").find(|form| form.contains(within));
    let form = form.unwrap_or_else(|| panic!("no form with {within}: {}", page.main()));
    let field = |part: &str| {
        let (name, rest) = part.split_once("\" value=\"")?;
        Some((name.to_owned(), unescaped(rest.split('"').next()?)))
    };
    let form = form.split("</form>").next().expect("a form");
    form.split("<input type=\"hidden\" name=\"").skip(1).filter_map(field).collect()
}

/// Sends a form of a page with what somebody adds to it.
async fn press(city: &City, prefix: &str, (page, within): (&Page, &str), more: &[(&str, &str)]) -> Page {
    let mut fields = hidden(page, within);
    fields.retain(|(name, _)| !more.iter().any(|(n, _)| n == name));
    fields.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    city.post(&format!("{prefix}/room"), &fields).await
}

/// From the first page to the last one before sending.
async fn told(city: &City, prefix: &str) -> Page {
    let page = city.get(&format!("{prefix}/room?from=EAST7")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let page = press(city, prefix, (&page, "name=\"speaker\""), &[("speaker", "child")]).await;
    let kinds =
        [("kind", "hit"), ("kind", "left"), ("words", WORDS), ("school", "東小"), ("grade", "e5"), ("go", "wishes")];
    let page = press(city, prefix, (&page, "textarea"), &kinds).await;
    let wishes = [
        ("wanted", "席をかえて"),
        ("unwanted", "親に言わないで"),
        ("school_may_know", "no"),
        ("may_call", "unsaid"),
        ("go", "check"),
    ];
    press(city, prefix, (&page, "unwanted"), &wishes).await
}

/// Markup without the readings of its Chinese characters.
fn ruby_free(html: &str) -> String {
    let without = |text: &str, from: &str, to: &str| {
        text.split(from)
            .enumerate()
            .map(|(i, part)| if i == 0 { part } else { part.split_once(to).map_or("", |p| p.1) })
            .collect::<String>()
    };
    let text = without(&without(html, "<rt>", "</rt>"), "<rp>", "</rp>");
    text.replace("<ruby>", "").replace("</ruby>", "")
}

/// The digits on the page with the receipt.
fn receipt(page: &Page) -> String {
    page.main().split("data-copy=\"").nth(1).expect("a receipt").split('"').next().expect("digits").to_owned()
}

async fn reported(city: &City) -> String {
    receipt(&press(city, "", (&told(city, "").await, "value=\"send\""), &[("go", "send")]).await)
}

pub(crate) async fn opened(city: &City, receipt: &str) -> Page {
    city.post("/room", &[("go", "open"), ("receipt", receipt)]).await
}

/// The same digits with one wrong in the secret, and check digits that fit.
fn near(digits: &str, place: usize) -> String {
    let mut body: Vec<u8> = digits.as_bytes()[..22].to_vec();
    body[place] = b'0' + (body[place] - b'0' + 1) % 10;
    let rest = body.iter().fold(0u32, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
    format!("{}{:02}", String::from_utf8(body).expect("digits"), 98 - rest * 100 % 97)
}

/// What a person sees of a page, without what is new on each.
fn seen(page: &Page) -> String {
    let main = page.main();
    let work = main.split("data-work=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-");
    let typed = main.split("name=\"receipt\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-");
    main.replace(work, "").replace(typed, "")
}

on_both_engines! {
    async fn a_child_tells_comes_back_is_answered_and_talks_on(test: TestDb) {
        let city = City::new(test).await;
        desk(&city).await;
        let check = told(&city, "").await;
        for part in ["たたかれる", "&#60;b&#62;いやです&#60;/b&#62;", "席をかえて", "親に言わないで", "value=\"EAST7\""] {
            assert!(check.main().contains(part), "{part}: {}", check.main());
        }
        assert_eq!(cases(&city).await, 0, "nothing is stored before it is sent");
        let sent = press(&city, "", (&check, "value=\"send\""), &[("go", "send")]).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        assert!(sent.main().contains("class=\"qr\""));
        let digits = receipt(&sent);
        assert_eq!(digits.len(), 24);
        let view = viewed(&city).await;
        assert_eq!(view.file.school, "東小");
        assert_eq!((view.file.wishes.unwanted.as_str(), view.file.wishes.school_may_know), ("親に言わないで", Consent::No));
        let first = view.file.entries.iter().find_map(|p| match &p.entry.what { What::Said { words } => Some(words.clone()), _ => None });
        assert_eq!(first.expect("words"), format!("・たたかれる・けられる\n・なかまはずれにされる\n・小5\n\n{WORDS}"));

        let talk = press(&city, "", (&sent, "name=\"receipt\""), &[("go", "open")]).await;
        assert!(talk.main().contains("class=\"waits\""), "no answer yet: {}", talk.main());
        writes(&city, vec![What::Said { words: "話してくれて、ありがとう。".into() }, What::Note { words: "内部のメモ".into() }]).await;
        // The next day, with spaces and in full width.
        city.test.clock.advance(Duration::from_secs(86_400));
        let typed: String = digits.chars().enumerate().map(|(i, c)| if i % 4 == 3 { format!("{c} ") } else { c.to_string() }).collect();
        let talk = opened(&city, &typed.replace('1', "１")).await;
        assert_eq!(talk.status, 200, "{}", talk.body);
        assert!(talk.main().contains("話してくれて、ありがとう。") && !talk.main().contains("内部のメモ"));
        assert!(!talk.main().contains("class=\"waits\""));
        let talk = press(&city, "", (&talk, "textarea"), &[("words", "きょうは、だいじょうぶでした。")]).await;
        assert!(talk.main().contains("きょうは、だいじょうぶでした。") && talk.main().contains("role=\"status\""));
        let wishes = press(&city, "", (&talk, "value=\"my-wishes\""), &[("go", "my-wishes")]).await;
        assert!(wishes.main().contains(">親に言わないで</textarea>"), "{}", wishes.main());
        let changed = [("unwanted", ""), ("wanted", "校長先生に話して"), ("school_may_know", "yes"), ("go", "wish")];
        let talk = press(&city, "", (&wishes, "unwanted"), &changed).await;
        assert_eq!(talk.status, 200, "{}", talk.body);
        let view = viewed(&city).await;
        assert_eq!((view.file.wishes.unwanted.as_str(), view.file.wishes.school_may_know), ("", Consent::Yes));
        assert!(view.file.entries.iter().any(|p| matches!(&p.entry.what, What::Said { words } if words == "きょうは、だいじょうぶでした。")));
        let session = talk.hidden("session");
        let closed = press(&city, "", (&talk, "value=\"close\""), &[("go", "close")]).await;
        assert!(closed.status == 200 && !closed.body.contains(&session));
        let after = city.post("/room", &[("go", "talk"), ("session", &session)]).await;
        assert_eq!(after.status, 422);
        assert!(!after.body.contains("ありがとう。"));
    }

    async fn a_form_that_is_sent_twice_is_one_case_with_one_receipt(test: TestDb) {
        let city = City::new(test).await;
        desk(&city).await;
        let check = told(&city, "").await;
        let send = || press(&city, "", (&check, "value=\"send\""), &[("go", "send")]);
        let (one, other) = tokio::join!(send(), send());
        assert_eq!(receipt(&one), receipt(&other));
        assert_eq!(receipt(&send().await), receipt(&one));
        assert_eq!(cases(&city).await, 1);
        let talk = opened(&city, &receipt(&one)).await;
        for _ in 0..2 {
            press(&city, "", (&talk, "textarea"), &[("words", "もう一度")]).await;
        }
        let said = viewed(&city).await.file.entries.iter().filter(|p| matches!(&p.entry.what, What::Said { .. })).count();
        assert_eq!(said, 2);
    }

    async fn wrong_receipts_are_alike_and_mistyped_ones_are_told(test: TestDb) {
        let city = City::new(test).await;
        desk(&city).await;
        let digits = reported(&city).await;
        let nobody = Receipt::generate((city.test.entropy_source())().as_mut()).shown().replace(' ', "");
        let (wrong, nothing) = (opened(&city, &near(&digits, 12)).await, opened(&city, &nobody).await);
        assert_eq!((wrong.status.as_u16(), nothing.status.as_u16()), (422, 422));
        assert!(wrong.main().contains("role=\"alert\""));
        assert_eq!(seen(&wrong), seen(&nothing), "whether the locator is there or not");
        assert_eq!(wrong.headers, nothing.headers);
        // One digit mistyped: its group is named.
        let mut mistyped = digits.clone().into_bytes();
        mistyped[9] = b'0' + (mistyped[9] - b'0' + 1) % 10;
        let mistyped = String::from_utf8(mistyped).expect("digits");
        let suspects = Receipt::suspects(&mistyped);
        assert!(suspects.contains(&3));
        let here = ([10, 201, 0, 1], 1).into();
        let form = |receipt: &str| [("go".to_owned(), "open".to_owned()), ("receipt".to_owned(), receipt.to_owned())];
        for (typed, part) in [("", "番号"), ("12a", "数字"), ("1234 5678", "8こ"), (&"1".repeat(30), "多"), ("1234 567 8901 2345 6789 0123", "2ばん")] {
            // However often: nothing is counted, and nothing is derived.
            for _ in 0..6 {
                let form = form(typed);
                let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let page = city.post_from(here, "/room", &fields).await;
                let error = page.main().split("id=\"receipt-error\" role=\"alert\">").nth(1).expect("beside the field").split("</p>").next().expect("an end").to_owned();
                assert!(page.status == 422 && error.contains(part), "{typed}: {error}");
            }
        }
        let page = opened(&city, &mistyped).await;
        if suspects.len() <= 3 {
            assert!(page.main().contains("3ばん") || page.main().contains("・3") || page.main().contains("3・"), "{}", page.main());
        }
        assert!(page.main().contains(&mistyped), "what was typed comes back");
    }

    async fn a_talk_rests_for_a_quarter_of_an_hour_and_unsent_words_come_back(test: TestDb) {
        let city = City::new(test).await;
        desk(&city).await;
        let digits = reported(&city).await;
        let talk = opened(&city, &digits).await;
        city.test.clock.advance(casework::session::IDLE);
        let locked = press(&city, "", (&talk, "textarea"), &[("words", "まだ送っていない言葉")]).await;
        assert_eq!(locked.status, 422);
        assert!(!locked.main().contains("class=\"talk\""));
        let back = press(&city, "", (&locked, "name=\"work\""), &[("receipt", &digits), ("go", "open")]).await;
        assert!(back.main().contains(">まだ送っていない言葉</textarea>"), "{}", back.main());
        assert_eq!(viewed(&city).await.file.entries.len(), 3, "nothing of it was said");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_too_long_is_told_beside_the_field_in_every_language() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    for prefix in prefixes() {
        let start = city.get(&format!("{prefix}/room")).await;
        let what = press(&city, prefix, (&start, "name=\"speaker\""), &[("speaker", "friend")]).await;
        let empty = press(&city, prefix, (&what, "textarea"), &[("go", "wishes")]).await;
        assert!(empty.status == 422 && empty.main().contains("id=\"kind-error\""), "{}", empty.body);
        let long = "あ".repeat(5_001);
        let long = press(&city, prefix, (&what, "textarea"), &[("words", &long), ("go", "wishes")]).await;
        assert!(
            long.status == 422 && long.main().contains("id=\"words-error\"") && long.main().contains("5001"),
            "{prefix}"
        );
        let wishes = press(&city, prefix, (&what, "textarea"), &[("kind", "net"), ("go", "wishes")]).await;
        let long = "い".repeat(1_001);
        let long = press(&city, prefix, (&wishes, "unwanted"), &[("wanted", &long), ("go", "check")]).await;
        assert!(long.status == 422 && long.main().contains("id=\"wanted-error\""), "{prefix}");
        // Nobody gets past a page by its address.
        let skipped = city.post(&format!("{prefix}/room"), &[("go", "send"), ("kind", "net")]).await;
        assert!(skipped.main().contains("value=\"teacher\""), "{}", skipped.body);
    }
    assert_eq!(cases(&city).await, 0);
}

/// Who speaks of a child is not asked as if they were the child; who comes back is asked so that it fits everybody.
#[tokio::test(flavor = "multi_thread")]
async fn wishes_are_asked_as_fits_who_speaks() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    let seen = |page: &Page| ruby_free(page.main());
    for (prefix, speaker, asked, wanted, example) in [
        ("", "child", "あなたは、どうしてほしいですか？", "してほしいこと", "先生に言わないで"),
        (
            "",
            "parent",
            "お子さんが、どうなるといいと思いますか？",
            "お子さんのために、してほしいこと",
            "わたしが話したことを",
        ),
        (
            "",
            "friend",
            "その子が、どうなるといいと思いますか？",
            "その子のために、してほしいこと",
            "わたしが話したことを",
        ),
        (
            "",
            "teacher",
            "その子が、どうなるといいと思いますか？",
            "その子のために、してほしいこと",
            "わたしが話したことを",
        ),
        (
            "",
            "other",
            "その子が、どうなるといいと思いますか？",
            "その子のために、してほしいこと",
            "わたしが話したことを",
        ),
        ("/easy", "parent", "お子さんが どう なると", "お子さんの ために", "わたしが 話した"),
        ("/en", "teacher", "hope for the child", "do for the child", "that I told you"),
    ] {
        let start = city.get(&format!("{prefix}/room")).await;
        let what = press(&city, prefix, (&start, "name=\"speaker\""), &[("speaker", speaker)]).await;
        let wishes = press(&city, prefix, (&what, "textarea"), &[("kind", "net"), ("go", "wishes")]).await;
        for part in [asked, wanted, example] {
            assert!(seen(&wishes).contains(part), "{speaker} {part}: {}", seen(&wishes));
        }
        assert_eq!(seen(&wishes).contains("あなた"), speaker == "child", "{speaker}: {}", seen(&wishes));
        let check = press(&city, prefix, (&wishes, "unwanted"), &[("go", "check")]).await;
        assert!(seen(&check).contains(&format!("<dt>{wanted}")) || !prefix.is_empty(), "{}", seen(&check));
        if (prefix, speaker) == ("", "parent") {
            let digits = receipt(&press(&city, "", (&check, "value=\"send\""), &[("go", "send")]).await);
            let talk = opened(&city, &digits).await;
            let again = press(&city, "", (&talk, "value=\"my-wishes\""), &[("go", "my-wishes")]).await;
            assert!(
                !seen(&again).contains("お子さん") && seen(&again).contains(">してほしいこと<"),
                "{}",
                seen(&again)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn danger_signs_put_the_telephones_first_and_reach_the_desk() {
    let city = City::new(TestDb::sqlite().await).await;
    desk(&city).await;
    let start = city.get("/room").await;
    let calm = press(&city, "", (&start, "name=\"speaker\""), &[("speaker", "child")]).await;
    assert!(
        calm.main().contains("tel:110") && calm.main().contains("tel:119") && calm.main().contains("tel:0120078310")
    );
    assert!(!calm.main().contains("urgent loud"));
    let loud = press(&city, "", (&calm, "textarea"), &[("words", "もう死にたいです"), ("go", "wishes")]).await;
    assert!(loud.main().contains("urgent loud"), "{}", loud.main());
    let check = press(&city, "", (&loud, "unwanted"), &[("go", "check")]).await;
    let sent = press(&city, "", (&check, "value=\"send\""), &[("go", "send")]).await;
    assert!(sent.main().find("urgent loud") < sent.main().find("class=\"groups\""));
    assert!(viewed(&city).await.file.open_signs > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_anybody_at_the_desk_the_room_says_whom_to_call() {
    let city = City::new(TestDb::sqlite().await).await;
    for prefix in prefixes() {
        let page = city.get(&format!("{prefix}/room")).await;
        assert_eq!(page.status, 503);
        assert!(page.main().contains("tel:0120078310") && !page.main().contains("<form"), "{}", page.body);
        assert!(!city.get(&format!("{prefix}/")).await.main().contains("/room"), "nothing leads there");
    }
    desk(&city).await;
    assert_eq!(city.get("/room").await.status, 200);
    for prefix in prefixes() {
        assert!(city.get(&format!("{prefix}/")).await.main().contains(&format!("href=\"{prefix}/room\"")));
    }
}
