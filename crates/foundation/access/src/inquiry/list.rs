//! Looking at inquiries: lists, one with its parts, progress.

use calendar::{Date, Instant};
use city::Organisation;
use store::Tx;

use super::{EventRow, Inquiry, Item, Target, full_number, may_for};
use crate::policy::Action;
use crate::store::inquiry::{self as rows, Conditions};
use crate::{AccessError, Principal, Result};

/// Whose inquiries a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Those that the principal's sections must answer.
    #[default]
    ToAnswer,
    /// Those that the principal or the principal's sections asked.
    Asked,
    /// All that the principal may see.
    All,
}

/// What a list shows.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Whose.
    pub whose: Whose,
    /// `open`, `closed` or `cancelled`.
    pub state: Option<&'a str>,
    /// Kind.
    pub kind: Option<&'a str>,
    /// Period.
    pub period: Option<&'a str>,
    /// Only those in which an answer is owed (with [`Whose::ToAnswer`]: by the principal's sections).
    pub pending: bool,
    /// Only those in which an answer is owed whose last day has passed.
    pub overdue: bool,
    /// Most that are shown.
    pub limit: i64,
    /// How many are left out before.
    pub offset: i64,
}

impl Default for Filter<'_> {
    fn default() -> Self {
        Filter {
            whose: Whose::default(),
            state: Some("open"),
            kind: None,
            period: None,
            pending: false,
            overdue: false,
            limit: 50,
            offset: 0,
        }
    }
}

/// How many sections stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were asked.
    pub targets: usize,
    /// Nothing yet.
    pub waiting: usize,
    /// Begun.
    pub draft: usize,
    /// Returned.
    pub returned: usize,
    /// Answered, not accepted yet.
    pub answered: usize,
    /// Accepted.
    pub accepted: usize,
    /// Said that it does not apply.
    pub not_applicable: usize,
    /// Owe an answer whose last day has passed (also counted where they stand).
    pub overdue: usize,
}

impl Counts {
    fn of(inquiry: &Inquiry, targets: &[Target], today: Date) -> Self {
        let mut counts = Counts { targets: targets.len(), ..Counts::default() };
        for target in targets {
            let place = match target.state.as_str() {
                "waiting" => &mut counts.waiting,
                "draft" => &mut counts.draft,
                "returned" => &mut counts.returned,
                "answered" => &mut counts.answered,
                "accepted" => &mut counts.accepted,
                _ => &mut counts.not_applicable,
            };
            *place += 1;
            counts.overdue += usize::from(target.is_overdue(inquiry, today));
        }
        counts
    }

    /// Sections that have said something.
    pub fn replied(&self) -> usize {
        self.answered + self.accepted + self.not_applicable
    }
}

/// An inquiry in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// Over all sections.
    pub counts: Counts,
    /// The parts that the principal may answer.
    pub own: Vec<Target>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Inquiries: open ones first, then by last day.
    pub rows: Vec<Listed>,
    /// How many there are in all.
    pub total: i64,
}

/// Codes for which the principal may do something, with those of sections that came before; `None` for all.
fn codes<'a>(who: &Principal, city: &'a Organisation, action: Action, today: Date) -> Option<Vec<&'a str>> {
    let own = who.where_may(action)?;
    Some(own.into_iter().flat_map(|section| city.codes_of(section, today)).collect())
}

/// How many answers each section owes in open inquiries, by the code under which it was asked.
pub async fn owed(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    Ok(rows::owed(tx).await?)
}

/// Inquiries of a filter, as far as the principal may see them.
pub async fn list(tx: &mut Tx, who: &Principal, city: &Organisation, today: Date, filter: &Filter<'_>) -> Result<Page> {
    // `None` is everywhere. No role answers for every section today; if one does, it answers for each code.
    let answers = codes(who, city, Action::InquiryAnswer, today).unwrap_or_else(|| city.codes());
    let mut on = Conditions::default();
    match filter.whose {
        Whose::ToAnswer => on.any_of(None, &[], &answers),
        Whose::Asked => {
            let own: Vec<&str> = who.sections.iter().flat_map(|s| city.codes_of(s, today)).collect();
            let own = if who.may(Action::InquiryAsk) { own } else { Vec::new() };
            on.any_of(Some(&who.account), &own, &[]);
        }
        Whose::All => {
            if let Some(asks) = codes(who, city, Action::InquiryAsk, today) {
                on.any_of(None, &asks, &answers);
            }
        }
    }
    if let Some(state) = filter.state {
        on.state(state);
    }
    if let Some(kind) = filter.kind {
        on.kind(kind);
    }
    if let Some(period) = filter.period {
        on.period(period);
    }
    if filter.pending || filter.overdue {
        let sections = (filter.whose == Whose::ToAnswer).then_some(answers.as_slice());
        on.pending(sections, filter.overdue.then_some(today));
    }
    let (found, total) = rows::list(tx, on, filter.limit.clamp(1, 500), filter.offset.max(0)).await?;
    let ids: Vec<&str> = found.iter().map(|i| i.id.as_str()).collect();
    let mut targets = rows::targets_of(tx, &ids).await?;
    let rows = found
        .into_iter()
        .map(|inquiry| {
            let parts = targets.remove(&inquiry.id).unwrap_or_default();
            let counts = Counts::of(&inquiry, &parts, today);
            let own = parts.into_iter().filter(|t| answers.contains(&t.section.as_str())).collect();
            Listed { inquiry, counts, own }
        })
        .collect();
    Ok(Page { rows, total })
}

