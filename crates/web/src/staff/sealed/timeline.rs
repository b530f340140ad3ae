//! The entries of a case in words.

use calendar::Date;
use casework::Placed;
use casework::conference::Conference;
use casework::entry::{Attached, By, Media, Shown, What, Wishes};
use casework::kind::Course;
use casework::welfare::Child;

use super::words::{
    CHANNELS, CONSENTS, REFERRALS, SPEAKERS, media_name, name_of, outcomes, roles, size, suspicion_name,
};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// A file of an entry.
pub(crate) struct FileRow {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) is_inline: bool,
}

/// An entry on the page.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) seq: i64,
    /// `them` and `us` are the talk; `note`, `sign`, `file` and `event` are the desk's.
    pub(crate) look: &'static str,
    /// What it is.
    pub(crate) kind: &'static str,
    pub(crate) who: String,
    pub(crate) at: String,
    /// What was written, and what else it says: a label and words.
    pub(crate) words: String,
    pub(crate) pairs: Vec<(&'static str, String)>,
    pub(crate) file: Option<FileRow>,
    /// Whether it can be printed as a report to the mayor.
    pub(crate) is_report: bool,
}

/// What an entry says.
#[derive(Default)]
struct Said {
    kind: &'static str,
    words: String,
    pairs: Vec<(&'static str, String)>,
}

impl Said {
    fn of(kind: &'static str, words: &str) -> Said {
        Said { kind, words: words.to_owned(), pairs: Vec::new() }
    }

    fn with(mut self, label: &'static str, words: impl Into<String>) -> Said {
        let words = words.into();
        if !words.is_empty() {
            self.pairs.push((label, words));
        }
        self
    }
}

/// The line about the school.
const SCHOOL: &str = "学校に知らせて";

/// What somebody wants, line by line; what was not said is left out but for the school.
fn wishes(wishes: &Wishes) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut line = |label, words: &str| {
        if !words.is_empty() {
            lines.push((label, words.to_owned()));
        }
    };
    line("してほしいこと", &wishes.wanted);
    line("してほしくないこと", &wishes.unwanted);
    line(SCHOOL, name_of(&CONSENTS, wishes.school_may_know));
    line("電話して", name_of(&CONSENTS, wishes.may_call));
    line("電話のとき・場所", &wishes.call_when);
    line("差出人", if wishes.neutral_sender { "市の窓口とわからないようにする" } else { "" });
    lines
}

/// The same in cases of a course: where no school has a part, nothing is said of it.
pub(crate) fn wishes_of(course: Course, wanted: &Wishes) -> Vec<(&'static str, String)> {
    let lines = wishes(wanted).into_iter();
    lines.filter(|(label, _)| course == Course::Bullying || *label != SCHOOL).collect()
}

pub(crate) fn file_row(file: &Attached) -> FileRow {
    FileRow {
        name: file.name.clone(),
        about: format!("{} {}", media_name(file.media), size(file.bytes)),
        is_inline: file.media.is_inline() && file.media != Media::Pdf,
    }
}

fn party(frame: &Frame, names: &Names, course: Course, party: &casework::entry::Party) -> Said {
    let name = if party.name.is_empty() { "（名前はわからない）" } else { &party.name };
    Said::of("当事者", "")
        .with(name_of(roles(course), party.role), name)
        .with("学校・学年", party.school.as_str())
        .with("職員", party.account.as_deref().map(|id| names.of(id)).unwrap_or_default())
        .with("課", party.section.as_deref().map(|code| frame.section(code)).unwrap_or_default())
}

fn referral(to: &str, reaches_school: bool, purpose: &str, consent: &str) -> Said {
    let school = if reaches_school { "伝わる" } else { "伝わらない" };
    Said::of("つなぎ", "").with("つなぐ先", to).with("目的", purpose).with("同意", consent).with("学校に", school)
}

/// An amount in yen, with commas; nothing where it is not known.
pub(crate) fn yen(amount: Option<u32>) -> String {
    let Some(amount) = amount else { return String::new() };
    let digits = amount.to_string();
    let mut said = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            said.push(',');
        }
        said.push(digit);
    }
    said + "円"
}

fn conference(kind: &'static str, frame: &Frame, planned: &Conference) -> Said {
    Said::of(kind, "")
        .with(planned.kind.name(), frame.moment(&planned.starts_at))
        .with("場所", planned.place.as_str())
        .with("議題", planned.agenda.join("\n"))
}

/// Who takes part, by their id in the case.
fn participant(names: &Names, file: &casework::CaseFile, id: &str) -> String {
    let known = file.participants.iter().find(|known| known.id == id);
    known.map(|known| format!("{}（{}）", names.of(&known.account), known.invitation.kind.name())).unwrap_or_default()
}

