//! Conferences (ケース会議, いじめ判定会議): when, who comes, what each may see, what came of it.
//!
//! What a participant from outside may see is disclosed to them in the same transaction. What somebody else may see is
//! written down, and gives no key.

use ::store::{Entropy, Tx, ids};
use calendar::Instant;
use serde::{Deserialize, Serialize};

use crate::case::View;
use crate::entry::What;
use crate::error::{field, rule};
use crate::file::CaseFile;
use crate::participant::{self, Item};
use crate::pen::Pen;
use crate::ring::RingKind;
use crate::seal::Placed;
use crate::{House, Result, Unlocked};

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConferenceKind {
    /// ケース会議: what is to be done.
    Case,
    /// いじめ判定会議: whether it is bullying. It may carry the judgement.
    Judgement,
}

impl ConferenceKind {
    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            ConferenceKind::Case => "ケース会議",
            ConferenceKind::Judgement => "いじめ判定会議",
        }
    }
}

/// Somebody who comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// A member of the staff, by account.
    Account(String),
    /// A participant, by id in this case.
    Participant(String),
    /// Somebody else, by name or office.
    Named(String),
}

/// Somebody who comes, and what they may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Who.
    pub whom: Whom,
    /// Whether the school would know by them; of participants their invitation says so.
    #[serde(default)]
    pub reaches_school: bool,
    /// Ids of entries.
    pub may_see: Vec<String>,
}

/// A conference, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conference {
    /// Its id in this case.
    pub id: String,
    /// What it is for.
    pub kind: ConferenceKind,
    /// When it begins.
    pub starts_at: Instant,
    /// Where.
    pub place: String,
    /// What is spoken about, in order. Participants who come read it.
    pub agenda: Vec<String>,
    /// Who comes.
    pub attendees: Vec<Attendee>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The words.
    pub words: String,
    /// Account of who is to do it; it becomes a task then.
    #[serde(default)]
    pub owner: Option<String>,
}

/// Whether it is bullying, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Whether it is.
    pub is_bullying: bool,
    /// Why.
    pub why: String,
}

/// What came of a conference, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Id of the conference.
    pub id: String,
    /// Minutes.
    pub minutes: String,
    /// What was decided.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// The judgement, of a meeting of judgement that came to one.
    #[serde(default)]
    pub judgement: Option<Judgement>,
}

/// What a participant is told of a conference to which they come. It lies in their ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Id of the conference.
    pub id: String,
    /// Id of the participant.
    pub participant: String,
    /// What it is for.
    pub kind: ConferenceKind,
    /// When it begins.
    pub starts_at: Instant,
    /// Where.
    pub place: String,
    /// What is spoken about.
    pub agenda: Vec<String>,
    /// They come no longer, or it does not take place.
    #[serde(default)]
    pub is_off: bool,
    /// Minutes, where the desk disclosed them.
    #[serde(default)]
    pub minutes: Option<String>,
}

/// A conference as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// As it was planned last.
    pub conference: Conference,
    /// How often it was changed.
    pub changes: usize,
    /// When what came of it was written down, and what.
    pub held: Option<(Instant, Held)>,
    /// When it was called off, and why.
    pub off: Option<(Instant, String)>,
}

impl Known {
    /// Whether it is to come.
    pub fn is_ahead(&self) -> bool {
        self.held.is_none() && self.off.is_none()
    }
}

/// Takes an entry into the conferences of a case.
pub(crate) fn take(all: &mut Vec<Known>, placed: &Placed) {
    match &placed.entry.what {
        What::ConferencePlanned(conference) => {
            all.push(Known { conference: conference.clone(), changes: 0, held: None, off: None });
        }
        What::ConferenceChanged(conference) => {
            if let Some(known) = all.iter_mut().find(|known| known.conference.id == conference.id) {
                known.conference = conference.clone();
                known.changes += 1;
            }
        }
        What::ConferenceHeld(held) => {
            if let Some(known) = all.iter_mut().find(|known| known.conference.id == held.id) {
                known.held = Some((placed.entry.at, held.clone()));
            }
        }
        What::ConferenceOff { id, reason } => {
            if let Some(known) = all.iter_mut().find(|known| known.conference.id == *id) {
                known.off = Some((placed.entry.at, reason.clone()));
            }
        }
        _ => {}
    }
}

