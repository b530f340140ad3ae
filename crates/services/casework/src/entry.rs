//! What is written into the file of a case. A case is its entries in order; nothing of them is ever changed, a later one
//! says what is so now.

mod attached;
pub(crate) mod dates;

use calendar::{Date, Instant};
use serde::{Deserialize, Serialize};

use crate::conference::{Conference, Held, Told};
use crate::participant::{Disclosed, Invitation, Withdrawn};
use crate::recommendation::Recommended;
use crate::support::{SupportAsk, SupportMove};
use crate::welfare::Background;

pub use attached::{Attached, Media, Shown};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: By,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Whoever holds the receipt.
    Reporter,
    /// A member of the desk, by the id of the account.
    Account(String),
}

/// How a case came in (受付手段).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The city's page.
    Web,
    /// Telephone.
    Phone,
    /// A letter.
    Letter,
    /// The counter.
    Counter,
    /// The way in on LINE, which leads to the page.
    Line,
    /// From a school.
    School,
}

/// Who speaks (相談者).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The child to whom it happens.
    Child,
    /// A parent or guardian.
    Parent,
    /// A friend or classmate.
    Friend,
    /// Somebody of the school.
    Teacher,
    /// The person whom it is about (本人), where that need not be a child.
    Person,
    /// Somebody of their family.
    Family,
    /// Somebody else.
    Other,
}

/// What may be done about something; silence is not a yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Not asked, or not answered.
    #[default]
    Unsaid,
    /// Yes.
    Yes,
    /// No.
    No,
}

/// What whoever speaks wants (本人の希望). The newest holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// What is to be done.
    pub wanted: String,
    /// What must not be done.
    pub unwanted: String,
    /// Whether the school may know.
    pub school_may_know: Consent,
    /// Whether the desk may call.
    pub may_call: Consent,
    /// When to call, and where.
    pub call_when: String,
    /// Whether letters and calls must not show whom they come from.
    pub neutral_sender: bool,
}

/// Which part somebody has in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// To whom it happens.
    Victim,
    /// Who is said to do it.
    Accused,
    /// Who told of it.
    Reporter,
    /// Who saw it.
    Witness,
    /// The school.
    School,
    /// A section of the city.
    Section,
}

/// Somebody who has a part in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id in this case; said again with the same id, it is changed.
    pub id: String,
    /// Which part.
    pub role: Role,
    /// Name, as far as it is known.
    pub name: String,
    /// School, with grade and class, as far as it is known.
    #[serde(default)]
    pub school: String,
    /// Account of the staff, where it is one.
    #[serde(default)]
    pub account: Option<String>,
    /// Section of the city, where it is one.
    #[serde(default)]
    pub section: Option<String>,
}

/// Suspicion of a serious case (重大事態の疑い; いじめ防止対策推進法 28条1項).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// 1号: grave harm to life, body, mind or property.
    First,
    /// 2号: long absence from school.
    Second,
}

/// The report to the mayor (重大事態の報告), with what the guideline wants at the least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MayorReport {
    /// The school.
    pub school: String,
    /// The child, with grade.
    pub child: String,
    /// The state at the time of the report: the harm, what is said of it.
    pub situation: String,
}

/// How a referral stands (つなぎ).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralState {
    /// Asked for.
    InProgress,
    /// Taken.
    Accepted,
    /// Not taken; the reason stands beside it.
    Rejected,
    /// Done.
    Done,
    /// Taken back by the desk.
    Revoked,
}

