//! Call backs (折り返し電話): asked from the chat or by an operator, within a window of time; attempts and whether the
//! promise was kept are events.

use calendar::{Clock, Instant};
use city::Organisation;
use people::address::{self, Channel as Reach};
use people::person::{self, NewPerson};
use store::{Entropy, FromRow, Tx, ids};

use crate::contact::{self, Contact};
use crate::event::{self, EventKind, Told};
use crate::message::Content;
use crate::staff::Desk;
use crate::store::call_back as rows;
use crate::{ContactError, Invalid, State, presence, queue};

pub use crate::store::call_back::{of, open};

/// How many days ahead windows are offered.
pub const DAYS: i32 = 5;

/// How old a form may be, in milliseconds.
const MOVES_MS: i64 = 3_600_000;

/// A promise to call.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct CallBack {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Who is called.
    pub person: String,
    /// Id of the telephone's address of that person.
    pub address: String,
    /// Not before.
    pub window_from: Instant,
    /// Not after.
    pub window_to: Instant,
    /// `asked`, `kept`, `given_up` or `withdrawn`.
    pub state: String,
    /// Who asked for it: `citizen` or an account.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// When it was done or given up.
    pub decided_at: Option<Instant>,
}

/// The windows that a section can offer from now on: its hours of the next days, in blocks of at most three hours.
pub fn windows(organisation: &Organisation, section: &str, now: Instant) -> Vec<(Instant, Instant)> {
    const LONGEST_MS: i64 = 3 * 3_600_000;
    const AHEAD_MS: i64 = 15 * 60_000;
    let Some(section) = organisation.section(section, now.jst_date()) else { return Vec::new() };
    let hours = organisation.hours(section);
    let mut found = Vec::new();
    let mut day = now.jst_date();
    for _ in 0..14 {
        for block in hours.today(day) {
            let (mut from, to) = (block.open.on(day), block.close.on(day));
            while from < to {
                let end = Instant::from_millis((from.millis() + LONGEST_MS).min(to.millis()));
                // What is left of a block must be long enough to be kept.
                if end.millis() - now.millis().max(from.millis()) >= 2 * AHEAD_MS {
                    found.push((from.max(Instant::from_millis(now.millis() + AHEAD_MS)), end));
                }
                from = end;
            }
        }
        let days = found
            .iter()
            .map(|(from, _): &(Instant, Instant)| from.jst_date())
            .collect::<std::collections::BTreeSet<_>>();
        if i32::try_from(days.len()).is_ok_and(|n| n >= DAYS) {
            break;
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    found
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewCallBack<'a> {
    /// Telephone number, as typed.
    pub phone: &'a str,
    /// Beginning of one of [`windows`].
    pub window_from: Instant,
    /// Who asks: `citizen` or `account:ID`.
    pub actor: &'a str,
}

/// Promises a call, in a transaction that has the contact locked; the caller saves the contact. The number is kept as
/// an address of the contact's person.
pub async fn ask(
    tx: &mut Tx,
    clock: &dyn Clock,
    organisation: &Organisation,
    entropy: Entropy<'_>,
    contact: &mut Contact,
    new: NewCallBack<'_>,
) -> Result<String, ContactError> {
    let now = clock.now();
    // The form may be some minutes old, and the beginning of the running block moves: an instant within a block, or the
    // block's old beginning, names it.
    let (from, to) = windows(organisation, &contact.section, now)
        .into_iter()
        .find(|(_, to)| new.window_from < *to)
        .filter(|(from, _)| new.window_from >= *from || from.millis_since(new.window_from) <= MOVES_MS)
        .ok_or(ContactError::Invalid(Invalid::Window))?;
    if rows::of(tx, &contact.id).await?.iter().any(|c| c.state == "asked") {
        return Err(ContactError::Rule("折り返しの電話は、もう頼まれています。".into()));
    }
    let person = match &contact.person {
        Some(person) => person.clone(),
        None => person::create(tx, clock, entropy, new.actor, NewPerson { name: None, lang: contact.lang() }).await?,
    };
    let address =
        address::add(tx, clock, entropy, new.actor, &person, Reach::Phone, new.phone).await.map_err(|e| match e {
            people::PeopleError::Invalid { .. } => ContactError::Invalid(Invalid::Phone),
            other => other.into(),
        })?;
    contact.person = Some(person.clone());
    let call_back = CallBack {
        id: ids::new_id(clock, entropy),
        contact: contact.id.clone(),
        person,
        address,
        window_from: from,
        window_to: to,
        state: "asked".into(),
        asked_by: new.actor.into(),
        asked_at: now,
        decided_at: None,
    };
    rows::insert(tx, &call_back).await?;
    event::log(tx, clock, entropy, contact, EventKind::CallBackAsked, new.actor, Told::default()).await?;
    if contact.state == State::Bot {
        let told = Told { reason: Some("call_back"), ..Told::default() };
        event::log(tx, clock, entropy, contact, EventKind::HandOverRequested, new.actor, told).await?;
        contact.state = State::Waiting;
        contact.waiting_since = Some(now);
        contact.reply_due_at = Some(to);
        event::log(tx, clock, entropy, contact, EventKind::Queued, "bot", Told::default()).await?;
    }
    let content =
        Content::told("call-back").with("from", from.millis().to_string()).with("to", to.millis().to_string());
    queue::tell(tx, clock, entropy, contact, content).await?;
    Ok(call_back.id)
}

/// Promises a call on behalf of a citizen.
pub async fn ask_by_staff(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    new: NewCallBack<'_>,
) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let mut contact = desk.lock(&mut tx, id).await?;
    ask(&mut tx, desk.clock, desk.organisation, entropy, &mut contact, new).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// The call was tried: `reached` ends the promise; otherwise it stays open with the reason (`no_answer`, `busy`).
pub async fn tried(
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    reached: bool,
    reason: &str,
) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let found = rows::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    let mut contact = desk.lock(&mut tx, &found.contact).await?;
    let now = desk.clock.now();
    if reached {
        if !rows::decide(&mut tx, id, "kept", now).await? {
            return Err(ContactError::Changed);
        }
        let in_time = found.window_from <= now && now <= found.window_to;
        let told = Told { account: Some(&desk.who.account), value: Some(i64::from(in_time)), ..Told::default() };
        event::log(&mut tx, desk.clock, entropy, &contact, EventKind::CallBackKept, &desk.who.actor(), told).await?;
        let told = Told { account: Some(&desk.who.account), ..Told::default() };
        event::log(&mut tx, desk.clock, entropy, &contact, EventKind::StaffReplied, &desk.who.actor(), told).await?;
        contact.reply_due_at = None;
        if contact.state == State::Waiting {
            contact.state = State::Held;
            contact.holder = Some(desk.who.account.clone());
            contact.waiting_since = None;
            event::log(&mut tx, desk.clock, entropy, &contact, EventKind::PickedUp, &desk.who.actor(), told).await?;
            presence::takes_part(&mut tx, desk.clock, entropy, desk.who).await?;
        }
    } else {
        let reason = ["no_answer", "busy", "wrong_number"]
            .into_iter()
            .find(|r| *r == reason)
            .ok_or_else(|| crate::field("reason", "つながらなかった理由を選んでください。"))?;
        if found.state != "asked" {
            return Err(ContactError::Changed);
        }
        let told = Told { account: Some(&desk.who.account), reason: Some(reason), ..Told::default() };
        event::log(&mut tx, desk.clock, entropy, &contact, EventKind::CallBackAttempted, &desk.who.actor(), told)
            .await?;
    }
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the promise up after attempts; the citizen is told in the conversation.
pub async fn give_up(desk: Desk<'_>, entropy: Entropy<'_>, id: &str) -> Result<(), ContactError> {
    let mut tx = desk.db.write().await?;
    let found = rows::get(&mut tx, id).await?.ok_or(ContactError::NotFound)?;
    let mut contact = desk.lock(&mut tx, &found.contact).await?;
    if !rows::decide(&mut tx, id, "given_up", desk.clock.now()).await? {
        return Err(ContactError::Changed);
    }
    let told = Told { account: Some(&desk.who.account), ..Told::default() };
    event::log(&mut tx, desk.clock, entropy, &contact, EventKind::CallBackGivenUp, &desk.who.actor(), told).await?;
    queue::tell(&mut tx, desk.clock, entropy, &mut contact, Content::told("call-back-missed")).await?;
    contact::save(&mut tx, desk.clock, &mut contact).await?;
    tx.commit().await?;
    Ok(())
}
