//! 照会: several sections are asked the same thing with a deadline. The pattern behind yearly rounds, and behind
//! whatever else the city must collect from its sections.
//!
//! Invariants:
//! - a section that ended is followed to its successor, which answers in its place;
//! - an answer that was given is changed only after the asking section returned it with a reason;
//! - what two persons write at once is never lost unseen: who comes second is told;
//! - a section answers only when all of its items are done.
//!
//! Every function that writes does so in the caller's transaction, so that a service can add what follows.

mod list;
mod record;
mod reminder;

use calendar::{BusinessCalendar, Clock, Date};
use city::{Organisation, day_in_words};
use store::audit::{self, Event};
use store::{Entropy, Tx, ids, number};

pub use list::{
    Counts, Detail, Filter, Listed, Page, SectionProgress, Whose, detail, items, list, open_items_of, owed, progress,
};
pub use record::{Answer, EventRow, Inquiry, Item, NewInquiry, Outcome, Target};
pub use reminder::{
    DueReminder, LANE, REMIND, due_reminders, mark_reminded, remind_and_tell, remind_job, remind_now, tell,
};

use crate::policy::Action;
use crate::store::inquiry as rows;
use crate::{AccessError, Principal, Result};

/// Kind of the numbers that people see.
const NUMBER_KIND: &str = "照会";
/// Kind of the record in audit events.
pub(crate) const OBJECT: &str = "inquiry";
/// An inquiry whose answers are texts.
pub const FREE: &str = "free";
/// Longest title, in characters.
pub const MAX_TITLE: usize = 100;
/// Longest body, answer, reason or note, in characters.
pub const MAX_TEXT: usize = 10_000;

/// Who acts, in which city, and when.
pub struct Acting<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// The city with its sections.
    pub organisation: &'a Organisation,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Randomness for ids.
    pub entropy: Entropy<'a>,
}

impl Acting<'_> {
    /// Today in Japan.
    pub fn today(&self) -> Date {
        self.clock.now().jst_date()
    }

    /// Whether the principal may do something for the section that answers for a code today.
    fn may_for(&self, action: Action, code: &str) -> bool {
        may_for(self.principal, self.organisation, action, code, self.today())
    }

    async fn audit(&mut self, tx: &mut Tx, action: &str, inquiry: &str, fields: &[&str]) -> Result<()> {
        let actor = self.principal.actor();
        let event = Event { actor: &actor, action, object_kind: OBJECT, object: inquiry, fields };
        Ok(audit::record(tx, self.clock, event).await?)
    }

    async fn note(
        &mut self,
        tx: &mut Tx,
        inquiry: &str,
        section: Option<&str>,
        kind: &str,
        note: Option<&str>,
    ) -> Result<()> {
        let event = EventRow {
            section: section.map(str::to_owned),
            kind: kind.to_owned(),
            account: self.principal.account.clone(),
            note: note.map(str::to_owned),
            at: self.clock.now(),
        };
        Ok(rows::insert_event(tx, inquiry, &event).await?)
    }
}

pub(crate) fn may_for(who: &Principal, city: &Organisation, action: Action, code: &str, today: Date) -> bool {
    // A code for which nobody answers any more stands for itself: those who act for the whole city still reach it.
    who.may_in(action, city.section(code, today).map_or(code, |s| s.code.as_str()))
}

pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> AccessError {
    AccessError::Invalid { field, reason: reason.into() }
}

/// A text of a form: one kind of line end, no spaces around, neither empty nor too long.
fn text(field: &'static str, label: &str, typed: &str, longest: usize) -> Result<String> {
    let kept = typed.replace("\r\n", "\n").trim().to_owned();
    match kept.chars().count() {
        0 => Err(invalid(field, format!("{label}を入力してください。"))),
        n if n > longest => {
            Err(invalid(field, format!("{label}は{longest}字までで入力してください（いま{n}字です）。")))
        }
        _ => Ok(kept),
    }
}

/// Whether a day can be a deadline: a business day after today; if not, the sentence names the next one.
fn check_due(calendar: &BusinessCalendar, today: Date, due: Date) -> Result<()> {
    let wrong = |e: calendar::BusinessError| invalid("due_on", e.to_string());
    if due <= today {
        let next = day_in_words(calendar.add_business_days(today, 1).map_err(wrong)?);
        return Err(invalid("due_on", format!("期限は明日以降の開庁日にしてください。いちばん早い日は{next}です。")));
    }
    if calendar.is_business_day(due) {
        return Ok(());
    }
    let next = day_in_words(calendar.next_business_day_on_or_after(due).map_err(wrong)?);
    let day = day_in_words(due);
    Err(invalid("due_on", format!("{day}は閉庁日です。次の開庁日は{next}です。期限を選びなおしてください。")))
}

