//! Reminders: a week before the last day, the day before, on the day, and every week after it, on business days.
//!
//! A job writes down who is to be reminded, and the messages in the same transaction; a mail server that is down
//! loses none of them.

use std::collections::BTreeSet;

use calendar::{BusinessCalendar, BusinessError, Clock, Date, FirstDay, Instant, Period, Roll, due_date};
use city::Organisation;
use serde::{Deserialize, Serialize};
use store::audit::{self, Event};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, FromRow, Tx};

use super::{Acting, Inquiry, OBJECT, invalid, own_inquiry};
use crate::policy::Action;
use crate::store::inquiry as rows;
use crate::telling::{Telling, tell_section};
use crate::{AccessError, Result};

/// The job that writes down whom to remind.
pub const REMIND: &str = "inquiry.remind";
/// Its lane.
pub const LANE: &str = "access";

/// Weeks after the last day in which sections are reminded: two years.
const WEEKS_AFTER: u32 = 104;

#[derive(Serialize, Deserialize)]
struct Payload {
    inquiry: String,
    on: String,
}

/// A section that is to be reminded.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DueReminder {
    /// Id of the inquiry.
    pub inquiry: String,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Code of the section when it was asked; today's is told by `Organisation::section`.
    pub section: String,
    /// The day for which the reminder was written.
    pub on_day: Date,
    /// `week_before`, `day_before`, `due`, `overdue` or `by_hand`.
    pub kind: String,
    /// The section's last day.
    pub due_on: Date,
}

fn out_of_range<E>(_: E) -> AccessError {
    invalid("due_on", "この日付は使えません。")
}

/// The nth week after the last day, moved to a business day.
fn week_after(calendar: &BusinessCalendar, due: Date, weeks: u32) -> Result<Date> {
    due_date(due, Period::Weeks(weeks), FirstDay::Excluded, Roll::ToNextBusinessDay, calendar).map_err(out_of_range)
}

/// The days up to the last one.
fn days_before(calendar: &BusinessCalendar, due: Date) -> Result<[(Date, &'static str); 3]> {
    let earlier = |day: Date| -> Result<Date, BusinessError> { calendar.add_business_days(day, -1) };
    let mut after_week = due;
    for _ in 0..6 {
        after_week = after_week.yesterday().map_err(out_of_range)?;
    }
    // The business day before "six days before" is the one on or before "seven days before".
    let week_before = earlier(after_week).map_err(out_of_range)?;
    let day_before = earlier(due).map_err(out_of_range)?;
    Ok([(week_before, "week_before"), (day_before, "day_before"), (due, "due")])
}

/// What a section with a last day is reminded of on a day, if anything.
fn kind_on(calendar: &BusinessCalendar, due: Date, on: Date) -> Result<Option<&'static str>> {
    if on <= due {
        // The later of two that fall on one day.
        return Ok(days_before(calendar, due)?.into_iter().rfind(|(day, _)| *day == on).map(|(_, kind)| kind));
    }
    Ok(next_after(calendar, due, on.yesterday().map_err(out_of_range)?)?.filter(|day| *day == on).map(|_| "overdue"))
}

/// The first weekly day later than `after`.
fn next_after(calendar: &BusinessCalendar, due: Date, after: Date) -> Result<Option<Date>> {
    for weeks in 1..=WEEKS_AFTER {
        let day = week_after(calendar, due, weeks)?;
        if day > after {
            return Ok(Some(day));
        }
    }
    Ok(None)
}

/// The days later than `after` on which a job must look.
fn days_to_come(calendar: &BusinessCalendar, due: Date, after: Date) -> Result<Vec<Date>> {
    if after < due {
        return Ok(days_before(calendar, due)?.into_iter().map(|(day, _)| day).filter(|day| *day > after).collect());
    }
    Ok(next_after(calendar, due, after)?.into_iter().collect())
}

/// Writes the jobs for a last day, from tomorrow on.
pub(super) async fn schedule(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, due: Date) -> Result<()> {
    let days = days_to_come(&by.organisation.business_calendar(), due, by.today())?;
    enqueue(tx, by.clock, &mut *by.entropy, inquiry, days).await
}

