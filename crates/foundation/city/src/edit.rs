//! Changes of one section or closure from a day on, outside a reorganisation.

use calendar::{Clock, Date};
use store::audit::{self, Event};
use store::{Entropy, Tx, changes};

use crate::{CHANGE_TOPIC, CityClosure, CityError, Organisation, Section, SectionChange, day_in_words, store as rows};

/// Who changes the organisation, and what that needs. Whether they may is decided by the caller.
pub struct Editor<'a> {
    /// Who, as audit events name them: `account:ID` or `command-line`.
    pub actor: &'a str,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Randomness for ids.
    pub entropy: Entropy<'a>,
}

impl Editor<'_> {
    pub(crate) fn today(&self) -> Date {
        self.clock.now().jst_date()
    }

    // Not `&self`: randomness need not be shared between threads, and futures must move between them.
    pub(crate) async fn audit(
        &mut self,
        tx: &mut Tx,
        action: &str,
        object_kind: &str,
        object: &str,
        fields: &[&str],
    ) -> Result<(), CityError> {
        let event = Event { actor: self.actor, action, object_kind, object, fields };
        Ok(audit::record(tx, self.clock, event).await?)
    }
}

pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> CityError {
    CityError::Invalid { field, reason: reason.into() }
}

pub(crate) fn day_before(day: Date) -> Result<Date, CityError> {
    day.yesterday().map_err(|_| invalid("day", "この日付は使えません。"))
}

/// Reads the organisation; whoever changes it waits here until this transaction has ended.
pub(crate) async fn locked(tx: &mut Tx) -> Result<Organisation, CityError> {
    changes::bump(tx, CHANGE_TOPIC).await?;
    Organisation::read(tx).await
}

/// Changes a section from a day on: a new span begins there. Later spans that only went on with an old
/// value take the new one too, so that a number that changes in March does not come back in April.
///
/// # Errors
///
/// [`CityError::Invalid`] for a day in the past, a section that does not exist then, or an empty value.
pub async fn change_section(
    tx: &mut Tx,
    by: &mut Editor<'_>,
    code: &str,
    from: Date,
    change: &SectionChange,
) -> Result<(), CityError> {
    change.checked(false)?;
    if from < by.today() {
        return Err(invalid("from", "過ぎた日からは変えられません。今日か、これからの日を選んでください。"));
    }
    let organisation = locked(tx).await?;
    let Some(old) = organisation.own(code, from) else {
        return Err(invalid(
            "from",
            format!("{}には、この課はありません。日付を確かめてください。", day_in_words(from)),
        ));
    };
    let mut new = old.clone();
    change.apply(&mut new);
    if old.valid_from == from {
        rows::update_section(tx, &new).await?;
    } else {
        new.valid_from = from;
        rows::end_section(tx, code, old.valid_from, Some(day_before(from)?), None).await?;
        rows::insert_sections(tx, by.clock, &mut *by.entropy, std::slice::from_ref(&new)).await?;
    }
    for span in organisation.spans(code).iter().filter(|s| s.valid_from > from) {
        let mut later: Section = span.clone();
        change.carry(old, &mut later);
        if later != *span {
            rows::update_section(tx, &later).await?;
        }
    }
    by.audit(tx, "section.change", "section", code, &change.fields()).await
}

/// Adds days on which the city or one section is closed.
///
/// # Errors
///
/// [`CityError::Invalid`] for days that have passed or stand in the wrong order, an unknown section, or an
/// empty reason.
pub async fn add_closure(tx: &mut Tx, by: &mut Editor<'_>, closure: &CityClosure) -> Result<(), CityError> {
    if closure.days.to < closure.days.from {
        return Err(invalid("to", "終わりの日が始まりの日より前です。日付を確かめてください。"));
    }
    if closure.days.to < by.today() {
        return Err(invalid("to", "過ぎた日は閉庁日にできません。今日か、これからの日を選んでください。"));
    }
    for (field, label, text) in [
        ("reason", "理由", &closure.reason),
        ("reason_easy", "理由（やさしい日本語）", &closure.reason_easy),
        ("reason_en", "理由（英語）", &closure.reason_en),
    ] {
        if text.trim().is_empty() {
            return Err(invalid(field, format!("{label}を入力してください。")));
        }
    }
    let organisation = locked(tx).await?;
    if let Some(code) = &closure.section
        && organisation.own(code, closure.days.from).is_none()
    {
        let day = day_in_words(closure.days.from);
        return Err(invalid("section", format!("{day}には、この課はありません。課を選びなおしてください。")));
    }
    rows::insert_closures(tx, by.clock, &mut *by.entropy, std::slice::from_ref(closure)).await?;
    let object = closure.section.as_deref().unwrap_or("city");
    by.audit(tx, "closure.add", "section", object, &["closure"]).await
}

/// Removes a closure by its id (`store::closures_with_ids`).
pub async fn remove_closure(tx: &mut Tx, by: &mut Editor<'_>, id: &str) -> Result<(), CityError> {
    let found = rows::closures_with_ids(tx).await?.into_iter().find(|(own, _)| own == id);
    let (_, closure) = found.ok_or(CityError::NotFound)?;
    if !rows::delete_closure(tx, id).await? {
        return Err(CityError::NotFound);
    }
    let object = closure.section.as_deref().unwrap_or("city");
    by.audit(tx, "closure.remove", "section", object, &["closure"]).await
}
