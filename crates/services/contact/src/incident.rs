//! Protection of the staff from harassment by citizens (カスハラ): flag, alert, warning, record, rest.

use access::Action;
use calendar::Instant;
use store::{Entropy, FromRow, ids};

use crate::channel::State;
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::staff::Desk;
use crate::store::incident as rows;
use crate::{ContactError, field, queue};

pub use crate::store::incident::{all, of};

/// Kinds: code and what the interface calls it.
pub const KINDS: &[(&str, &str)] = &[
    ("abuse", "暴言・人格を傷つけることば"),
    ("threat", "脅し"),
    ("repeat", "同じ要求のくり返し・長時間"),
    ("sexual", "性的なことば"),
    ("demand", "土下座や金銭などの不当な要求"),
    ("other", "そのほか"),
];

/// Longest record, in characters.
pub const MAX_WORDS: usize = 2_000;
/// Rest after an incident: at most, in minutes.
pub const MOST_REST: i64 = 240;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Incident {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Who was harassed.
    pub account: String,
    /// Kind.
    pub kind: String,
    /// What happened.
    pub words: String,
    /// `flagged`, `warned`, `ended` or `no_incident`.
    pub state: String,
    /// When it was flagged.
    pub flagged_at: Instant,
    /// When the citizen was warned.
    pub warned_at: Option<Instant>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// The supervisor's remark.
    pub remark: String,
    /// Until when whoever was harassed rests.
    pub rest_until: Option<Instant>,
}

/// Flags a contact that the principal has; supervisors of the section are alerted on their board.
pub async fn flag(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    kind: &str,
    words: &str,
) -> Result<String, ContactError> {
    let kind = KINDS.iter().map(|(code, _)| *code).find(|c| *c == kind);
    let kind = kind.ok_or_else(|| field("kind", "何があったかを選んでください。"))?;
    let words = crate::message::clean(words);
    if words.chars().count() > MAX_WORDS {
        return Err(field("words", format!("記録は{MAX_WORDS}文字までにしてください。")));
    }
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    let now = desk.clock.now();
    let incident = Incident {
        id: ids::new_id(desk.clock, entropy),
        contact: id.into(),
        account: desk.who.account.clone(),
        kind: kind.into(),
        words,
        state: "flagged".into(),
        flagged_at: now,
        warned_at: None,
        decided_by: None,
        decided_at: None,
        remark: String::new(),
        rest_until: None,
    };
    rows::insert(&mut tx, &incident).await?;
    let told = Told { account: Some(&desk.who.account), reason: Some(kind), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Incident, &desk.who.actor(), told).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(incident.id)
}

async fn open(tx: &mut store::Tx, id: &str) -> Result<Incident, ContactError> {
    let found = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    if found.decided_at.is_some() { Err(ContactError::Changed) } else { Ok(found) }
}

/// Warns the citizen with the city's sentence; returns the id of the contact.
pub async fn warn(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<String, ContactError> {
    let mut tx = desk.db.write().await?;
    let mut incident = open(&mut tx, id).await?;
    let mut contact = desk.lock(&mut tx, &incident.contact).await?;
    // Read again under the lock: two who press at once warn once.
    incident = open(&mut tx, id).await?;
    if incident.warned_at.is_some() {
        return Ok(contact.id);
    }
    incident.state = "warned".into();
    incident.warned_at = Some(desk.clock.now());
    rows::update(&mut tx, &incident).await?;
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::IncidentWarned, &desk.who.actor(), told).await?;
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told("warning")).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(contact.id)
}

/// A supervisor decides: the talk is ended (after a warning), or it was no incident; whoever was harassed may rest.
/// Returns the id of the contact.
pub async fn decide(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    ends: bool,
    remark: &str,
    rest_minutes: i64,
) -> Result<String, ContactError> {
    if !(0..=MOST_REST).contains(&rest_minutes) {
        return Err(field("rest", format!("休む時間は0分から{MOST_REST}分までにしてください。")));
    }
    let remark = crate::message::clean(remark);
    if remark.is_empty() || remark.chars().count() > MAX_WORDS {
        return Err(field("remark", format!("判断の理由を、{MAX_WORDS}文字までで書いてください。")));
    }
    let mut tx = desk.db.write().await?;
    let mut incident = open(&mut tx, id).await?;
    let mut contact = contact::lock(&mut tx, &incident.contact).await?;
    if !desk.may(Action::ContactSupervise, &contact.section) {
        return Err(ContactError::Forbidden);
    }
    if ends && incident.warned_at.is_none() {
        return Err(ContactError::Rule(
            "先に警告を送ってください。警告のあとも続くときに、応対を終えられます。".into(),
        ));
    }
    let now = desk.clock.now();
    incident.state = if ends { "ended" } else { "no_incident" }.into();
    incident.decided_by = Some(desk.who.account.clone());
    incident.decided_at = Some(now);
    incident.remark = remark;
    incident.rest_until = (rest_minutes > 0).then(|| Instant::from_millis(now.millis() + rest_minutes * 60_000));
    rows::update(&mut tx, &incident).await?;
    let told = Told { account: Some(&incident.account), reason: Some(&incident.state), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::IncidentEnded, &desk.who.actor(), told).await?;
    if ends && contact.state != State::Resolved {
        contact.state = State::Resolved;
        contact.wrap_up = Some("ended_for_incident".into());
        contact.waiting_since = None;
        contact.reply_due_at = None;
        let told = Told { account: Some(&desk.who.account), reason: Some("incident"), ..Told::default() };
        event::log(&mut tx, desk.clock, entropy, &contact, EventKind::Resolved, &desk.who.actor(), told).await?;
        queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told("ended-for-incident")).await?;
    }
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(contact.id)
}