/// The sections that answer today for the given codes, each once.
fn answering(by: &Acting<'_>, codes: &[String]) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for code in codes {
        let Some(section) = by.organisation.section(code, by.today()) else {
            return Err(invalid(
                "targets",
                format!("課「{code}」は今日の組織にありません。照会先を選びなおしてください。"),
            ));
        };
        if !found.contains(&section.code) {
            found.push(section.code.clone());
        }
    }
    if found.is_empty() {
        return Err(invalid("targets", "照会先の課を一つ以上選んでください。"));
    }
    found.sort_unstable();
    Ok(found)
}

/// Opens an inquiry and writes the jobs that remind.
///
/// # Errors
///
/// [`AccessError::Forbidden`] unless the principal may ask for the section; [`AccessError::Invalid`] for what
/// is wrong in the form, or if one of the same kind and period is open.
pub async fn open(tx: &mut Tx, by: &mut Acting<'_>, new: NewInquiry<'_>) -> Result<Inquiry> {
    let (now, today) = (by.clock.now(), by.today());
    if !by.may_for(Action::InquiryAsk, new.section) {
        return Err(AccessError::Forbidden);
    }
    let Some(section) = by.organisation.section(new.section, today) else {
        return Err(invalid("section", "照会する課を選びなおしてください。"));
    };
    check_due(&by.organisation.business_calendar(), today, new.due_on)?;
    let targets = answering(by, new.targets)?;
    let mut items = Vec::with_capacity(new.items.len());
    for (code, kind, object) in new.items {
        let section = by.organisation.section(code, today).map(|s| s.code.clone());
        let section = section.filter(|s| targets.contains(s));
        let missing = || invalid("items", format!("課「{code}」が照会先に入っていません。"));
        items.push((section.ok_or_else(missing)?, *kind, *object));
    }
    let inquiry = Inquiry {
        title: text("title", "件名", new.title, MAX_TITLE)?,
        body: text("body", "照会の内容", new.body, MAX_TEXT)?,
        id: ids::new_id(by.clock, &mut *by.entropy),
        number: number::next(tx, NUMBER_KIND, now).await?,
        kind: new.kind.to_owned(),
        period: new.period.map(str::to_owned),
        asked_by: by.principal.account.clone(),
        section: section.code.clone(),
        due_on: new.due_on,
        state: "open".into(),
        created_at: now,
        updated_at: now,
    };
    if !rows::insert(tx, &inquiry).await? {
        return Err(invalid("period", "同じ年度の照会がまだ開いています。先にそれを締め切ってください。"));
    }
    rows::insert_targets(tx, &inquiry.id, &targets).await?;
    rows::insert_items(tx, &inquiry.id, &items).await?;
    reminder::schedule(tx, by, &inquiry.id, inquiry.due_on).await?;
    by.note(tx, &inquiry.id, None, "opened", None).await?;
    by.audit(tx, "inquiry.open", &inquiry.id, &["title", "body", "due_on", "targets", "items"]).await?;
    reminder::tell_opened(tx, by, &inquiry, &targets).await?;
    Ok(inquiry)
}

/// Holds an open inquiry until the transaction ends.
async fn hold(tx: &mut Tx, id: &str) -> Result<Inquiry> {
    let held = rows::hold_open(tx, id).await?;
    let inquiry = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if held { Ok(inquiry) } else { Err(invalid("state", "この照会はもう締め切られています。")) }
}

/// The part of a section that the principal may answer.
async fn own_part(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, section: &str) -> Result<(Inquiry, Target)> {
    let held = hold(tx, inquiry).await?;
    let target = rows::target(tx, inquiry, section).await?.ok_or(AccessError::NotFound)?;
    if by.may_for(Action::InquiryAnswer, section) { Ok((held, target)) } else { Err(AccessError::Forbidden) }
}

/// An open inquiry for which the principal may decide.
async fn own_inquiry(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str) -> Result<Inquiry> {
    let held = hold(tx, inquiry).await?;
    if by.may_for(Action::InquiryAsk, &held.section) { Ok(held) } else { Err(AccessError::Forbidden) }
}

