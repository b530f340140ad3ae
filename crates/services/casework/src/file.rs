//! What a case is now: folded from its entries, and which entry may come next. Pure, so that every rule of the desk can
//! be tested without a key.

use calendar::{BusinessCalendar, Instant};
use serde::{Deserialize, Serialize};

use crate::clock::{self, Clock, Rule};
use crate::entry::{By, Channel, Consent, Outcome, Party, ReferralState, Role, Speaker, Suspicion, What, Wishes};
use crate::error::{field, rule};
use crate::seal::Placed;
use crate::{Entry, Result};

/// Longest words of one entry, in characters.
pub const MAX_WORDS: usize = 10_000;

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 受付.
    Received,
    /// 対応中: the first action was done.
    Acting,
    /// 見守り中: the act has stopped.
    Watching,
    /// 解消.
    Resolved,
    /// 終結.
    Closed,
}

/// A referral as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its id in this case.
    pub id: String,
    /// To whom.
    pub to: String,
    /// What for.
    pub purpose: String,
    /// How it stands.
    pub state: ReferralState,
    /// Why it stands so.
    pub reason: String,
}

/// A task as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id in this case.
    pub id: String,
    /// What is to be done.
    pub todo: String,
    /// Account of who is to do it.
    pub owner: Option<String>,
    /// Whether it was done.
    pub is_done: bool,
}

/// What a case is now.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// Its entries, in order, as far as the reader holds their keys.
    pub entries: Vec<Placed>,
    /// Number that people see.
    pub number: String,
    /// How it came in.
    pub channel: Channel,
    /// Who spoke.
    pub speaker: Speaker,
    /// School, as far as it was named.
    pub school: String,
    /// When it came in.
    pub opened_at: Instant,
    /// How far it has come.
    pub step: Step,
    /// What is wanted.
    pub wishes: Wishes,
    /// Who has a part.
    pub parties: Vec<Party>,
    /// Danger signs that nobody has looked at.
    pub open_signs: usize,
    /// Suspicions of a serious case.
    pub suspicions: Vec<Suspicion>,
    /// Whether the meeting judged it to be bullying.
    pub judged: Option<bool>,
    /// Referrals.
    pub referrals: Vec<Referral>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// How often it happened again.
    pub recurrences: usize,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Its clocks.
    pub clocks: Vec<Clock>,
}

/// What stands in the list of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Number that people see.
    pub number: String,
    /// How it came in.
    pub channel: Channel,
    /// Who spoke.
    pub speaker: Speaker,
    /// School, as far as it was named.
    pub school: String,
    /// When it came in.
    pub opened_at: Instant,
    /// How far it has come.
    pub step: Step,
    /// The first words.
    pub begins: String,
    /// Danger signs that nobody has looked at.
    pub open_signs: usize,
    /// Whether it may be a serious case.
    pub is_serious: bool,
    /// Clocks that are waited for: code and due instant as known when this was written; none while one stands still.
    pub clocks: Vec<(String, Option<Instant>)>,
}

/// Characters of the first words in the list.
const BEGINS: usize = 60;

impl CaseFile {
    /// Folds the entries of a case. None if it does not begin as a case does.
    pub fn of(mut entries: Vec<Placed>, rules: &[Rule], calendar: &BusinessCalendar) -> Result<Option<CaseFile>> {
        entries.sort_by_key(|placed| placed.seq);
        let opened = entries.iter().find_map(|placed| match &placed.entry.what {
            What::Opened { number, channel, speaker, school } => {
                Some((number.clone(), *channel, *speaker, school.clone(), placed.entry.at))
            }
            _ => None,
        });
        let Some((number, channel, speaker, school, opened_at)) = opened else { return Ok(None) };
        let clocks = clock::of(rules, &entries, calendar)?;
        let mut file = CaseFile {
            entries: Vec::new(),
            number,
            channel,
            speaker,
            school,
            opened_at,
            step: Step::Received,
            wishes: Wishes::default(),
            parties: Vec::new(),
            open_signs: 0,
            suspicions: Vec::new(),
            judged: None,
            referrals: Vec::new(),
            tasks: Vec::new(),
            recurrences: 0,
            outcome: None,
            clocks,
        };
        for placed in &entries {
            file.take(&placed.entry.what);
        }
        file.entries = entries;
        Ok(Some(file))
    }

