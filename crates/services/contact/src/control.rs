//! Switches of automatic answers: off for a topic or for all, answering without a test, a pass mark of its own, and
//! the disaster mode. Turning off takes one click; turning on again wants a reason. Everything stands in a history
//! and in the record of actions.

use access::Action;
use calendar::Instant;
use city::Lang;
use store::{FromRow, Row, Tx, audit, changes};

use crate::channel::coded;
use crate::gate::CONTROL_TOPIC;
use crate::staff::Desk;
use crate::store::control as rows;
use crate::{ContactError, field, message};

pub use crate::store::control::{disaster, history, switches};

/// The topic that stands for all of them.
pub const ALL: &str = "";
/// Longest text of the banner, in characters.
pub const MAX_BANNER: usize = 300;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 400;

coded! {
    /// What was done.
    Act {
        /// Automatic answers were turned off.
        TurnedOff = "turned_off",
        /// They were turned on again.
        TurnedOn = "turned_on",
        /// A pass mark of its own was set or taken away (`value`).
        PassMark = "pass_mark",
        /// The topic answers without a test.
        Untested = "untested",
        /// It wants a test again.
        Tested = "tested",
        /// The disaster mode began.
        DisasterOn = "disaster_on",
        /// The text of its banner was changed.
        DisasterText = "disaster_text",
        /// It ended.
        DisasterOff = "disaster_off",
    }
}

/// What is set for a topic.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Switch {
    /// Code of the topic; [`ALL`] for all of them.
    pub topic: String,
    /// Whether automatic answers are off.
    pub is_off: bool,
    /// Whether it may answer without golden questions.
    pub untested: bool,
    /// A pass mark of its own, in percent.
    pub pass_mark: Option<i64>,
    /// Who set it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

/// The disaster mode: only verified answers, a banner on every page of citizens, call backs first.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Disaster {
    /// Whether it is on.
    pub is_on: bool,
    /// Text of the banner.
    pub ja: String,
    /// The same in plain Japanese, with readings in brackets.
    pub easy: String,
    /// The same in English.
    pub en: String,
    /// Since when it is on.
    pub since: Option<Instant>,
    /// Who set it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

impl Disaster {
    /// The text in a language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::Easy => &self.easy,
            Lang::En => &self.en,
        }
    }
}

/// An entry of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: String,
    /// What.
    pub act: Act,
    /// Code of the topic; [`ALL`] for all of them.
    pub topic: String,
    /// Why; empty where nobody had to say.
    pub reason: String,
    /// The pass mark.
    pub value: Option<i64>,
}

impl FromRow for Change {
    fn from_row(row: &Row) -> store::Result<Self> {
        Ok(Change {
            at: row.get("at")?,
            actor: row.get("actor")?,
            act: row.get("act")?,
            topic: row.get("topic")?,
            reason: row.get("reason")?,
            value: row.get("value")?,
        })
    }
}

fn may(desk: Desk<'_>, topic: &str) -> Result<(), ContactError> {
    if !desk.who.may(Action::AnswerControl) {
        return Err(ContactError::Forbidden);
    }
    if topic != ALL && city::topic(topic).is_none() {
        return Err(ContactError::NotFound);
    }
    Ok(())
}

/// A reason that was given, or what is missing.
fn reason(typed: &str) -> Result<String, ContactError> {
    let said = message::clean(typed);
    match said.chars().count() {
        0 => Err(field("reason", "理由を書いてください。あとで、なぜ変えたのかをたどれるように残します。")),
        n if n > MAX_REASON => Err(field("reason", format!("理由は{MAX_REASON}文字までにしてください。"))),
        _ => Ok(said),
    }
}

/// What is set for a topic now.
async fn switch_of(tx: &mut Tx, desk: Desk<'_>, topic: &str) -> Result<Switch, ContactError> {
    let there = rows::switches(tx).await?.into_iter().find(|s| s.topic == topic);
    let empty = Switch {
        topic: topic.into(),
        is_off: false,
        untested: false,
        pass_mark: None,
        updated_by: String::new(),
        updated_at: desk.clock.now(),
    };
    Ok(Switch { updated_by: desk.who.actor(), updated_at: desk.clock.now(), ..there.unwrap_or(empty) })
}

async fn note(
    tx: &mut Tx,
    desk: Desk<'_>,
    act: Act,
    (topic, reason, value): (&str, String, Option<i64>),
) -> Result<(), ContactError> {
    let actor = desk.who.actor();
    let object = if topic == ALL { "all" } else { topic };
    let action = format!("answers.{}", act.code());
    let fields = &[act.code()];
    let event = audit::Event { actor: &actor, action: &action, object_kind: "answers", object, fields };
    audit::record(tx, desk.clock, event).await?;
    let change = Change { at: desk.clock.now(), actor, act, topic: topic.into(), reason, value };
    Ok(rows::insert_change(tx, &change).await?)
}

