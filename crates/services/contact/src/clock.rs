//! The clocks of a contact run in the hours of the accountable section; what a citizen is told follows from the same
//! clock.

use calendar::{Instant, OfficeClock, Promise, Time};
use city::{Organisation, Section};
use store::Tx;

use crate::ContactError;
use crate::message::Content;

/// The setting that says within how many open minutes a person is to be heard.
pub const FIRST_REPLY: &str = "contact.first_reply_minutes";
/// The setting that says within how many open minutes a section that was asked to take a contact decides.
pub const TRANSFER: &str = "contact.transfer_minutes";
/// The setting that says within how many open hours a contact is to be resolved.
pub const RESOLUTION: &str = "contact.resolution_hours";

const MINUTE: i64 = 60_000;

/// A number that the city set.
pub async fn number(tx: &mut Tx, name: &str) -> Result<i64, ContactError> {
    let setting = knowledge::setting::by_name(name).ok_or(ContactError::NotFound)?;
    let value = setting.value(tx).await?;
    value.parse().map_err(|_| ContactError::Rule(format!("設定「{}」が数ではありません。", setting.title)))
}

fn section<'a>(organisation: &'a Organisation, code: &str, at: Instant) -> Option<&'a Section> {
    organisation.section(code, at.jst_date())
}

/// The first instant that is too late if something takes so many open minutes of a section from `from` on. `None`
/// where the section does not open.
pub fn due(organisation: &Organisation, code: &str, from: Instant, minutes: i64) -> Option<Instant> {
    let hours = organisation.hours(section(organisation, code, from)?);
    OfficeClock::new(&hours).due(from, minutes.saturating_mul(MINUTE), &[])
}

/// By when a person is to be heard.
pub async fn first_reply_due(
    tx: &mut Tx,
    organisation: &Organisation,
    code: &str,
    now: Instant,
) -> Result<Option<Instant>, ContactError> {
    let minutes = number(tx, FIRST_REPLY).await?;
    Ok(due(organisation, code, now, minutes))
}

/// Milliseconds for which a section was open between two instants.
pub fn open_millis(organisation: &Organisation, code: &str, from: Instant, to: Instant) -> i64 {
    match section(organisation, code, from) {
        Some(section) => OfficeClock::new(&organisation.hours(section)).open_millis(from, to),
        None => 0,
    }
}

/// Whether a section is open.
pub fn is_open(organisation: &Organisation, code: &str, now: Instant) -> bool {
    section(organisation, code, now)
        .is_some_and(|s| OfficeClock::new(&organisation.hours(s)).next_open(now).is_some_and(|at| at <= now))
}

/// The sentence that tells a citizen who waits when somebody will be there.
pub fn promise(organisation: &Organisation, code: &str, now: Instant, due: Option<Instant>) -> Content {
    let Some(section) = section(organisation, code, now) else { return Content::told("queued-later") };
    let hours = organisation.hours(section);
    let clock = OfficeClock::new(&hours);
    if clock.next_open(now).is_some_and(|at| at <= now) {
        return Content::told("queued");
    }
    let time = |t: Time| t.to_string();
    match clock.promise(now, due) {
        Promise::Today { by } => Content::told("queued-today").with("time", time(by)),
        Promise::NextOpening { day, from, .. } => {
            Content::told("queued-day").with("day", day.to_string()).with("time", time(from))
        }
        Promise::Day { date, by } => Content::told("queued-by").with("day", date.to_string()).with("time", time(by)),
        Promise::Unknown => Content::told("queued-later"),
    }
}