    fn take(&mut self, what: &What) {
        match what {
            What::Wished(wishes) => self.wishes = wishes.clone(),
            What::Party(party) => match self.parties.iter_mut().find(|known| known.id == party.id) {
                Some(known) => *known = party.clone(),
                None => self.parties.push(party.clone()),
            },
            What::Sign { .. } => self.open_signs += 1,
            What::SignsSeen { .. } => self.open_signs = 0,
            What::Suspected { number, .. } if !self.suspicions.contains(number) => self.suspicions.push(*number),
            What::FirstAction { .. } if self.step == Step::Received => self.step = Step::Acting,
            What::Judged { is_bullying, .. } => self.judged = Some(*is_bullying),
            What::Stopped { .. } => self.step = Step::Watching,
            What::Recurred { .. } => {
                self.recurrences += 1;
                self.step = Step::Acting;
            }
            What::Resolved { .. } => self.step = Step::Resolved,
            What::Task { id, todo, owner } => {
                let task = Task { id: id.clone(), todo: todo.clone(), owner: owner.clone(), is_done: false };
                self.tasks.push(task);
            }
            What::TaskDone { id } => {
                if let Some(task) = self.tasks.iter_mut().find(|task| task.id == *id) {
                    task.is_done = true;
                }
            }
            What::Referred { id, to, purpose, .. } => self.referrals.push(Referral {
                id: id.clone(),
                to: to.clone(),
                purpose: purpose.clone(),
                state: ReferralState::InProgress,
                reason: String::new(),
            }),
            What::ReferralMoved { id, state, reason } => {
                if let Some(referral) = self.referrals.iter_mut().find(|referral| referral.id == *id) {
                    (referral.state, referral.reason) = (*state, reason.clone());
                }
            }
            What::Closed { outcome, .. } => {
                self.outcome = Some(*outcome);
                self.step = Step::Closed;
            }
            What::Reopened { .. } => {
                self.outcome = None;
                self.step = Step::Acting;
            }
            _ => {}
        }
    }

    /// What stands in the list of cases.
    pub fn summary(&self, now: Instant) -> Summary {
        let first = self.entries.iter().find_map(|placed| match &placed.entry.what {
            What::Said { words } => Some(words.as_str()),
            _ => None,
        });
        let clocks = self.clocks.iter().filter(|clock| clock.is_open()).map(|clock| {
            let is_paused = clock.state_at(now) == calendar::DeadlineState::Paused;
            (clock.code.clone(), (!is_paused).then(|| clock.deadline.due_as_of(now)))
        });
        Summary {
            number: self.number.clone(),
            channel: self.channel,
            speaker: self.speaker,
            school: self.school.clone(),
            opened_at: self.opened_at,
            step: self.step,
            begins: first.unwrap_or_default().chars().take(BEGINS).collect(),
            open_signs: self.open_signs,
            is_serious: !self.suspicions.is_empty(),
            clocks: clocks.collect(),
        }
    }

    /// Whether an entry may come next; otherwise what is wrong, as a sentence.
    pub fn allows(&self, by: &By, what: &What) -> Result<()> {
        looks_right(what)?;
        if *by == By::Reporter && !what.is_talk() {
            return Err(rule("相談した人が書けるのは、ことばと希望だけです。"));
        }
        if self.step == Step::Closed && !what.is_talk() && !matches!(what, What::Reopened { .. } | What::Note { .. }) {
            return Err(rule("終結した事案です。続けるには、再開してください。"));
        }
        let has_stopped = matches!(self.step, Step::Watching | Step::Resolved);
        match what {
            What::Opened { .. } => Err(rule("事案は一度だけ始まります。")),
            What::Referred { consent, reaches_school, .. } => self.may_refer(consent, *reaches_school),
            What::ReferralMoved { id, state, reason } => self.may_move(id, *state, reason),
            What::MayorTold(_) if self.suspicions.is_empty() => {
                Err(rule("重大事態の疑い（1号か2号）を先に記録してください。"))
            }
            What::Stopped { .. } if has_stopped => Err(rule("行為の停止は、もう記録されています。")),
            What::Stopped { .. } if self.step == Step::Received => {
                Err(rule("初動を先に記録してください。いつ、何をしたかが、あとで確かめられません。"))
            }
            What::Recurred { .. } if !has_stopped => {
                Err(rule("再発は、行為が止まったあとに記録します。続いているなら「対応」に書いてください。"))
            }
            What::Resolved { .. } if self.step != Step::Watching => {
                Err(rule("解消は、見守りの期間のあとに記録します。先に「行為の停止」を記録してください。"))
            }
            What::Closed { outcome: Outcome::Resolved, .. } if self.step != Step::Resolved => {
                Err(rule("「解消」で終結するには、見守りのあとの解消の確認が要ります。"))
            }
            What::Closed { .. } if self.open_signs > 0 => {
                Err(rule("まだだれも見ていない危険のしるしがあります。確かめてから終結してください。"))
            }
            What::Reopened { .. } if self.step != Step::Closed => Err(rule("終結していない事案です。")),
            What::TaskDone { id } if !self.tasks.iter().any(|task| task.id == *id && !task.is_done) => {
                Err(rule("その予定はもう済んでいるか、ありません。"))
            }
            What::ClockPaused { clock, .. } => self.may_pause(clock, false),
            What::ClockResumed { clock } => self.may_pause(clock, true),
            _ => Ok(()),
        }
    }