/// Turns automatic answers of a topic off, or all of them; nothing happens where they are off already.
pub async fn turn_off(tx: &mut Tx, desk: Desk<'_>, topic: &str) -> Result<(), ContactError> {
    may(desk, topic)?;
    changes::bump(tx, CONTROL_TOPIC).await?;
    let switch = switch_of(tx, desk, topic).await?;
    if switch.is_off {
        return Ok(());
    }
    rows::put_switch(tx, &Switch { is_off: true, ..switch }).await?;
    note(tx, desk, Act::TurnedOff, (topic, String::new(), None)).await
}

/// Turns them on again. Whether a topic is live then is for its test to say.
pub async fn turn_on(tx: &mut Tx, desk: Desk<'_>, topic: &str, why: &str) -> Result<(), ContactError> {
    may(desk, topic)?;
    let why = reason(why)?;
    changes::bump(tx, CONTROL_TOPIC).await?;
    let switch = switch_of(tx, desk, topic).await?;
    if !switch.is_off {
        return Ok(());
    }
    rows::put_switch(tx, &Switch { is_off: false, ..switch }).await?;
    note(tx, desk, Act::TurnedOn, (topic, why, None)).await
}

/// Sets how a topic is tested: a pass mark of its own (empty for the city's), and whether it answers without golden
/// questions (試験なしで答える).
pub async fn set_test(
    tx: &mut Tx,
    desk: Desk<'_>,
    topic: &str,
    (mark, untested): (&str, bool),
    why: &str,
) -> Result<(), ContactError> {
    may(desk, topic)?;
    let typed = text::normal::normalise(mark);
    let mark = match typed.trim() {
        "" => None,
        number => match number.trim_end_matches('%').parse::<i64>() {
            Ok(mark) if (50..=100).contains(&mark) => Some(mark),
            _ => {
                return Err(field(
                    "mark",
                    "合格点は、50から100までの数で入れてください。空にすると、市の合格点になります。",
                ));
            }
        },
    };
    let why = reason(why)?;
    changes::bump(tx, CONTROL_TOPIC).await?;
    let old = switch_of(tx, desk, topic).await?;
    rows::put_switch(tx, &Switch { pass_mark: mark, untested, ..old.clone() }).await?;
    if old.pass_mark != mark {
        note(tx, desk, Act::PassMark, (topic, why.clone(), mark)).await?;
    }
    if old.untested != untested {
        let act = if untested { Act::Untested } else { Act::Tested };
        note(tx, desk, act, (topic, why, None)).await?;
    }
    Ok(())
}

/// The banner before anybody wrote one: in Japanese, plain Japanese and English.
pub const BANNER: [&str; 3] = [
    "災害に対応しています。お急ぎのときは、折り返しの電話を頼んでください。命の危険があるときは、119番か110番へ。",
    "災害(さいがい)です。市役所(しやくしょ)は とても いそがしいです。いそぐ ときは 「電話(でんわ)してほしい」を えらんで ください。あぶない ときは 119番(ばん)に 電話(でんわ)して ください。",
    "The city is responding to a disaster. If it is urgent, ask us to call you back. If lives are in danger, dial 119.",
];

/// Begins the disaster mode, or changes the text of its banner while it is on. Texts in Japanese, plain Japanese and
/// English; none may be empty, since the banner stands on the pages of every language.
pub async fn disaster_on(tx: &mut Tx, desk: Desk<'_>, texts: [&str; 3]) -> Result<(), ContactError> {
    may(desk, ALL)?;
    for (text, name) in texts.iter().zip(["ja", "easy", "en"]) {
        let length = message::clean(text).chars().count();
        if length == 0 || length > MAX_BANNER {
            return Err(field(name, format!("お知らせの文を、1文字から{MAX_BANNER}文字までで書いてください。")));
        }
    }
    changes::bump(tx, CONTROL_TOPIC).await?;
    let was_on = rows::disaster(tx).await?.filter(|d| d.is_on);
    let now = desk.clock.now();
    let [ja, easy, en] = texts.map(|t| message::clean(t).replace('\n', " "));
    let since = was_on.as_ref().map_or(Some(now), |d| d.since);
    let set = Disaster { is_on: true, ja, easy, en, since, updated_by: desk.who.actor(), updated_at: now };
    rows::put_disaster(tx, &set).await?;
    let act = if was_on.is_some() { Act::DisasterText } else { Act::DisasterOn };
    note(tx, desk, act, (ALL, String::new(), None)).await
}

/// Ends the disaster mode.
pub async fn disaster_off(tx: &mut Tx, desk: Desk<'_>, why: &str) -> Result<(), ContactError> {
    may(desk, ALL)?;
    let why = reason(why)?;
    changes::bump(tx, CONTROL_TOPIC).await?;
    let Some(on) = rows::disaster(tx).await?.filter(|d| d.is_on) else { return Ok(()) };
    let off = Disaster { is_on: false, since: None, updated_by: desk.who.actor(), updated_at: desk.clock.now(), ..on };
    rows::put_disaster(tx, &off).await?;
    note(tx, desk, Act::DisasterOff, (ALL, why, None)).await
}