/// Jobs at half past eight, one for each day: a second one for the same day is not written.
async fn enqueue(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    inquiry: &str,
    days: impl IntoIterator<Item = Date>,
) -> Result<()> {
    for day in days {
        let payload = serde_json::json!({ "inquiry": inquiry, "on": day.to_string() }).to_string();
        let key = format!("{inquiry}/{day}");
        let job = NewJob {
            run_at: Instant::from_jst(day.at(8, 30, 0, 0)),
            dedupe_key: Some(&key),
            ..NewJob::new(LANE, REMIND, payload, clock.now())
        };
        jobs::enqueue(tx, clock, &mut *entropy, job).await?;
    }
    Ok(())
}

/// The first half of [`remind_and_tell`]: writes down which sections still owe an answer, and the job for the next day.
pub async fn remind_job(context: JobContext) -> Result<Tx, JobFailure> {
    let payload: Payload = serde_json::from_str(&context.job.payload)?;
    let on: Date = payload.on.parse().map_err(|_| JobFailure("the day of the job is not a day".into()))?;
    let calendar = Organisation::load(&context.db).await?.business_calendar();
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    if !rows::hold_open(&mut tx, &payload.inquiry).await? {
        // Closed or cancelled meanwhile: nothing to do.
        return Ok(tx);
    }
    let inquiry = rows::get(&mut tx, &payload.inquiry).await?.ok_or(AccessError::NotFound)?;
    let mut reminded = false;
    let mut to_come = BTreeSet::new();
    // A job that comes late (the house was closed down) does not make up for weeks that have passed.
    let from = on.max(clock.now().jst_date());
    for target in rows::targets(&mut tx, &inquiry.id).await?.iter().filter(|t| t.is_pending()) {
        let due = target.due(&inquiry);
        if let Some(kind) = kind_on(&calendar, due, on)? {
            reminded |= rows::insert_reminder(&mut tx, &inquiry.id, &target.section, on, kind).await?;
        }
        to_come.extend(days_to_come(&calendar, due, from)?);
    }
    enqueue(&mut tx, clock, (context.entropy)().as_mut(), &inquiry.id, to_come).await?;
    if reminded {
        let event = Event {
            actor: "job:inquiry.remind",
            action: "inquiry.remind",
            object_kind: OBJECT,
            object: &inquiry.id,
            fields: &["reminders"],
        };
        audit::record(&mut tx, clock, event).await?;
    }
    Ok(tx)
}

/// The handler of [`REMIND`]: writes down whom to remind, and the messages in the same transaction.
pub async fn remind_and_tell(context: JobContext) -> Result<Tx, JobFailure> {
    let (clock, entropy) = (context.clock.clone(), context.entropy.clone());
    let mut tx = remind_job(context).await?;
    let organisation = Organisation::read(&mut tx).await?;
    tell(&mut tx, clock.as_ref(), entropy().as_mut(), &organisation).await?;
    Ok(tx)
}

/// Writes the messages that tell sections of a new inquiry.
pub(super) async fn tell_opened(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &Inquiry,
    sections: &[String],
) -> Result<()> {
    let fields = in_message(&inquiry.number, &inquiry.title, inquiry.due_on);
    for section in sections {
        let telling = Telling {
            section,
            action: Action::InquiryAnswer,
            template: "staff.inquiry",
            fields: &fields,
            about: (OBJECT, &inquiry.id),
            dedupe: &format!("opened {} {section}", inquiry.id),
        };
        tell_section(tx, by.clock, &mut *by.entropy, by.organisation, &by.principal.actor(), telling).await?;
    }
    Ok(())
}

/// What the templates of inquiries need.
fn in_message(number: &str, title: &str, due: Date) -> serde_json::Value {
    let path = format!("/inquiries/{}", super::short_number(number));
    let due = format!("{}月{}日", due.month(), due.day());
    serde_json::json!({ "number": number, "title": title, "due": due, "path": path })
}

/// Writes the messages for every reminder that is due and was not sent; returns how many sections were told.
pub async fn tell(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, organisation: &Organisation) -> Result<usize> {
    let today = clock.now().jst_date();
    let mut told = 0;
    for reminder in due_reminders(tx, today).await? {
        if !mark_reminded(tx, clock, &reminder).await? {
            continue;
        }
        let section = organisation.section(&reminder.section, today).map_or(&reminder.section, |s| &s.code);
        let fields = in_message(&reminder.number, &reminder.title, reminder.due_on);
        let telling = Telling {
            section,
            action: Action::InquiryAnswer,
            template: "staff.inquiry_reminder",
            fields: &fields,
            about: (OBJECT, &reminder.inquiry),
            dedupe: &format!("reminder {} {} {}", reminder.inquiry, reminder.section, reminder.on_day),
        };
        tell_section(tx, clock, &mut *entropy, organisation, "job:inquiry.remind", telling).await?;
        told += 1;
    }
    Ok(told)
}

