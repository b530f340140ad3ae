//! Sends (配信): what is to be said to whom, who wrote it, and where it stands.

use calendar::{Clock, Instant};
use city::Lang;
use serde::{Deserialize, Serialize};
use store::{Db, Entropy, FromRow, Row, Tx, ids, number};

use crate::code::coded;
use crate::event::{self, EventKind, Told};
use crate::store::sending as rows;
use crate::{Channel, OutreachError, Result, field, rule};

/// Longest title, in characters.
pub const MAX_TITLE: usize = 100;
/// Longest text, in characters: what fits into one message of every channel.
pub const MAX_BODY: usize = 2_000;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 400;
/// The kind of number.
const NUMBER: &str = "配信";

coded! {
    /// Where a send stands.
    State {
        /// It is being written.
        Draft = "draft",
        /// Its recipients and batches are known; it waits for approval.
        Planned = "planned",
        /// Another person approved it.
        Approved = "approved",
        /// It is being sent.
        Running = "running",
        /// Sending stands still (`reason`).
        Paused = "paused",
        /// What was not sent is not sent any more.
        Stopped = "stopped",
        /// Nothing is left to be sent.
        Done = "done",
    }
}

/// The text in each language. Whoever reads a language in which there is none gets the Japanese one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// Japanese.
    pub ja: String,
    /// Plain Japanese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub easy: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Texts {
    /// The text in a language, if there is one.
    pub fn get(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Ja => Some(&self.ja),
            Lang::Easy => self.easy.as_deref(),
            Lang::En => self.en.as_deref(),
        }
    }

    /// The language in which a reader of `lang` gets it.
    pub fn lang_for(&self, lang: Lang) -> Lang {
        if self.get(lang).is_some() { lang } else { Lang::Ja }
    }

    /// The text that a reader of `lang` gets.
    pub fn text_for(&self, lang: Lang) -> &str {
        self.get(lang).unwrap_or(&self.ja)
    }
}

/// What an author writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The channel.
    pub channel: Channel,
    /// Title.
    pub title: String,
    /// The text in each language.
    pub texts: Texts,
    /// Code of the topic of which it is a notice.
    pub topic: String,
    /// The districts that it concerns; all if there are none.
    pub districts: Vec<String>,
    /// Id of the section that answers for it.
    pub section: String,
    /// Why it is urgent, if it is: it does not wait for the end of quiet hours then, may use the reserve of the quota,
    /// and about disasters reaches whoever did not decline.
    pub urgent: Option<String>,
    /// Not before this instant.
    pub starts_at: Option<Instant>,
}

impl Draft {
    fn check(&self) -> Result<()> {
        let length = |text: &str| text.trim().chars().count();
        if !(1..=MAX_TITLE).contains(&length(&self.title)) {
            return Err(field("title", format!("件名を{MAX_TITLE}文字以内で書いてください。")));
        }
        for lang in Lang::ALL {
            if self.texts.get(lang).is_some_and(|text| !(1..=MAX_BODY).contains(&length(text))) {
                return Err(field("body", format!("本文を{MAX_BODY}文字以内で書いてください。")));
            }
        }
        if city::topic(&self.topic).is_none() {
            return Err(field("topic", "分野を選んでください。"));
        }
        if self.districts.len() > 200 || self.districts.iter().any(|d| d.trim().is_empty()) {
            return Err(field("districts", "地区を選び直してください。"));
        }
        if self.section.trim().is_empty() {
            return Err(field("section", "担当の課を選んでください。"));
        }
        if self.urgent.as_deref().is_some_and(|why| !(1..=MAX_REASON).contains(&length(why))) {
            return Err(field("urgent", format!("緊急に送る理由を{MAX_REASON}文字以内で書いてください。")));
        }
        Ok(())
    }
}

