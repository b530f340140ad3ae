//! Says everything that the account says of a contact, in each language, to a simulator, and prints calls and answers
//! as lines of JSON, to be compared with LINE's own description (`scripts/test-line`).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use calendar::{Date, FrozenClock, Instant};
use city::{Lang, Organisation, Profile};
use contact::message::{Choice, Content, ToldAnswer, ToldFact};
use contact::{Author, Channel, Contact, Message, MessageKind, State};
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Simulator};
use line_account::say::{Tone, said};
use line_account::sending;
use testkit::Randomness;
use uuid::Uuid;

type Done = Result<(), Box<dyn std::error::Error>>;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");

fn contact(lang: Lang) -> Contact {
    let at = Instant::from_millis(1_795_000_000_000);
    Contact {
        id: "0190b1c2-0000-7000-8000-000000000001".into(),
        number: "応対-2026-0001".into(),
        channel: Channel::Line,
        lang: lang.code().into(),
        state: State::Held,
        section: "shimin".into(),
        holder: None,
        topic: None,
        article: None,
        person: None,
        merged_into: None,
        wrap_up: None,
        follow_up_on: None,
        last_seq: 1,
        waiting_since: None,
        reply_due_at: None,
        citizen_seen_at: None,
        citizen_seen_seq: 0,
        staff_seen_seq: 0,
        created_at: at,
        updated_at: at,
        erased_at: None,
        conversation: String::new(),
    }
}

fn message(author: Author, kind: MessageKind, body: &str, content: Content) -> Message {
    Message {
        id: "m".into(),
        seq: 1,
        author,
        account: None,
        kind,
        body: Some(body.into()),
        content,
        client_id: None,
        at: Instant::from_millis(0),
    }
}

fn answer() -> Content {
    let fact = |kind: &str, items: &[&str], url: Option<&str>| ToldFact {
        kind: kind.into(),
        items: items.iter().map(|i| (*i).to_owned()).collect(),
        url: url.map(str::to_owned),
    };
    let answer = ToldAnswer {
        article: "juminhyo".into(),
        version: 3,
        question: "住民票の写しを取るには".into(),
        section: "shimin".into(),
        checked_on: "2026-10-01".into(),
        lang: "ja".into(),
        facts: vec![
            fact("bring", &["本人確認書類", "手数料"], None),
            fact("fee", &["1通300円"], None),
            fact("online", &["オンライン申請"], Some("https://city.example/form")),
        ],
        focus: Some("fee".into()),
        by_model: false,
    };
    Content { answer: Some(answer), ..Content::default() }
}

/// One of each kind.
fn all() -> Vec<Message> {
    let with = |choices: Vec<Choice>| Content { choices, ..Content::default() };
    let long = "引っ越しで住民票を移すときに、平日に窓口へ行けない人の手続きの仕方について";
    let personal = Content { on_page: true, ..Content::default() };
    vec![
        message(Author::Bot, MessageKind::Answer, "市民課で取れます。", answer()),
        message(
            Author::Bot,
            MessageKind::Offer,
            "",
            Content { told: Some("unsure".into()), ..with(contact::bot::ways_on()) },
        ),
        message(
            Author::Bot,
            MessageKind::Choices,
            "どれですか。",
            with(vec![
                Choice { label: long.into(), value: "article:a".into() },
                Choice { label: "粗大ごみ".into(), value: "say:粗大ごみ".into() },
            ]),
        ),
        message(Author::Bot, MessageKind::Told, "", Content::told("resolved")),
        message(
            Author::Bot,
            MessageKind::Told,
            "",
            Content::told("queued-day").with("day", "2026-11-30").with("time", "09:00"),
        ),
        message(Author::Staff, MessageKind::Text, &"長い返事。".repeat(790), Content::default()),
        message(Author::Staff, MessageKind::Text, "個人の内容", personal),
    ]
}

#[tokio::main]
async fn main() -> Done {
    let clock = Arc::new(FrozenClock::new(Instant::from_millis(1_795_000_000_000)));
    let mut config = Config::new(clock.clone(), Box::new(Randomness::new(1).rng()));
    config.record = true;
    let credentials =
        Credentials::ShortLived { channel_id: config.channel_id.clone(), secret: config.channel_secret.clone() };
    let sim = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await?;
    let user = sim.add_friends(1).remove(0);
    let client = Client::new(Settings::at(&sim.base(), credentials), Limiter::off(), clock)?;
    let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}"));
    let from: Date = "2026-04-01".parse()?;
    let sections = city::sections_from_toml(&read("sections.toml")?, "sections.toml", from)?;
    let organisation = Organisation::new(Profile::from_toml(&read("city.toml")?, "city.toml")?, sections, Vec::new());
    let mut key = 0_u128;
    for lang in Lang::ALL {
        let tone = Tone { lang, organisation: &organisation, pages: "https://city.example" };
        for one in all() {
            let messages = said(tone, &contact(lang), &one, false, Some("AAAA-BBBB-CCCC-DDDD"));
            key += 1;
            client.push(&user, &messages, None, Uuid::from_u128(key)).await?;
        }
        let notice = sending::notice(lang, "断水のお知らせ", "くわしくは https://city.example/water を見てください。");
        key += 1;
        client.multicast(std::slice::from_ref(&user), &[notice], None, Uuid::from_u128(key)).await?;
    }
    for exchange in sim.take_exchanges() {
        println!("{}", serde_json::to_string(&exchange)?);
    }
    Ok(())
}
