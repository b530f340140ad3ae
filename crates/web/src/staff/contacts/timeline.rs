//! One timeline of a contact over all of its channels: what was said, and what happened in between.

use std::collections::{BTreeSet, HashMap};

use calendar::Instant;
use city::Lang;
use contact::attachment::{self, Attachment};
use contact::event::{self, Event};
use contact::staff::side_question::SideQuestion;
use contact::staff::transfer::Transfer;
use contact::{Author, Contact, EventKind, Message, MessageKind, message};
use store::Tx;

use super::{CHANNELS, named};
use crate::errors::Failure;
use crate::facts;
use crate::files::{self, FileView};
use crate::staff::frame::Frame;
use crate::staff::lists::names;
use words::{i18n, ruby};

/// Messages that are shown; older ones behind a link.
const MESSAGES: i64 = 200;

/// An answer in the timeline.
pub(crate) struct Answer {
    pub(crate) code: String,
    pub(crate) question: String,
    pub(crate) version: i64,
    pub(crate) facts: Vec<(String, String)>,
}

/// A step of the timeline.
pub(crate) struct Step {
    at: Instant,
    seq: i64,
    /// `citizen`, `bot`, `staff`, `note` or `event`.
    pub(crate) who: &'static str,
    pub(crate) by: String,
    pub(crate) text: String,
    pub(crate) detail: Option<String>,
    pub(crate) answer: Option<Answer>,
    pub(crate) choices: Vec<String>,
    pub(crate) files: Vec<FileView>,
    pub(crate) time: String,
    /// Place of the message; 0 for what happened in between.
    pub(crate) place: i64,
    pub(crate) is_read: bool,
    /// Whether it is read on the city's own page only, though the talk is elsewhere.
    pub(crate) on_page: bool,
}

/// What was asked of sections.
pub(crate) struct Beside<'a> {
    pub(crate) transfers: &'a [Transfer],
    pub(crate) questions: &'a [SideQuestion],
}

/// A sentence of the system, as staff reads it.
fn sentence(frame: &Frame, m: &Message) -> Option<String> {
    let told = m.content.told.as_deref()?;
    let value = |name: &str, value: &str| match name {
        "section" => frame.section(value),
        "from" | "to" => value.parse().map_or_else(|_| value.to_owned(), |ms| frame.moment(&Instant::from_millis(ms))),
        "key" => "••••".to_owned(),
        _ => value.to_owned(),
    };
    let args: Vec<(String, String)> = m.content.args.iter().map(|(n, v)| (n.clone(), value(n, v))).collect();
    let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    Some(i18n::message(Lang::Ja, &format!("told-{told}"), &args))
}

fn said(frame: &Frame, names: &HashMap<String, String>, contact: &Contact, sent: &[Attachment], m: &Message) -> Step {
    let who = match (m.kind, m.author) {
        (MessageKind::Note, _) => "note",
        (_, Author::Citizen) => "citizen",
        (_, Author::Bot) => "bot",
        (_, Author::Staff) => "staff",
    };
    let name = m.account.as_ref().and_then(|a| names.get(a)).cloned();
    let plain = |text: &str| if contact.lang() == Lang::Easy { ruby::strip(text) } else { text.to_owned() };
    let label = |label: &str| match label.strip_prefix("told:") {
        Some(name) => i18n::message(Lang::Ja, name, &[]),
        None => plain(label),
    };
    let answer = m.content.answer.as_ref().map(|a| Answer {
        code: a.article.clone(),
        question: plain(&a.question),
        version: a.version,
        facts: a
            .facts
            .iter()
            .filter_map(|f| {
                let kind = knowledge::FactKind::from_code(&f.kind)?;
                Some((i18n::message(Lang::Ja, facts::key(kind), &[]), plain(&f.items.join("、"))))
            })
            .collect(),
    });
    Step {
        at: m.at,
        seq: m.seq,
        who,
        by: match who {
            "note" => format!("メモ {}", name.unwrap_or_default()),
            "citizen" => "市民".into(),
            "bot" => "自動応答".into(),
            _ => name.unwrap_or_else(|| "職員".into()),
        },
        text: match (sentence(frame, m), m.body.as_deref()) {
            (Some(told), Some(body)) if m.kind == MessageKind::Told && !body.is_empty() => {
                format!("{told}\n{}", plain(body))
            }
            (Some(told), _) => told,
            (None, Some(body)) => plain(body),
            (None, None) => "（消去されました）".into(),
        },
        detail: None,
        answer,
        choices: m.content.choices.iter().map(|c| label(&c.label)).collect(),
        files: files::views(
            Lang::Ja,
            &format!("/contacts/{}", contact::contact::short_number(&contact.number)),
            sent,
            m.seq,
        ),
        time: frame.moment(&m.at),
        place: m.seq,
        is_read: who == "staff" && m.seq <= contact.citizen_seen_seq,
        on_page: m.content.on_page && contact.channel != contact::Channel::Web,
    }
}

