//! Kinds of case (事案の種類): what a desk is called, who can open its cases, which steps they have, and its clocks. All
//! kinds share entries, files, clocks, wall, readers and talk; a kind is data.

use std::time::Duration;

use calendar::{Date, Period};
use serde::Deserialize;

use crate::case::BULLYING;
use crate::clock::{Length, Rule};
use crate::conference::ConferenceKind;
use crate::entry::{Entry, Outcome, What};
use crate::error::rule;
use crate::file::Step;
use crate::{CaseError, Result};

/// Who can open the cases of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Each reader, with a key under their own passphrase: neither an administrator nor the server can.
    Readers,
    /// The house: whoever has the role at the desk reads, without a passphrase. What lies in the database is sealed all
    /// the same, under a key that lies with the outer keys ([`crate::desk_key`]).
    House,
}

/// Which way cases take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// 受付 → 対応中 → 見守り中 → 解消 → 終結, with judgement, serious cases, recommendations and support.
    Bullying,
    /// 受付 → 対応中 → 終結.
    Consultation,
}

impl Course {
    /// Its steps, in order.
    pub const fn steps(self) -> &'static [Step] {
        match self {
            Course::Bullying => &[Step::Received, Step::Acting, Step::Watching, Step::Resolved, Step::Closed],
            Course::Consultation => &[Step::Received, Step::Acting, Step::Closed],
        }
    }

    /// Whether it has an entry of this kind.
    pub fn knows(self, what: &What) -> bool {
        let is_of_bullying = match what {
            What::Suspected { .. }
            | What::MayorTold(_)
            | What::Judged { .. }
            | What::Stopped { .. }
            | What::Recurred { .. }
            | What::Resolved { .. }
            | What::Recommended(_)
            | What::RecommendationAnswered { .. }
            | What::RecommendationOff { .. }
            | What::SupportAsked(_)
            | What::SupportMoved(_) => true,
            What::ConferencePlanned(conference) | What::ConferenceChanged(conference) => {
                conference.kind == ConferenceKind::Judgement
            }
            What::Closed { outcome, .. } => *outcome == Outcome::NotBullying,
            _ => false,
        };
        self == Course::Bullying || !is_of_bullying
    }

    /// Whether a case can end as resolved from a step.
    pub(crate) fn may_end_resolved(self, step: Step) -> bool {
        match self {
            Course::Bullying => step == Step::Resolved,
            Course::Consultation => step == Step::Acting,
        }
    }
}

/// Something in a case at which a clock starts, ends or becomes void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// It came in.
    Opened,
    /// The first action.
    FirstAction,
    /// Something was done.
    Action,
    /// Judged, either way.
    Judged,
    /// Judged to be no bullying.
    JudgedNot,
    /// The act stopped.
    Stopped,
    /// It happened again.
    Recurred,
    /// 解消.
    Resolved,
    /// Suspicion of a serious case.
    Suspected,
    /// The mayor was told.
    MayorTold,
    /// 終結.
    Closed,
    /// Opened again.
    Reopened,
}

impl Moment {
    /// Whether an entry is it.
    pub fn is(self, entry: &Entry) -> bool {
        matches!(
            (self, &entry.what),
            (Moment::Opened, What::Opened { .. })
                | (Moment::FirstAction, What::FirstAction { .. })
                | (Moment::Action, What::Action { .. })
                | (Moment::Judged, What::Judged { .. })
                | (Moment::JudgedNot, What::Judged { is_bullying: false, .. })
                | (Moment::Stopped, What::Stopped { .. })
                | (Moment::Recurred, What::Recurred { .. })
                | (Moment::Resolved, What::Resolved { .. })
                | (Moment::Suspected, What::Suspected { .. })
                | (Moment::MayorTold, What::MayorTold(_))
                | (Moment::Closed, What::Closed { .. })
                | (Moment::Reopened, What::Reopened { .. })
        )
    }
}

/// A kind of case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Code of its desk.
    pub desk: String,
    /// What the desk is called.
    pub name: String,
    /// What stands before the numbers of its cases.
    pub number: String,
    /// Who can open its cases.
    pub keeper: Keeper,
    /// Which way they take.
    pub course: Course,
    /// Its clocks.
    pub rules: Vec<Rule>,
}

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