/// An inquiry with what the principal may see of it.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// Whether the principal may decide on answers; then all parts are here, otherwise only their own.
    pub asks: bool,
    /// Parts, by code.
    pub targets: Vec<Target>,
    /// History of the whole and of these parts.
    pub events: Vec<EventRow>,
    /// Over all sections.
    pub counts: Counts,
}

/// The inquiry with a number (also the short one of an address).
///
/// # Errors
///
/// [`AccessError::Forbidden`] for who neither asks nor is asked.
pub async fn detail(tx: &mut Tx, who: &Principal, city: &Organisation, today: Date, number: &str) -> Result<Detail> {
    let inquiry = rows::by_number(tx, &full_number(number)).await?.ok_or(AccessError::NotFound)?;
    let asks = may_for(who, city, Action::InquiryAsk, &inquiry.section, today);
    let mut targets = rows::targets(tx, &inquiry.id).await?;
    let counts = Counts::of(&inquiry, &targets, today);
    targets.retain(|t| asks || may_for(who, city, Action::InquiryAnswer, &t.section, today));
    if !asks && targets.is_empty() {
        return Err(AccessError::Forbidden);
    }
    let seen = |section: &str| targets.iter().any(|t| t.section == section);
    let mut events = rows::events(tx, &inquiry.id).await?;
    events.retain(|event| event.section.as_deref().is_none_or(seen));
    Ok(Detail { inquiry, asks, targets, events, counts })
}

/// The items of one section's part; a round has thousands, so they come by section.
///
/// # Errors
///
/// [`AccessError::Forbidden`] for who neither asks nor answers for the section.
pub async fn items(
    tx: &mut Tx,
    who: &Principal,
    city: &Organisation,
    today: Date,
    (inquiry, section): (&str, &str),
) -> Result<Vec<Item>> {
    let inquiry = rows::get(tx, inquiry).await?.ok_or(AccessError::NotFound)?;
    let asks = may_for(who, city, Action::InquiryAsk, &inquiry.section, today);
    if !asks && !may_for(who, city, Action::InquiryAnswer, section, today) {
        return Err(AccessError::Forbidden);
    }
    Ok(rows::items(tx, &inquiry.id, section).await?)
}

/// The items for a record in inquiries that are open, for the record's own page. Whether somebody may see the
/// record is decided there.
pub async fn open_items_of(tx: &mut Tx, object_kind: &str, object: &str) -> Result<Vec<Item>> {
    Ok(rows::items_of_object(tx, object_kind, object).await?)
}

/// How far a section is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionProgress {
    /// Code of the section when it was asked.
    pub section: String,
    /// Code of the section that answers today, if any does.
    pub answers_as: Option<String>,
    /// State of its part.
    pub state: String,
    /// Its last day.
    pub due: Date,
    /// Whether it owes an answer and the day has passed.
    pub overdue: bool,
    /// Items that are done.
    pub done: i64,
    /// All items.
    pub total: i64,
    /// When it did anything last.
    pub last_activity: Option<Instant>,
    /// How often it was reminded.
    pub reminders: i64,
}

/// Progress of every section, by code, and over all. Whether the principal may see it is decided by [`detail`].
pub async fn progress(
    tx: &mut Tx,
    city: &Organisation,
    today: Date,
    inquiry: &str,
) -> Result<(Vec<SectionProgress>, Counts)> {
    let inquiry = rows::get(tx, inquiry).await?.ok_or(AccessError::NotFound)?;
    let targets = rows::targets(tx, &inquiry.id).await?;
    let items = rows::item_counts(tx, &inquiry.id).await?;
    let counts = Counts::of(&inquiry, &targets, today);
    let sections = targets
        .into_iter()
        .map(|t| {
            let (done, total) = items.get(&t.section).copied().unwrap_or((0, 0));
            SectionProgress {
                answers_as: city.section(&t.section, today).map(|s| s.code.clone()),
                due: t.due(&inquiry),
                overdue: t.is_overdue(&inquiry, today),
                done,
                total,
                last_activity: t.touched_at,
                reminders: t.reminders,
                state: t.state,
                section: t.section,
            }
        })
        .collect();
    Ok((sections, counts))
}