/// What an event is called in the timeline; none for what its message tells already.
fn happened(frame: &Frame, names: &HashMap<String, String>, e: &Event) -> Option<String> {
    let who = e.account.as_ref().and_then(|a| names.get(a)).cloned().unwrap_or_else(|| "職員".into());
    let other = e.other_section.as_deref().map(|s| frame.section(s)).unwrap_or_default();
    Some(match e.kind {
        EventKind::Opened => format!("{}で始まりました", named(CHANNELS, e.channel.code())),
        EventKind::PickedUp => format!("{who}が引き受けました"),
        EventKind::TakenOver => format!("{who}が代わって引き受けました"),
        EventKind::PutBack => format!("{who}が待ちに戻しました"),
        EventKind::TransferAccepted => format!("{}が引き継ぎました（{who}）", frame.section(&e.section)),
        EventKind::TransferWithdrawn => format!("{other}への取り次ぎを取り下げました"),
        EventKind::ExplainedAgain => "市民が、同じ説明をくり返しました".into(),
        EventKind::Resolved => "応対を終わりました".into(),
        EventKind::Reopened => "また始まりました".into(),
        EventKind::Abandoned => "市民が待つのをやめました".into(),
        EventKind::CallBackAttempted => format!(
            "電話をかけました（{}）",
            match e.reason.as_deref() {
                Some("busy") => "話し中",
                Some("wrong_number") => "番号ちがい",
                _ => "出ない",
            }
        ),
        EventKind::CallBackKept => format!("電話がつながりました（{who}）"),
        EventKind::CallBackGivenUp => "折り返しの電話をあきらめました".into(),
        EventKind::Rated => format!("市民の評価 {}／5", e.value.unwrap_or(0)),
        EventKind::Tagged => {
            let topic = e.topic.as_deref().and_then(city::topic).map_or("—", |t| t.name(Lang::Ja));
            format!("分類を「{topic}」にしました")
        }
        EventKind::Incident => format!("{who}がカスハラとして知らせました"),
        EventKind::Split => "一部を別の応対に分けました".into(),
        EventKind::WrongAnswer => "この応対で伝えた答えに誤りがありました".into(),
        _ => return None,
    })
}

/// The timeline, oldest first, and the place of its first message.
pub(crate) async fn timeline(
    tx: &mut Tx,
    frame: &Frame,
    contact: &Contact,
    beside: Beside<'_>,
    before: Option<i64>,
) -> Result<Vec<Step>, Failure> {
    let messages = message::until(tx, &contact.id, before.unwrap_or(i64::MAX), MESSAGES).await?;
    let first = messages.first().map_or(0, |m| m.seq);
    let sent = attachment::between(tx, &contact.id, first, messages.last().map_or(0, |m| m.seq)).await?;
    let events = event::of(tx, &contact.id).await?;
    let accounts: BTreeSet<String> = messages
        .iter()
        .filter_map(|m| m.account.clone())
        .chain(events.iter().filter_map(|e| e.account.clone()))
        .chain(beside.transfers.iter().flat_map(|t| t.decided_by.iter().chain([&t.offered_by]).cloned()))
        .chain(beside.questions.iter().flat_map(|q| q.answered_by.iter().chain([&q.asked_by]).cloned()))
        .collect();
    let names = names(tx, accounts).await?;
    let name = |account: &str| names.get(account).cloned().unwrap_or_default();
    let between = |at: Instant, text: String, detail: Option<String>| Step {
        at,
        seq: 0,
        who: "event",
        by: String::new(),
        text,
        detail,
        answer: None,
        choices: Vec::new(),
        files: Vec::new(),
        time: frame.moment(&at),
        place: 0,
        is_read: false,
        on_page: false,
    };
    let mut steps: Vec<Step> = messages.iter().map(|m| said(frame, &names, contact, &sent, m)).collect();
    let from = steps.first().map_or(Instant::from_millis(0), |s| s.at);
    steps.extend(events.iter().filter_map(|e| Some(between(e.at, happened(frame, &names, e)?, None))));
    for t in beside.transfers {
        let to = frame.section(&t.to_section);
        let text = format!("{}が{to}に取り次ぎを頼みました", name(&t.offered_by));
        steps.push(between(t.offered_at, text, Some(t.summary.clone())));
        if let (Some(at), "declined") = (t.decided_at, t.state.as_str()) {
            let better = t.better_section.as_deref().map(|s| frame.section(s)).unwrap_or_default();
            steps.push(between(
                at,
                format!("{to}は受けませんでした。担当は{better}とのことです"),
                Some(t.reason.clone()),
            ));
        }
    }
    for q in beside.questions {
        let to = frame.section(&q.section);
        steps.push(between(q.asked_at, format!("{}が{to}に確認しました", name(&q.asked_by)), Some(q.body.clone())));
        if let (Some(at), Some(answer)) = (q.answered_at, &q.answer) {
            steps.push(between(at, format!("{to}が答えました"), Some(answer.clone())));
        }
    }
    steps.retain(|s| s.place > 0 || before.is_none() || s.at >= from);
    // What happened stands before the words that came with it.
    steps.sort_by_key(|s| (s.at, s.seq));
    Ok(steps)
}