/// What a clock of a case is called.
fn clock_name<'a>(file: &'a casework::CaseFile, code: &str) -> &'a str {
    file.clocks.iter().rev().find(|clock| clock.code == code).map_or("", |clock| &clock.name)
}

/// What the first action is called.
fn first_action(course: Course) -> &'static str {
    match course {
        Course::Bullying => "初動",
        Course::Consultation => "対応を始めた",
    }
}

fn said(frame: &Frame, names: &Names, file: &casework::CaseFile, what: &What) -> Said {
    let day = |date: &Date| frame.day(date);
    match what {
        What::Opened { channel, speaker, school, .. } => Said::of("受付", "")
            .with("受付手段", name_of(&CHANNELS, *channel))
            .with("話した人", name_of(&SPEAKERS, *speaker))
            .with("学校", school.as_str()),
        What::Said { words } => Said::of("ことば", words),
        What::Wished(wished) => {
            Said { kind: "本人の希望", words: String::new(), pairs: wishes_of(file.course, wished) }
        }
        What::Party(found) => party(frame, names, file.course, found),
        What::Sign { rule, why } => Said::of("危険のしるし", why).with("見つけたもの", rule.as_str()),
        What::SignsSeen { note } => Said::of("しるしを確かめた", note),
        What::Suspected { number, why } => Said::of("重大事態の疑い", why).with("種類", suspicion_name(*number)),
        What::MayorTold(report) => Said::of("市長への報告", &report.situation)
            .with("学校", report.school.as_str())
            .with("児童生徒", report.child.as_str()),
        What::FirstAction { done } => Said::of(first_action(file.course), done),
        What::Action { done } => Said::of("対応", done),
        What::Judged { is_bullying, why } => {
            Said::of("判定", why).with("結果", if *is_bullying { "いじめである" } else { "いじめではない" })
        }
        What::Stopped { on, confirmed } => Said::of("行為の停止", confirmed).with("止まった日", day(on)),
        What::Recurred { on, happened } => Said::of("再発", happened).with("起きた日", day(on)),
        What::Resolved { confirmed } => Said::of("解消の確認", confirmed),
        What::Task { todo, owner, .. } => {
            Said::of("予定", todo).with("する人", owner.as_deref().map(|id| names.of(id)).unwrap_or_default())
        }
        What::TaskDone { id } => {
            let todo = file.tasks.iter().find(|task| task.id == *id).map(|task| task.todo.as_str());
            Said::of("予定が済んだ", todo.unwrap_or_default())
        }
        What::Referred { to, reaches_school, purpose, consent, .. } => referral(to, *reaches_school, purpose, consent),
        What::ReferralMoved { id, state, reason } => {
            let to = file.referrals.iter().find(|referral| referral.id == *id).map(|referral| referral.to.as_str());
            Said::of("つなぎの返事", reason)
                .with("つなぐ先", to.unwrap_or_default())
                .with("いま", name_of(&REFERRALS, *state))
        }
        What::HandedOver { to, note, until } => Said::of("引き継ぎ", note)
            .with("これからの担当", names.of(to))
            .with("いつまで", until.as_ref().map(|until| frame.day(until)).unwrap_or_default()),
        What::ClockPaused { clock, reason } => Said::of("期限を止めた", reason).with("期限", clock_name(file, clock)),
        What::ClockResumed { clock } => Said::of("期限を動かした", "").with("期限", clock_name(file, clock)),
        What::Attached(found) => {
            let shown = if found.shown == Shown::Talk { "相談した人と窓口" } else { "窓口だけ" };
            Said::of("ファイル", "").with("見る人", shown)
        }
        What::Invited(invitation) => Said::of("参加者を加えた", "")
            .with(invitation.kind.name(), names.of(&invitation.account))
            .with("目的", invitation.purpose.as_str())
            .with("同意", invitation.consent.as_str()),
        What::Uninvited { id, reason } => {
            Said::of("参加者を外した", reason).with("参加者", participant(names, file, id))
        }
        What::Disclosed(disclosed) => Said::of("開示", &disclosed.words)
            .with("参加者", participant(names, file, &disclosed.participant))
            .with("題", disclosed.title.as_str())
            .with("ファイル", disclosed.file.as_ref().map(|found| file_row(found).about).unwrap_or_default()),
        What::DisclosureWithdrawn(withdrawn) => Said::of("開示を取り下げた", &withdrawn.reason)
            .with("参加者", participant(names, file, &withdrawn.disclosed.participant))
            .with("題", withdrawn.disclosed.title.as_str())
            .with("開示した日", frame.moment(&withdrawn.disclosed_at)),
        What::PartnerSaid { words } => Said::of("参加者のことば", words),
        What::Background(background) => {
            let matters: Vec<&str> = background.matters.iter().map(|matter| matter.name()).collect();
            Said::of("家庭や生活の背景", &background.words)
                .with(
                    "だれの",
                    if background.child == Child::Victim {
                        "被害を受けた子"
                    } else {
                        "したと言われている子"
                    },
                )
                .with("ことがら", matters.join("、"))
        }
        What::Recommended(said) => Said::of(said.kind.name(), &said.words)
            .with("あて先", said.to.as_str())
            .with("回答の期限", said.answer_by.as_ref().map(|day| frame.day(day)).unwrap_or_default()),
        What::RecommendationAnswered { id, words } => {
            let known = file.recommendations.iter().find(|known| known.said.id == *id);
            Said::of("学校の回答", words).with("何への", known.map(|known| known.said.kind.name()).unwrap_or_default())
        }
        What::RecommendationOff { id, reason } => {
            let known = file.recommendations.iter().find(|known| known.said.id == *id);
            Said::of("取り下げ", reason).with("何を", known.map(|known| known.said.kind.name()).unwrap_or_default())
        }
        What::ConferencePlanned(planned) => conference("会議の計画", frame, planned),
        What::ConferenceChanged(planned) => conference("会議の計画を変えた", frame, planned),
        What::ConferenceOff { id, reason } => {
            let said = Said::of("会議を取りやめた", reason);
            match file.conferences.iter().find(|known| known.conference.id == *id).map(|known| &known.conference) {
                Some(planned) => said.with(planned.kind.name(), frame.moment(&planned.starts_at)),
                None => said,
            }
        }
        What::ConferenceHeld(held) => Said::of("会議録", &held.minutes)
            .with("決めたこと", held.decisions.iter().map(|d| d.words.as_str()).collect::<Vec<_>>().join("\n")),
        What::ConferenceTold(told) => Said::of(if told.is_off { "会議がないと伝えた" } else { "会議を伝えた" }, "")
            .with("参加者", participant(names, file, &told.participant))
            .with(told.kind.name(), frame.moment(&told.starts_at)),
        What::SupportAsked(ask) => {
            Said::of("支援金の申請", &ask.words).with("何の費用", ask.kind.name()).with("金額", yen(ask.amount_yen))
        }
        What::SupportMoved(moved) => {
            Said::of("支援金", &moved.reason).with("いま", moved.state.name()).with("金額", yen(moved.amount_yen))
        }
        What::Note { words } => Said::of("メモ", words),
        What::Closed { outcome, why } => {
            Said::of("終結", why).with("終わり方", name_of(outcomes(file.course), *outcome))
        }
        What::Reopened { why } => Said::of("再開", why),
        #[allow(unreachable_patterns, reason = "the service may know more than this page")]
        _ => Said::of("記録", ""),
    }
}