/// Why a part could not be changed: somebody was faster, or it does not stand as it must.
fn why_not(target: &Target, counter: i64, stands: &str) -> AccessError {
    if target.counter == counter { invalid("state", stands) } else { AccessError::Changed }
}

const ANSWERED: &str = "もう回答されています。直すときは、照会した課に差し戻しを頼んでください。";
const NOT_ANSWERED: &str = "まだ回答がないか、もう受け付けられています。";

/// Keeps a draft of an answer. Returns the new counter.
///
/// # Errors
///
/// [`AccessError::Changed`] if somebody else saved since `counter`: nothing was stored, both texts are still there.
pub async fn save_answer_draft(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    section: &str,
    (counter, typed): (i64, &str),
) -> Result<i64> {
    let (_, target) = own_part(tx, by, inquiry, section).await?;
    if typed.chars().count() > MAX_TEXT {
        return Err(invalid("answer", format!("回答は{MAX_TEXT}字までで入力してください。")));
    }
    if !rows::save_draft(tx, &target, counter, typed, by.clock.now()).await? {
        return Err(why_not(&target, counter, ANSWERED));
    }
    by.audit(tx, "inquiry.draft", inquiry, &["answer"]).await?;
    Ok(counter + 1)
}

/// Answers for a section, also after the last day.
///
/// # Errors
///
/// [`AccessError::Invalid`] if items are not done, a text is missing, or the part is answered already;
/// [`AccessError::Changed`] if somebody else saved since `counter`.
pub async fn answer(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    section: &str,
    (counter, said): (i64, Answer<'_>),
) -> Result<()> {
    let (_, target) = own_part(tx, by, inquiry, section).await?;
    let (done, all) = rows::item_counts(tx, inquiry).await?.get(section).copied().unwrap_or((0, 0));
    if done < all {
        let left = all - done;
        return Err(invalid(
            "items",
            format!("確認が終わっていないものが{left}件あります。すべて終えてから回答してください。"),
        ));
    }
    let (state, kept) = match said {
        Answer::NotApplicable(reason) => ("not_applicable", text("answer", "該当しない理由", reason, MAX_TEXT)?),
        // Where records were gone through, they are the answer.
        Answer::Text(typed) if all > 0 && typed.trim().is_empty() => ("answered", String::new()),
        Answer::Text(typed) => ("answered", text("answer", "回答", typed, MAX_TEXT)?),
    };
    let who = (by.principal.account.as_str(), by.clock.now());
    if !rows::answer(tx, &target, counter, (state, &kept), who).await? {
        return Err(why_not(&target, counter, ANSWERED));
    }
    by.note(tx, inquiry, Some(section), state, None).await?;
    by.audit(tx, "inquiry.answer", inquiry, &["answer", "state"]).await
}

/// Gives an answer back to its section; reminders begin again.
pub async fn return_with_reason(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    section: &str,
    (counter, reason): (i64, &str),
) -> Result<()> {
    let held = own_inquiry(tx, by, inquiry).await?;
    let target = rows::target(tx, inquiry, section).await?.ok_or(AccessError::NotFound)?;
    let reason = text("reason", "差し戻しの理由", reason, MAX_TEXT)?;
    let who = (by.principal.account.as_str(), by.clock.now());
    if !rows::give_back(tx, &target, counter, &reason, who).await? {
        return Err(why_not(&target, counter, NOT_ANSWERED));
    }
    reminder::schedule(tx, by, inquiry, target.due(&held)).await?;
    by.note(tx, inquiry, Some(section), "returned", Some(&reason)).await?;
    by.audit(tx, "inquiry.return", inquiry, &["state", "returned_reason"]).await
}

/// Accepts an answer.
pub async fn accept(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, section: &str, counter: i64) -> Result<()> {
    own_inquiry(tx, by, inquiry).await?;
    let target = rows::target(tx, inquiry, section).await?.ok_or(AccessError::NotFound)?;
    if !rows::accept(tx, &target, counter, (by.principal.account.as_str(), by.clock.now())).await? {
        return Err(why_not(&target, counter, NOT_ANSWERED));
    }
    by.note(tx, inquiry, Some(section), "accepted", None).await?;
    by.audit(tx, "inquiry.accept", inquiry, &["state"]).await
}

/// Gives a section that still owes an answer more time.
pub async fn extend(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    section: &str,
    (due, reason): (Date, &str),
) -> Result<()> {
    let held = own_inquiry(tx, by, inquiry).await?;
    let target = rows::target(tx, inquiry, section).await?.ok_or(AccessError::NotFound)?;
    let reason = text("reason", "期限をのばす理由", reason, MAX_TEXT)?;
    check_due(&by.organisation.business_calendar(), by.today(), due)?;
    if due <= target.due(&held) {
        let now = day_in_words(target.due(&held));
        return Err(invalid("due_on", format!("いまの期限は{now}です。それよりあとの日を選んでください。")));
    }
    if !rows::extend(tx, &target, due, &reason).await? {
        return Err(invalid("state", ANSWERED));
    }
    reminder::schedule(tx, by, inquiry, due).await?;
    by.note(tx, inquiry, Some(section), "extended", Some(&reason)).await?;
    by.audit(tx, "inquiry.extend", inquiry, &["extended_due", "extended_reason"]).await
}

/// Gives an inquiry up; nobody needs to answer any more.
pub async fn cancel(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, reason: &str) -> Result<()> {
    own_inquiry(tx, by, inquiry).await?;
    let reason = text("reason", "取りやめの理由", reason, MAX_TEXT)?;
    end(tx, by, inquiry, "cancelled", Some(&reason)).await
}

/// Closes an inquiry, also if answers are missing.
pub async fn close(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str) -> Result<()> {
    own_inquiry(tx, by, inquiry).await?;
    end(tx, by, inquiry, "closed", None).await
}

async fn end(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, state: &str, reason: Option<&str>) -> Result<()> {
    rows::set_state(tx, inquiry, state).await?;
    by.note(tx, inquiry, None, state, reason).await?;
    let action = if state == "closed" { "inquiry.close" } else { "inquiry.cancel" };
    by.audit(tx, action, inquiry, &["state"]).await
}

/// Ends an item; the section's part counts as begun.
///
/// # Errors
///
/// [`AccessError::Changed`] if it was done meanwhile; [`AccessError::Invalid`] if the section has answered.
pub async fn finish_item(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    (object_kind, object): (&str, &str),
    outcome: Outcome<'_>,
) -> Result<Item> {
    let item = own_item(tx, by, inquiry, object_kind, object).await?;
    let who = (by.principal.account.as_str(), by.clock.now());
    if !rows::finish_item(tx, &item, &outcome, who).await? {
        return Err(AccessError::Changed);
    }
    by.audit(tx, "inquiry.item_done", inquiry, &["items"]).await?;
    Ok(item)
}

/// Opens an item again, as long as its section has not answered.
pub async fn reopen_item(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    inquiry: &str,
    (object_kind, object): (&str, &str),
) -> Result<Item> {
    let item = own_item(tx, by, inquiry, object_kind, object).await?;
    if !rows::reopen_item(tx, &item).await? {
        return Err(AccessError::Changed);
    }
    by.audit(tx, "inquiry.item_reopen", inquiry, &["items"]).await?;
    Ok(item)
}

async fn own_item(tx: &mut Tx, by: &mut Acting<'_>, inquiry: &str, kind: &str, object: &str) -> Result<Item> {
    hold(tx, inquiry).await?;
    let item = rows::item(tx, inquiry, kind, object).await?.ok_or(AccessError::NotFound)?;
    if !by.may_for(Action::InquiryAnswer, &item.section) {
        return Err(AccessError::Forbidden);
    }
    if !rows::touch(tx, inquiry, &item.section, by.clock.now()).await? {
        return Err(invalid("state", ANSWERED));
    }
    Ok(item)
}

/// The open inquiry of a kind and period, if there is one.
pub async fn open_of_period(tx: &mut Tx, kind: &str, period: &str) -> Result<Option<Inquiry>> {
    Ok(rows::open_of_period(tx, kind, period).await?)
}

/// The part of a number that stands in an address: `2026-0012`.
pub fn short_number(number: &str) -> &str {
    number.strip_prefix(NUMBER_KIND).map_or(number, |n| n.trim_start_matches('-'))
}

/// The whole number of an address: `照会-2026-0012`.
pub fn full_number(short: &str) -> String {
    format!("{NUMBER_KIND}-{}", short_number(short))
}