/// Takes an entry into what a participant was told of conferences: the newest of each.
pub(crate) fn take_told(all: &mut Vec<Told>, placed: &Placed) {
    let What::ConferenceTold(told) = &placed.entry.what else { return };
    match all.iter_mut().find(|known| known.id == told.id) {
        Some(known) => *known = told.clone(),
        None => all.push(told.clone()),
    }
}

pub(crate) fn looks_right(conference: &Conference) -> Result<()> {
    if conference.agenda.iter().all(|point| point.trim().is_empty()) {
        return Err(field("agenda", "議題を一つ以上書いてください。"));
    }
    if conference.attendees.is_empty() {
        return Err(field("attendees", "出席する人を一人以上えらんでください。"));
    }
    Ok(())
}

/// Whether a conference may be planned so: who comes from outside takes part, and the school comes only with a yes.
pub(crate) fn may_plan(file: &CaseFile, conference: &Conference, is_new: bool) -> Result<()> {
    let known = file.conferences.iter().find(|known| known.conference.id == conference.id);
    match known {
        Some(_) if is_new => return Err(rule("この会議は、もう記録されています。")),
        None if !is_new => return Err(rule("その会議は、ありません。")),
        Some(known) if known.held.is_some() => return Err(rule("この会議は、もう開かれました。")),
        Some(known) if known.off.is_some() => return Err(called_off()),
        _ => {}
    }
    for attendee in &conference.attendees {
        let reaches_school = match &attendee.whom {
            Whom::Participant(id) => file.taking_part(id)?.reaches_school(),
            _ => attendee.reaches_school,
        };
        if reaches_school {
            file.may_reach_school()?;
        }
        for entry in &attendee.may_see {
            match file.entries.iter().find(|placed| placed.id == *entry) {
                None => return Err(rule("見せる記録が、この事案にありません。")),
                Some(placed) if placed.ring == RingKind::Welfare => {
                    return Err(rule("家庭や生活の背景は、会議の資料にえらべません。"));
                }
                Some(placed) if matches!(placed.entry.what, What::Attached(_)) => {
                    return Err(rule(
                        "ファイルは、会議の資料にえらべません。参加者の画面から、名前を決めて開示してください。",
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn called_off() -> crate::CaseError {
    rule("この会議は、取りやめになりました。")
}

/// Whether a conference may be called off: it is there and did not take place.
pub(crate) fn may_call_off(file: &CaseFile, id: &str) -> Result<()> {
    match file.conferences.iter().find(|known| known.conference.id == id) {
        None => Err(rule("その会議は、ありません。")),
        Some(known) if known.held.is_some() => Err(rule("この会議は、もう開かれました。")),
        Some(known) if known.off.is_some() => Err(called_off()),
        Some(_) => Ok(()),
    }
}

/// What a participant is told of it goes outside, unless it is that they need not come.
pub(crate) fn may_tell(file: &CaseFile, told: &Told) -> Result<()> {
    if file.taking_part(&told.participant)?.reaches_school() && !told.is_off {
        file.may_reach_school()?;
    }
    Ok(())
}

/// Whether what came of a conference may be written down.
pub(crate) fn may_hold(file: &CaseFile, held: &Held) -> Result<()> {
    let Some(known) = file.conferences.iter().find(|known| known.conference.id == held.id) else {
        return Err(rule("その会議は、ありません。"));
    };
    if known.held.is_some() {
        return Err(rule("この会議の記録は、もうあります。"));
    }
    if known.off.is_some() {
        return Err(called_off());
    }
    if held.judgement.is_some() && known.conference.kind != ConferenceKind::Judgement {
        return Err(rule("判定を書けるのは、いじめ判定会議だけです。"));
    }
    if held.decisions.iter().any(|decision| decision.words.trim().is_empty()) {
        return Err(field("decisions", "決まったことを書いてください。"));
    }
    Ok(())
}

/// What a participant reads of a conference to which they come. `words`: other words than the entry's own, by its id.
async fn tell(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    pen: &mut Pen<'_>,
    conference: &Conference,
    words: &[(String, String)],
) -> Result<()> {
    for attendee in &conference.attendees {
        let Whom::Participant(id) = &attendee.whom else { continue };
        let participant = pen.file.taking_part(id)?.clone();
        let unseen = attendee.may_see.iter().filter(|entry| !participant.sees(entry));
        let items: Vec<Item> = unseen
            .map(|entry| Item {
                from_entry: Some(entry.clone()),
                title: conference.kind.name().into(),
                words: words.iter().find(|(of, _)| of == entry).map(|(_, words)| words.clone()),
            })
            .collect();
        participant::tell(tx, entropy, pen, id, &items).await?;
        let told = told_of(conference, id, None);
        pen.write(tx, entropy, What::ConferenceTold(told)).await?;
    }
    Ok(())
}

fn told_of(conference: &Conference, participant: &str, minutes: Option<String>) -> Told {
    Told {
        id: conference.id.clone(),
        participant: participant.into(),
        kind: conference.kind,
        starts_at: conference.starts_at,
        place: conference.place.clone(),
        agenda: conference.agenda.clone(),
        is_off: false,
        minutes,
    }
}

/// Plans a conference, and discloses to each participant who comes what they may see, with the agenda. An empty id of the
/// conference is given one. `words`: other words than an entry's own, by its id, as with names masked.
pub async fn plan(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (mut conference, words): (Conference, &[(String, String)]),
) -> Result<(View, String)> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    if conference.id.is_empty() {
        conference.id = ids::opaque_id(entropy);
    }
    let id = conference.id.clone();
    pen.write(&mut tx, entropy, What::ConferencePlanned(conference.clone())).await?;
    tell(&mut tx, entropy, &mut pen, &conference, words).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok((view, id))
}

/// Plans it otherwise. Participants who come are told anew, and those who came before that it is off for them; what was
/// disclosed to them stays.
pub async fn change(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (conference, words): (Conference, &[(String, String)]),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let before = pen.file.conferences.iter().find(|known| known.conference.id == conference.id).cloned();
    pen.write(&mut tx, entropy, What::ConferenceChanged(conference.clone())).await?;
    tell(&mut tx, entropy, &mut pen, &conference, words).await?;
    // The entry above was refused if there was no such conference.
    let came = before.map_or_else(Vec::new, |known| known.conference.attendees);
    let comes = |attendee: &Attendee| conference.attendees.iter().any(|other| other.whom == attendee.whom);
    for attendee in came.iter().filter(|attendee| !comes(attendee)) {
        tell_off(&mut tx, entropy, &mut pen, &conference, attendee).await?;
    }
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// Tells a participant who takes part that they need not come.
async fn tell_off(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    pen: &mut Pen<'_>,
    conference: &Conference,
    attendee: &Attendee,
) -> Result<()> {
    let Whom::Participant(id) = &attendee.whom else { return Ok(()) };
    if pen.file.taking_part(id).is_ok() {
        let told = Told { is_off: true, ..told_of(conference, id, None) };
        pen.write(tx, entropy, What::ConferenceTold(told)).await?;
    }
    Ok(())
}

/// Calls a conference off. Participants who were to come are told that it does not take place, and not why.
pub async fn call_off(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (id, reason): (&str, &str),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let what = What::ConferenceOff { id: id.into(), reason: reason.trim().into() };
    pen.write(&mut tx, entropy, what).await?;
    let known = pen.file.conferences.iter().find(|known| known.conference.id == id).cloned();
    if let Some(Known { conference, .. }) = known {
        for attendee in &conference.attendees {
            tell_off(&mut tx, entropy, &mut pen, &conference, attendee).await?;
        }
    }
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// Writes down what came of a conference: a decision with an owner becomes a task, a judgement is the case's. `minutes_to`:
/// ids of the participants to whom the minutes are disclosed; nobody else outside reads them.
pub async fn hold(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (held, minutes_to): (Held, &[String]),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    pen.write(&mut tx, entropy, What::ConferenceHeld(held.clone())).await?;
    for decision in held.decisions.iter().filter(|decision| decision.owner.is_some()) {
        let (id, todo, owner) = (ids::opaque_id(entropy), decision.words.clone(), decision.owner.clone());
        pen.write(&mut tx, entropy, What::Task { id, todo, owner }).await?;
    }
    if let Some(Judgement { is_bullying, why }) = held.judgement {
        pen.write(&mut tx, entropy, What::Judged { is_bullying, why }).await?;
    }
    let known = pen.file.conferences.iter().find(|known| known.conference.id == held.id).cloned();
    if let Some(Known { conference, .. }) = known {
        for id in minutes_to {
            if !conference.attendees.iter().any(|attendee| attendee.whom == Whom::Participant(id.clone())) {
                return Err(rule("会議録を見せられるのは、その会議に出た参加者だけです。"));
            }
            let told = told_of(&conference, id, Some(held.minutes.clone()));
            pen.write(&mut tx, entropy, What::ConferenceTold(told)).await?;
        }
    }
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}
