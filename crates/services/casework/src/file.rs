//! What a case is now: folded from its entries, and which entry may come next. Pure, so that every rule of the desk can
//! be tested without a key.

use calendar::{BusinessCalendar, Date, Instant};
use serde::{Deserialize, Serialize};

use crate::clock::{self, Clock};
use crate::conference;
use crate::entry::{By, Channel, Consent, Outcome, Party, Speaker, Suspicion, What, Wishes, dates};
use crate::error::rule;
use crate::kind::{self, Course, Kind};
use crate::participant::{self, Participant};
use crate::recommendation::{self, Recommendation};
use crate::referral::{self, Mover};
use crate::seal::Placed;
use crate::support::{self, Support};
use crate::welfare::{self, Child, Known};
use crate::{Entry, Result};

pub use crate::referral::Referral;
pub(crate) use crate::whole::{has_consent, looks_right};

pub use crate::whole::MAX_WORDS;

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

/// Whoever answers for a case from some entry on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// Account.
    pub account: String,
    /// Since when.
    pub since: Instant,
    /// The last day, where it is for a time only.
    pub until: Option<Date>,
}

/// The ring in which an entry belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    Talk,
    Case,
    Participant(String),
    Child(Child),
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
    /// Which way it takes.
    pub course: Course,
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
    /// Who takes or took part from outside.
    pub participants: Vec<Participant>,
    /// What was said to the school by the desk's own right.
    pub recommendations: Vec<Recommendation>,
    /// Conferences, in the order in which they were planned.
    pub conferences: Vec<conference::Known>,
    /// Support that was asked for.
    pub supports: Vec<Support>,
    /// What is known of the background of a child; empty for whoever does not hold its ring.
    pub backgrounds: Vec<Known>,
    /// Whoever answered for it, in order.
    pub answering: Vec<Answering>,
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
    /// The last day of a deputy, as known when this was written; it may be over.
    #[serde(default, with = "dates")]
    pub deputy_until: Option<Date>,
}

/// Characters of the first words in the list.
const BEGINS: usize = 60;

impl CaseFile {
    /// Folds the entries of a case. None if it does not begin as a case does.
    pub fn of(mut entries: Vec<Placed>, kind: &Kind, calendar: &BusinessCalendar) -> Result<Option<CaseFile>> {
        entries.sort_by_key(|placed| placed.seq);
        let opened = entries.iter().find_map(|placed| match &placed.entry.what {
            What::Opened { number, channel, speaker, school } => {
                Some((number.clone(), *channel, *speaker, school.clone(), placed.entry.at))
            }
            _ => None,
        });
        let Some((number, channel, speaker, school, opened_at)) = opened else { return Ok(None) };
        let clocks = clock::of(kind, &entries, calendar)?;
        let mut file = CaseFile {
            entries: Vec::new(),
            course: kind.course,
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
            participants: Vec::new(),
            recommendations: Vec::new(),
            conferences: Vec::new(),
            supports: Vec::new(),
            backgrounds: Vec::new(),
            answering: Vec::new(),
            tasks: Vec::new(),
            recurrences: 0,
            outcome: None,
            clocks,
        };
        for placed in &entries {
            file.take(placed);
        }
        file.entries = entries;
        Ok(Some(file))
    }