/// A send as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Id.
    pub id: String,
    /// `配信-2026-0001`.
    pub number: String,
    /// The channel.
    pub channel: Channel,
    /// Title.
    pub title: String,
    /// The text in each language.
    pub texts: Texts,
    /// Code of the topic.
    pub topic: String,
    /// The districts that it concerns; all if there are none.
    pub districts: Vec<String>,
    /// Id of the section that answers for it.
    pub section: String,
    /// Where it stands.
    pub state: State,
    /// Goes up with every change of what is said to whom.
    pub version: i64,
    /// The version that was sent to the staff's own recipients.
    pub tested_version: Option<i64>,
    /// Account that wrote it.
    pub author: String,
    /// Account that changed it last.
    pub edited_by: String,
    /// Account that approved it.
    pub approver: Option<String>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Why.
    pub urgent_reason: Option<String>,
    /// Not before this instant.
    pub starts_at: Option<Instant>,
    /// Goes up whenever it is planned, started or resumed: jobs of an earlier run do nothing.
    pub run: i64,
    /// Why it stands still, or was stopped.
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: Instant,
    /// When its row changed last.
    pub updated_at: Instant,
    /// When its recipients were found.
    pub planned_at: Option<Instant>,
    /// When it was approved.
    pub approved_at: Option<Instant>,
    /// When sending began.
    pub started_at: Option<Instant>,
    /// When nothing was left to be sent, or it was stopped.
    pub finished_at: Option<Instant>,
}

impl FromRow for Sending {
    fn from_row(row: &Row) -> store::Result<Self> {
        Ok(Sending {
            id: row.get("id")?,
            number: row.get("number")?,
            channel: row.get("channel")?,
            title: row.get("title")?,
            texts: json(row, "texts")?,
            topic: row.get("topic")?,
            districts: json(row, "districts")?,
            section: row.get("section")?,
            state: row.get("state")?,
            version: row.get("version")?,
            tested_version: row.get("tested_version")?,
            author: row.get("author")?,
            edited_by: row.get("edited_by")?,
            approver: row.get("approver")?,
            urgent: row.get("urgent")?,
            urgent_reason: row.get("urgent_reason")?,
            starts_at: row.get("starts_at")?,
            run: row.get("run")?,
            reason: row.get("reason")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            planned_at: row.get("planned_at")?,
            approved_at: row.get("approved_at")?,
            started_at: row.get("started_at")?,
            finished_at: row.get("finished_at")?,
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> store::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| store::StoreError::Column { column: column.into(), reason: e.to_string() })
}

/// Writes a new send.
pub async fn draft(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, who: &str, draft: &Draft) -> Result<Sending> {
    draft.check()?;
    let id = ids::new_id(clock, entropy);
    let mut tx = db.write().await?;
    let number = number::next(&mut tx, NUMBER, clock.now()).await?;
    rows::insert(&mut tx, &id, &number, who, draft, clock.now()).await?;
    event::log(&mut tx, clock, entropy, &id, EventKind::Drafted, &account(who), Told::default()).await?;
    let sending = get(&mut tx, &id).await?.ok_or(OutreachError::NotFound)?;
    tx.commit().await?;
    Ok(sending)
}

/// Changes what is said or to whom. Whatever was planned, tried out and approved no longer holds: it is a draft again.
/// `version` is the one that was read; fails with [`OutreachError::Changed`] if it is not the present one.
pub async fn change(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &str,
    id: &str,
    version: i64,
    draft: &Draft,
) -> Result<Sending> {
    draft.check()?;
    let mut tx = db.write().await?;
    let sending = lock(&mut tx, id).await?;
    if !matches!(sending.state, State::Draft | State::Planned | State::Approved) {
        return Err(rule("送信を始めた配信は書き直せません。"));
    }
    if sending.version != version {
        return Err(OutreachError::Changed);
    }
    rows::change(&mut tx, id, who, draft, clock.now()).await?;
    event::log(&mut tx, clock, entropy, id, EventKind::Changed, &account(who), Told::default()).await?;
    let sending = get(&mut tx, id).await?.ok_or(OutreachError::NotFound)?;
    tx.commit().await?;
    Ok(sending)
}

/// A send.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Sending>> {
    Ok(rows::get(tx, id).await?)
}

/// The send with a number.
pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Sending>> {
    Ok(rows::by_number(tx, number).await?)
}

/// The part of a number that stands in an address: `2026-0012`.
pub fn short_number(number: &str) -> &str {
    number.strip_prefix(NUMBER).map_or(number, |n| n.trim_start_matches('-'))
}

/// The whole number of an address: `配信-2026-0012`.
pub fn full_number(short: &str) -> String {
    format!("{NUMBER}-{}", short_number(short))
}

/// The newest sends.
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Sending>> {
    Ok(rows::list(tx, limit).await?)
}

/// Reads a send and keeps others from changing it until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Sending> {
    rows::lock(tx, id).await?.ok_or(OutreachError::NotFound)
}

/// The actor of an account.
pub(crate) fn account(id: &str) -> String {
    format!("account:{id}")
}