impl Kind {
    /// The bullying desk. The times of its clocks are the desk's own promise (a day to the first action and a month until
    /// the act has stopped are what 寝屋川市 reports of itself); the three months of watching are those of the national
    /// policy on bullying (いじめの防止等のための基本的な方針, 「解消している」状態).
    pub fn bullying() -> Kind {
        use Moment::{
            Closed, FirstAction, Judged, JudgedNot, MayorTold, Opened, Recurred, Resolved, Stopped, Suspected,
        };
        let clock = |code: &str, (name, short): (&str, &str), starts: &[Moment], ends: Moment, length, remind| Rule {
            code: code.into(),
            name: name.into(),
            short: short.into(),
            starts: starts.to_vec(),
            ends: vec![ends],
            voids: vec![Closed],
            length,
            remind: Duration::from_secs(remind),
            from: None,
        };
        let counted = Length::Counted;
        let mut rules = vec![
            clock(
                "first_action",
                ("初動（24時間以内）", "初動"),
                &[Opened, Recurred],
                FirstAction,
                Length::Hours(24),
                6 * HOUR,
            ),
            clock("judgement", ("いじめ判定会議", "判定"), &[Opened], Judged, counted(Period::BusinessDays(5)), DAY),
            clock(
                "stopped",
                ("行為の停止（1か月以内）", "停止"),
                &[Opened, Recurred],
                Stopped,
                counted(Period::Months(1)),
                7 * DAY,
            ),
            clock("watch", ("見守り（3か月）", "見守り"), &[Stopped], Resolved, counted(Period::Months(3)), 7 * DAY),
            clock(
                "mayor",
                ("重大事態の疑いを市長に報告", "市長への報告"),
                &[Suspected],
                MayorTold,
                Length::Hours(24),
                12 * HOUR,
            ),
        ];
        rules[2].voids.push(JudgedNot);
        rules[3].voids.push(Recurred);
        Kind {
            desk: BULLYING.into(),
            name: "いじめの相談".into(),
            number: "いじめ".into(),
            keeper: Keeper::Readers,
            course: Course::Bullying,
            rules,
        }
    }

    /// Clocks of a consultation, where the city names none: somebody is on it within three business days (窓口の目安, no
    /// rule of law), and it is answered within 14 days, as proposals to the mayor are in most cities.
    pub fn consultation_rules() -> Vec<Rule> {
        let clock = |code: &str, (name, short): (&str, &str), ends, period, remind| Rule {
            code: code.into(),
            name: name.into(),
            short: short.into(),
            starts: vec![Moment::Opened, Moment::Reopened],
            ends: vec![ends],
            voids: if ends == Moment::Closed { Vec::new() } else { vec![Moment::Closed] },
            length: Length::Counted(period),
            remind: Duration::from_secs(remind),
            from: None,
        };
        vec![
            clock(
                "first_action",
                ("対応を始める（3開庁日以内）", "対応開始"),
                Moment::FirstAction,
                Period::BusinessDays(3),
                DAY,
            ),
            clock("closing", ("終結（14日以内）", "終結"), Moment::Closed, Period::Days(14), 3 * DAY),
        ]
    }

    /// Whether its cases open only with their readers' passphrases.
    pub fn is_sealed(&self) -> bool {
        self.keeper == Keeper::Readers
    }

    /// Whether addresses of its pages name the desk; those of the bullying desk do not.
    pub fn is_named(&self) -> bool {
        self.desk != BULLYING
    }

    /// The address of the list of its cases.
    pub fn list_page(&self) -> String {
        if self.is_named() { format!("/sealed?desk={}", self.desk) } else { "/sealed".into() }
    }

    /// The rules that hold on a day: of several with one code the one that came into force last.
    pub(crate) fn in_force(&self, on: Date) -> impl Iterator<Item = &Rule> {
        let holds = move |rule: &Rule| rule.from.is_none_or(|from| from <= on);
        self.rules.iter().filter(move |rule| {
            let is_replaced =
                self.rules.iter().any(|other| other.code == rule.code && other.from > rule.from && holds(other));
            holds(rule) && !is_replaced
        })
    }