    /// The wishes gate every referral: nothing reaches the school of whoever did not say yes.
    fn may_refer(&self, consent: &str, reaches_school: bool) -> Result<()> {
        if consent.trim().is_empty() {
            return Err(field(
                "consent",
                "だれが、いつ、どのように同意したかを書いてください。同意なしにはつなげません。",
            ));
        }
        match self.wishes.school_may_know {
            _ if !reaches_school => Ok(()),
            Consent::Yes => Ok(()),
            Consent::No => {
                Err(rule("本人が「学校に知らせないでほしい」と言っています。学校に伝わるつなぎはできません。"))
            }
            Consent::Unsaid => Err(rule("学校に知らせてよいか、まだ聞いていません。先に本人の希望を聞いてください。")),
        }
    }

    fn may_move(&self, id: &str, state: ReferralState, reason: &str) -> Result<()> {
        use ReferralState::{Accepted, Done, InProgress, Rejected, Revoked};
        let Some(referral) = self.referrals.iter().find(|referral| referral.id == id) else {
            return Err(rule("そのつなぎは、ありません。"));
        };
        let may = match referral.state {
            InProgress => matches!(state, Accepted | Rejected | Revoked),
            Accepted => matches!(state, Done | Revoked),
            Rejected | Done | Revoked => false,
        };
        if !may {
            return Err(rule("つなぎの状態は、そのようには変えられません。"));
        }
        if matches!(state, Rejected | Revoked) && reason.trim().is_empty() {
            return Err(field("reason", "理由を書いてください。"));
        }
        Ok(())
    }

    fn may_pause(&self, code: &str, is_paused: bool) -> Result<()> {
        let running = self.clocks.iter().find(|clock| clock.code == code && clock.is_open());
        let Some(clock) = running else { return Err(rule("その期限は動いていません。")) };
        let stands_still = clock.deadline.pauses.iter().any(|pause| pause.to.is_none());
        match (stands_still, is_paused) {
            (true, false) => Err(rule("その期限は、もう止まっています。")),
            (false, true) => Err(rule("その期限は、止まっていません。")),
            _ => Ok(()),
        }
    }
}

/// Whether an entry is whole, whatever the case is.
pub(crate) fn looks_right(what: &What) -> Result<()> {
    let needed = |name: &'static str, text: &str| match text.trim().chars().count() {
        0 => Err(field(name, "書いてください。")),
        n if n > MAX_WORDS => Err(field(name, format!("{MAX_WORDS}文字までにしてください。"))),
        _ => Ok(()),
    };
    match what {
        What::Said { words } | What::Note { words } => needed("words", words),
        What::Sign { why, .. } | What::Suspected { why, .. } | What::Judged { why, .. } => needed("why", why),
        What::FirstAction { done } | What::Action { done } => needed("done", done),
        What::Stopped { confirmed, .. } | What::Resolved { confirmed } => needed("confirmed", confirmed),
        What::Recurred { happened, .. } => needed("happened", happened),
        What::Task { todo, .. } => needed("todo", todo),
        What::Referred { to, purpose, .. } => needed("to", to).and_then(|()| needed("purpose", purpose)),
        What::ClockPaused { reason, .. } => needed("reason", reason),
        What::Closed { why, .. } | What::Reopened { why } => needed("why", why),
        What::Party(party) => party_looks_right(party),
        // Its bytes must be there first, and `attachment` alone knows that.
        What::Attached(_) => Err(rule("ファイルは、添付の欄から送ってください。")),
        What::MayorTold(report) => needed("school", &report.school)
            .and_then(|()| needed("child", &report.child))
            .and_then(|()| needed("situation", &report.situation)),
        _ => Ok(()),
    }
}

fn party_looks_right(party: &Party) -> Result<()> {
    if party.name.trim().is_empty() && !matches!(party.role, Role::Accused | Role::Witness) {
        return Err(field("name", "名前か、わかっている呼び方を書いてください。"));
    }
    Ok(())
}

/// An entry at an instant.
pub(crate) fn entry(at: Instant, by: By, what: What) -> Entry {
    Entry { at, by, what }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