fn look(by: &By, what: &What) -> &'static str {
    match (by, what) {
        (By::Reporter, what) if what.is_talk() => "them",
        (_, What::Said { .. }) => "us",
        (_, What::Attached(file)) if file.shown == Shown::Talk => "us",
        (_, What::Attached(_)) => "file",
        (_, What::PartnerSaid { .. } | What::RecommendationAnswered { .. }) => "partner",
        (_, What::Background(_)) => "guarded",
        (_, What::Note { .. }) => "note",
        (_, What::Sign { .. } | What::Suspected { .. }) => "sign",
        _ => "event",
    }
}

/// Who wrote an entry.
pub(crate) fn author(names: &Names, by: &By) -> String {
    match by {
        By::Reporter => "相談した人".into(),
        By::Account(account) => names.of(account),
        #[allow(unreachable_patterns, reason = "the service may know more than this page")]
        _ => String::new(),
    }
}

/// An entry in words.
pub(crate) fn item(frame: &Frame, names: &Names, file: &casework::CaseFile, placed: &Placed) -> Item {
    let said = said(frame, names, file, &placed.entry.what);
    // What somebody told by telephone was written down by the desk, and is the caller's.
    let is_first = placed.seq == 2 && matches!(placed.entry.what, What::Said { .. });
    let look = if is_first { "them" } else { look(&placed.entry.by, &placed.entry.what) };
    let who = author(names, &placed.entry.by);
    let is_written_down = is_first && placed.entry.by != By::Reporter;
    Item {
        id: placed.id.clone(),
        seq: placed.seq,
        look,
        kind: said.kind,
        who: if is_written_down { format!("相談した人（{who}が記入）") } else { who },
        at: frame.moment(&placed.entry.at),
        words: said.words,
        pairs: said.pairs,
        file: match &placed.entry.what {
            What::Attached(found) => Some(file_row(found)),
            _ => None,
        },
        is_report: matches!(placed.entry.what, What::MayorTold(_)),
    }
}