/// How a case ended (終結).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 解消: stopped for three months, and the child does not suffer from it.
    Resolved,
    /// Whoever spoke wants nothing more.
    Withdrawn,
    /// No bullying, and what there was is answered.
    NotBullying,
    /// Somebody else goes on with it.
    HandedOn,
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// It came in.
    Opened {
        /// Number that people see.
        number: String,
        /// How.
        channel: Channel,
        /// Who spoke.
        speaker: Speaker,
        /// School, as far as it was named.
        school: String,
    },
    /// Words of the talk.
    Said {
        /// The words.
        words: String,
    },
    /// What is wanted; the newest holds.
    Wished(Wishes),
    /// Somebody has a part.
    Party(Party),
    /// A danger sign: a rule of the city's list, or a person, saw it. It decides nothing.
    Sign {
        /// Name of the rule, or `person`.
        rule: String,
        /// Why.
        why: String,
    },
    /// A person looked at the danger signs so far.
    SignsSeen {
        /// What follows.
        note: String,
    },
    /// It may be a serious case.
    Suspected {
        /// Which.
        number: Suspicion,
        /// Why.
        why: String,
    },
    /// The mayor was told.
    MayorTold(MayorReport),
    /// The first thing that was done (初動).
    FirstAction {
        /// What.
        done: String,
    },
    /// Something was done.
    Action {
        /// What, with whom, with what result.
        done: String,
    },
    /// The meeting judged (いじめ判定会議).
    Judged {
        /// Whether it is bullying.
        is_bullying: bool,
        /// Why.
        why: String,
    },
    /// The act has stopped (行為の停止).
    Stopped {
        /// Since when.
        #[serde(with = "calendar::date_text")]
        on: Date,
        /// How that is known.
        confirmed: String,
    },
    /// It happened again.
    Recurred {
        /// When.
        #[serde(with = "calendar::date_text")]
        on: Date,
        /// What.
        happened: String,
    },
    /// 解消.
    Resolved {
        /// How that is known, also how the child feels.
        confirmed: String,
    },
    /// Something is to be done.
    Task {
        /// Its id in this case.
        id: String,
        /// What.
        todo: String,
        /// Account of who is to do it.
        owner: Option<String>,
    },
    /// It was done.
    TaskDone {
        /// Its id.
        id: String,
    },
    /// A referral was made. It wants a consent that covers it.
    Referred {
        /// Its id in this case.
        id: String,
        /// To whom.
        to: String,
        /// Whether that is the school, or would let the school know.
        reaches_school: bool,
        /// What for.
        purpose: String,
        /// Who consented, when, in which words.
        consent: String,
        /// Id of the participant to whom it goes, who then answers it; none where it goes another way.
        #[serde(default)]
        participant: Option<String>,
    },
    /// A referral stands differently.
    ReferralMoved {
        /// Its id.
        id: String,
        /// How it stands.
        state: ReferralState,
        /// Why; must be there when it was rejected or taken back.
        reason: String,
    },
    /// Another person answers for the case (引き継ぎ).
    HandedOver {
        /// Account of who does now.
        to: String,
        /// What they must know.
        note: String,
        /// The last day, where it is for a time only (休暇): after it whoever answered before does again.
        #[serde(default, with = "dates")]
        until: Option<Date>,
    },
    /// A clock stands still.
    ClockPaused {
        /// Code of the clock.
        clock: String,
        /// Why.
        reason: String,
    },
    /// It goes on.
    ClockResumed {
        /// Code of the clock.
        clock: String,
    },
    /// A file was put into the case. Only [`crate::attachment`] writes it.
    Attached(Attached),
    /// Somebody from outside takes part from now on (参加者). Only [`crate::participant`] writes it.
    Invited(Invitation),
    /// They do no longer.
    Uninvited {
        /// Id of the participant.
        id: String,
        /// Why.
        reason: String,
    },
    /// They were told something. It lies in their ring.
    Disclosed(Disclosed),
    /// It was taken back: it is gone from their ring, and stands here.
    DisclosureWithdrawn(Withdrawn),
    /// A participant says something to the desk. It lies in their ring.
    PartnerSaid {
        /// The words.
        words: String,
    },
    /// What stands behind it at home. It lies in a ring of its own; only [`crate::welfare`] writes it.
    Background(Background),
    /// The school is guided, asked or recommended to do something (指導・要請・勧告).
    Recommended(Recommended),
    /// It answered.
    RecommendationAnswered {
        /// Its id.
        id: String,
        /// The answer.
        words: String,
    },
    /// It was taken back before it was answered.
    RecommendationOff {
        /// Its id.
        id: String,
        /// Why. Whoever it was said to reads it.
        reason: String,
    },
    /// A conference is planned. Only [`crate::conference`] writes it.
    ConferencePlanned(Conference),
    /// It is planned otherwise.
    ConferenceChanged(Conference),
    /// What came of it.
    ConferenceHeld(Held),
    /// It does not take place. Only [`crate::conference`] writes it.
    ConferenceOff {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// A participant is told of it. It lies in their ring.
    ConferenceTold(Told),
    /// Support is asked for (支援金).
    SupportAsked(SupportAsk),
    /// It stands differently.
    SupportMoved(SupportMove),
    /// For the desk alone.
    Note {
        /// The words.
        words: String,
    },
    /// 終結.
    Closed {
        /// How.
        outcome: Outcome,
        /// Why, and what was told to whoever spoke.
        why: String,
    },
    /// Opened again.
    Reopened {
        /// Why.
        why: String,
    },
}

impl What {
    /// Whether the reporter reads it too.
    pub fn is_talk(&self) -> bool {
        match self {
            What::Said { .. } | What::Wished(_) => true,
            What::Attached(file) => file.shown == Shown::Talk,
            _ => false,
        }
    }

    /// Name of its kind, for the audit chain: it names no content.
    pub const fn kind(&self) -> &'static str {
        match self {
            // The chain tells who wrote, not what the case has come to.
            What::Said { .. } => "talk",
            What::Wished(_) => "wishes",
            What::Attached(_) => "file",
            What::HandedOver { .. } => "accountable",
            What::Closed { .. } | What::Reopened { .. } => "state",
            What::Background(_) => "welfare",
            What::Invited(_) | What::Uninvited { .. } => "participant",
            What::Disclosed(_) | What::DisclosureWithdrawn(_) | What::ConferenceTold(_) => "disclosure",
            What::PartnerSaid { .. } => "partner",
            _ => "entry",
        }
    }

    /// Whose the ring is in which this entry stands first.
    pub(crate) fn owner(&self) -> Option<String> {
        match self {
            What::Invited(invitation) => Some(invitation.id.clone()),
            What::Background(background) => Some(background.child.code().into()),
            _ => None,
        }
    }

    /// Whether it belongs to a step of its own, which writes more than this entry; [`crate::case::add`] refuses it.
    pub const fn is_written_apart(&self) -> bool {
        matches!(
            self,
            What::Invited(_)
                | What::Uninvited { .. }
                | What::Disclosed(_)
                | What::DisclosureWithdrawn(_)
                | What::PartnerSaid { .. }
                | What::Background(_)
                | What::ConferencePlanned(_)
                | What::ConferenceChanged(_)
                | What::ConferenceHeld(_)
                | What::ConferenceOff { .. }
                | What::ConferenceTold(_)
        )
    }

    /// The words of an entry that can be disclosed as they are; none where there is no such text.
    pub fn text(&self) -> Option<&str> {
        match self {
            What::Said { words } | What::Note { words } | What::PartnerSaid { words } => Some(words),
            What::FirstAction { done } | What::Action { done } => Some(done),
            What::Judged { why, .. } | What::Suspected { why, .. } | What::Closed { why, .. } => Some(why),
            What::Stopped { confirmed, .. } | What::Resolved { confirmed } => Some(confirmed),
            What::Recurred { happened, .. } => Some(happened),
            What::MayorTold(report) => Some(&report.situation),
            What::ConferenceHeld(held) => Some(&held.minutes),
            _ => None,
        }
    }
}