    /// The newest rule with a code.
    pub fn rule(&self, code: &str) -> Option<&Rule> {
        self.rules.iter().filter(|rule| rule.code == code).max_by_key(|rule| rule.from)
    }

    /// What is wrong with it, as a sentence for whoever wrote the configuration.
    pub fn fault(&self) -> Option<String> {
        let is_code = |text: &str| {
            !text.is_empty()
                && text.len() <= 40
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let desk = &self.desk;
        if !is_code(desk) {
            return Some(format!("desk {desk:?}: a code has lower case letters, digits and _, at most 40"));
        }
        if self.name.trim().is_empty() || self.number.trim().is_empty() {
            return Some(format!("desk {desk:?}: name and number must not be empty"));
        }
        if self.course == Course::Bullying && !self.is_sealed() {
            return Some(format!("desk {desk:?}: cases of bullying are always sealed"));
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if let Some(fault) = rule_fault(rule, is_code) {
                return Some(format!("desk {desk:?}, clock {:?}: {fault}", rule.code));
            }
            if self.rules[..place].iter().any(|other| other.code == rule.code && other.from == rule.from) {
                return Some(format!("desk {desk:?}, clock {:?}: it is there twice with the same `from`", rule.code));
            }
        }
        None
    }
}

/// Codes of clocks that the program makes itself.
const OWN: [&str; 1] = [crate::recommendation::CLOCK];

fn rule_fault(rule: &Rule, is_code: impl Fn(&str) -> bool) -> Option<&'static str> {
    let length = match rule.length {
        Length::Hours(n)
        | Length::Counted(Period::Days(n) | Period::Months(n) | Period::Weeks(n) | Period::BusinessDays(n)) => n,
        Length::Counted(_) => 1,
    };
    match rule {
        _ if !is_code(&rule.code) => Some("a code has lower case letters, digits and _, at most 40"),
        _ if OWN.contains(&rule.code.as_str()) => Some("this code belongs to a clock of the program"),
        _ if rule.name.trim().is_empty() || rule.short.trim().is_empty() => Some("name and short must not be empty"),
        _ if rule.starts.is_empty() || rule.ends.is_empty() => Some("starts and ends name at least one moment each"),
        _ if rule.starts.iter().any(|moment| rule.ends.contains(moment)) => {
            Some("one moment cannot both start and end it")
        }
        _ if length == 0 || length > 10_000 => Some("its length is from 1 to 10000"),
        _ => None,
    }
}

/// Every kind that a city has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(Vec<Kind>);

impl Default for Kinds {
    fn default() -> Self {
        Kinds(vec![Kind::bullying()])
    }
}

impl Kinds {
    /// These kinds; the bullying desk is there whether it is among them or not. Fails with a sentence for whoever wrote
    /// the configuration.
    pub fn new(kinds: Vec<Kind>) -> std::result::Result<Kinds, String> {
        for (place, kind) in kinds.iter().enumerate() {
            if let Some(fault) = kind.fault() {
                return Err(fault);
            }
            if kinds[..place].iter().any(|other| other.desk == kind.desk) {
                return Err(format!("desk {:?} is there twice", kind.desk));
            }
        }
        let mut all = kinds;
        if all.iter().all(|kind| kind.desk != BULLYING) {
            all.insert(0, Kind::bullying());
        }
        Ok(Kinds(all))
    }

    /// The kind of a desk.
    pub fn of(&self, desk: &str) -> Result<&Kind> {
        self.get(desk).ok_or_else(|| rule(format!("窓口「{desk}」は、この市の設定にありません。")))
    }

    /// The kind of a desk, if the city has it.
    pub fn get(&self, desk: &str) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.desk == desk)
    }

    /// All, in the order of the configuration.
    pub fn all(&self) -> &[Kind] {
        &self.0
    }
}

/// The refusal of an entry that a course does not have.
pub(crate) fn unknown() -> CaseError {
    rule("この窓口の事案には、この記録はありません。")
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