    fn take(&mut self, placed: &Placed) {
        participant::take(&mut self.participants, placed);
        referral::take(&mut self.referrals, placed);
        recommendation::take(&mut self.recommendations, placed);
        conference::take(&mut self.conferences, placed);
        support::take(&mut self.supports, placed);
        welfare::take(&mut self.backgrounds, placed);
        self.take_answering(placed);
        match &placed.entry.what {
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

    fn take_answering(&mut self, placed: &Placed) {
        let (account, until) = match (&placed.entry.what, &placed.entry.by) {
            (What::Opened { .. }, By::Account(account)) => (account, None),
            (What::HandedOver { to, until, .. }, _) => (to, *until),
            _ => return,
        };
        self.answering.push(Answering { account: account.clone(), since: placed.entry.at, until });
    }

    /// Account of whoever answers for the case on a day. After the last day of a deputy it is whoever did before.
    pub fn accountable_on(&self, day: Date) -> Option<&str> {
        let deputy = self.answering.last().filter(|last| last.until.is_some_and(|until| day <= until));
        let lasting = || self.answering.iter().rev().find(|answering| answering.until.is_none());
        deputy.or_else(lasting).map(|answering| answering.account.as_str())
    }

    /// The last day of whoever answers for the case on a day in the place of another (代理); none where nobody does.
    pub fn deputy_until(&self, day: Date) -> Option<Date> {
        self.answering.last().and_then(|last| last.until).filter(|until| day <= *until)
    }

    /// Whether somebody answers for the case on a day, or will again after a deputy.
    pub fn answers(&self, account: &str, day: Date) -> bool {
        self.accountable_on(day) == Some(account) || self.accountable_on(Date::MAX) == Some(account)
    }

    /// The ring in which an entry belongs: what a participant is told and answers lies in theirs.
    pub(crate) fn home(&self, what: &What) -> Home {
        let to_participant = |participant: Option<&String>| match participant {
            Some(id) => Home::Participant(id.clone()),
            None => Home::Case,
        };
        match what {
            what if what.is_talk() => Home::Talk,
            What::Invited(invitation) => Home::Participant(invitation.id.clone()),
            What::Disclosed(disclosed) => Home::Participant(disclosed.participant.clone()),
            What::ConferenceTold(told) => Home::Participant(told.participant.clone()),
            What::Background(background) => Home::Child(background.child),
            What::Referred { participant, .. } => to_participant(participant.as_ref()),
            What::ReferralMoved { id, .. } => {
                let known = self.referrals.iter().find(|known| known.id == *id);
                to_participant(known.and_then(|known| known.participant.as_ref()))
            }
            What::Recommended(said) => to_participant(said.participant.as_ref()),
            What::RecommendationAnswered { id, .. } | What::RecommendationOff { id, .. } => {
                let known = self.recommendations.iter().find(|known| known.said.id == *id);
                to_participant(known.and_then(|known| known.said.participant.as_ref()))
            }
            _ => Home::Case,
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
            deputy_until: self.deputy_until(now.jst_date()),
        }
    }

    /// Whether an entry may come next; otherwise what is wrong, as a sentence.
    pub fn allows(&self, by: &By, what: &What) -> Result<()> {
        looks_right(what)?;
        if !self.course.knows(what) {
            return Err(kind::unknown());
        }
        if *by == By::Reporter && !what.is_talk() {
            return Err(rule("相談した人が書けるのは、ことばと希望だけです。"));
        }
        // Also after the end something may be taken back.
        let may_follow = matches!(
            what,
            What::Reopened { .. } | What::Note { .. } | What::Uninvited { .. } | What::DisclosureWithdrawn(_)
        );
        if self.step == Step::Closed && !what.is_talk() && !may_follow {
            return Err(rule("終結した事案です。続けるには、再開してください。"));
        }
        let has_stopped = matches!(self.step, Step::Watching | Step::Resolved);
        match what {
            What::Opened { .. } => Err(rule("事案は一度だけ始まります。")),
            What::Referred { consent, reaches_school, participant, .. } => {
                self.may_refer(consent, *reaches_school, participant.as_deref())
            }
            What::ReferralMoved { id, state, reason } => {
                referral::may_move(&self.referrals, id, *state, reason, Mover::Desk)
            }
            What::Invited(invitation) => participant::may_invite(self, invitation),
            What::Uninvited { id, .. } => self.taking_part(id).map(|_| ()),
            What::Disclosed(disclosed) => participant::may_disclose(self, disclosed),
            What::ConferencePlanned(conference) => conference::may_plan(self, conference, true),
            What::ConferenceChanged(conference) => conference::may_plan(self, conference, false),
            What::ConferenceHeld(held) => conference::may_hold(self, held),
            What::ConferenceOff { id, .. } => conference::may_call_off(self, id),
            What::ConferenceTold(told) => conference::may_tell(self, told),
            What::SupportAsked(ask) => support::may_ask(&self.supports, ask),
            What::SupportMoved(moved) => support::may_move(&self.supports, moved),
            What::PartnerSaid { .. } => Err(rule("これを書けるのは、参加者だけです。")),
            What::Recommended(said) => recommendation::may_recommend(self, said),
            What::RecommendationAnswered { id, .. } | What::RecommendationOff { id, .. } => {
                recommendation::may_answer(&self.recommendations, id)
            }
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
            What::Closed { outcome: Outcome::Resolved, .. } if !self.course.may_end_resolved(self.step) => {
                Err(rule(match self.course {
                    Course::Bullying => "「解消」で終結するには、見守りのあとの解消の確認が要ります。",
                    Course::Consultation => "「解決」で終結するには、対応の記録が要ります。",
                }))
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
    fn may_refer(&self, consent: &str, reaches_school: bool, participant: Option<&str>) -> Result<()> {
        has_consent(consent)?;
        let to_school = match participant {
            Some(id) => self.taking_part(id)?.reaches_school(),
            None => false,
        };
        if reaches_school || to_school { self.may_reach_school() } else { Ok(()) }
    }

    /// Whether whoever spoke wants the school to know.
    pub(crate) fn may_reach_school(&self) -> Result<()> {
        match self.wishes.school_may_know {
            Consent::Yes => Ok(()),
            Consent::No => {
                Err(rule("本人が「学校に知らせないでほしい」と言っています。学校に伝わることはできません。"))
            }
            Consent::Unsaid => Err(rule("学校に知らせてよいか、まだ聞いていません。先に本人の希望を聞いてください。")),
        }
    }

    /// Somebody from outside who takes part now.
    pub(crate) fn taking_part(&self, id: &str) -> Result<&Participant> {
        let known = self.participants.iter().find(|known| known.id == id && known.left.is_none());
        known.ok_or_else(|| rule("その参加者は、いまはこの事案に加わっていません。"))
    }

    fn may_pause(&self, code: &str, is_paused: bool) -> Result<()> {
        if code == recommendation::CLOCK {
            return Err(rule("回答の期限は、止められません。"));
        }
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

/// An entry at an instant.
pub(crate) fn entry(at: Instant, by: By, what: What) -> Entry {
    Entry { at, by, what }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