/// Reminds sections at once, at the wish of who asked. Sections that owe nothing are passed over; a section is
/// reminded by hand once a day. Returns how many will be.
pub async fn remind_now(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, sections: &[String]) -> Result<usize> {
    own_inquiry(tx, by, inquiry).await?;
    let mut written = 0;
    for section in sections {
        let target = rows::target(tx, inquiry, section).await?.ok_or(AccessError::NotFound)?;
        if target.is_pending() && rows::insert_reminder(tx, inquiry, section, by.today(), "by_hand").await? {
            by.note(tx, inquiry, Some(section), "reminded", None).await?;
            written += 1;
        }
    }
    by.audit(tx, "inquiry.remind", inquiry, &["reminders"]).await?;
    tell(tx, by.clock, &mut *by.entropy, by.organisation).await?;
    Ok(written)
}

/// Whom to remind: for each section that still owes an answer the newest reminder that was not sent.
pub async fn due_reminders(tx: &mut Tx, today: Date) -> Result<Vec<DueReminder>> {
    let mut newest: Vec<DueReminder> = Vec::new();
    for reminder in rows::due_reminders(tx, today).await? {
        match newest.iter_mut().find(|n| n.inquiry == reminder.inquiry && n.section == reminder.section) {
            Some(older) => *older = reminder,
            None => newest.push(reminder),
        }
    }
    Ok(newest)
}

/// Marks a reminder as sent, with all older ones of its section. Call it in the transaction that writes the
/// message, and write the message only if it returns `true`: then of two processes only one sends.
pub async fn mark_reminded(tx: &mut Tx, clock: &dyn Clock, reminder: &DueReminder) -> Result<bool> {
    let r = reminder;
    if !rows::mark_reminded(tx, &r.inquiry, &r.section, r.on_day, clock.now()).await? {
        return Ok(false);
    }
    let event = Event {
        actor: "job:inquiry.remind",
        action: "inquiry.reminded",
        object_kind: OBJECT,
        object: &r.inquiry,
        fields: &["reminders"],
    };
    audit::record(tx, clock, event).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calendar::{Closure, Closures};

    fn day(text: &str) -> Date {
        text.parse().expect("date")
    }

    fn new_year() -> BusinessCalendar {
        BusinessCalendar { closures: Closures(vec![Closure { from: day("2026-12-29"), to: day("2027-01-03") }]) }
    }

    #[test]
    fn reminders_fall_on_business_days() {
        let calendar = new_year();
        let days = days_before(&calendar, day("2027-01-05")).expect("days");
        assert_eq!(days.map(|(d, _)| d.to_string()), ["2026-12-28", "2027-01-04", "2027-01-05"]);
        let days = days_before(&calendar, day("2026-12-08")).expect("days");
        assert_eq!(days.map(|(d, _)| d.to_string()), ["2026-12-01", "2026-12-07", "2026-12-08"]);
        // A week after 22 December is closed: the first day after New Year.
        assert_eq!(next_after(&calendar, day("2026-12-22"), day("2026-12-22")).expect("day"), Some(day("2027-01-04")));
    }

    #[test]
    fn each_day_has_one_reason_or_none() {
        let calendar = new_year();
        let due = day("2026-12-08");
        for (on, kind) in [
            ("2026-11-30", None),
            ("2026-12-01", Some("week_before")),
            ("2026-12-02", None),
            ("2026-12-07", Some("day_before")),
            ("2026-12-08", Some("due")),
            ("2026-12-09", None),
            ("2026-12-15", Some("overdue")),
            ("2026-12-16", None),
            ("2026-12-22", Some("overdue")),
            ("2027-01-04", Some("overdue")),
        ] {
            assert_eq!(kind_on(&calendar, due, day(on)).expect("kind"), kind, "{on}");
        }
    }

    #[test]
    fn after_each_day_comes_the_next_until_two_years_have_passed() {
        let calendar = BusinessCalendar::default();
        let due = day("2026-12-08");
        assert_eq!(days_to_come(&calendar, due, day("2026-11-24")).expect("days").len(), 3);
        assert_eq!(days_to_come(&calendar, due, day("2026-12-01")).expect("days").len(), 2);
        assert_eq!(days_to_come(&calendar, due, due).expect("days"), [day("2026-12-15")]);
        assert!(days_to_come(&calendar, due, day("2028-12-31")).expect("days").is_empty());
    }
}
