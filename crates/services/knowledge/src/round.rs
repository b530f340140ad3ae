//! 年次確認: at the beginning of a fiscal year every section goes through all of its articles again.
//!
//! It is an inquiry with an item for every article. What a section does with an article (it stands, a draft
//! changes it, it ends) happens elsewhere; here the item is marked in the same transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use access::inquiry::{self, Acting, Counts, Inquiry, NewInquiry, Outcome, SectionProgress};
use calendar::{Date, Instant, fiscal_year_bounds};
use city::{Lang, Organisation, day_in_words};
use store::Tx;

use crate::{Article, KnowledgeError};

/// Kind of the inquiry.
pub const KIND: &str = "faq-round";
/// Kind of the records behind its items.
pub const OBJECT_KIND: &str = "article";
/// Result of an item: the article stands as it is.
pub const CONFIRMED: &str = "confirmed";
/// Result of an item: a draft changes it.
pub const CHANGED: &str = "changed";
/// Result of an item: the article ends.
pub const ENDED: &str = "ended";

/// A round to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewRound<'a> {
    /// Fiscal year, by the Gregorian year of its first day.
    pub fiscal_year: i16,
    /// Last day, a business day in that fiscal year.
    pub due_on: Date,
    /// Code of the section that asks.
    pub section: &'a str,
    /// Codes of the sections that are asked; `None` for all that have articles.
    pub sections: Option<&'a [String]>,
    /// What sections should look at, Markdown; empty for the usual words.
    pub body: &'a str,
}

/// A round that was opened.
#[derive(Clone, Debug)]
pub struct OpenedRound {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// How many articles are to be gone through.
    pub articles: usize,
    /// Codes of articles for which no section answers today: nobody is asked for them.
    pub without_section: Vec<String>,
}

/// The names of the buttons are those of the round's page.
const USUAL_BODY: &str = "所管するすべてのFAQを見直してください。内容が正しければ「変わりなし」、直すところがあれば「直す」\
（原稿が開きます）、もう要らなければ「やめる」を押します。すべて済んだら、課として回答してください。";

fn invalid(field: &'static str, reason: impl Into<String>) -> KnowledgeError {
    access::AccessError::Invalid { field, reason: reason.into() }.into()
}

/// Opens the round of a fiscal year for the articles of a library's snapshot that have not expired.
///
/// # Errors
///
/// Those of [`inquiry::open`]; a field is refused if a round of the year is open, if the last day lies outside
/// the year, or if no section has an article.
pub async fn open_round(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    articles: &[Arc<Article>],
    new: NewRound<'_>,
) -> Result<OpenedRound, KnowledgeError> {
    let today = by.today();
    let (first, last) = fiscal_year_bounds(new.fiscal_year);
    if new.due_on < first || last < new.due_on {
        let reason = format!(
            "期限は{}年度のうち（{}から{}まで）の日にしてください。",
            new.fiscal_year,
            day_in_words(first),
            day_in_words(last)
        );
        return Err(invalid("due_on", reason));
    }
    let wanted = new.sections.map(|codes| wanted(by.organisation, codes, today)).transpose()?;
    let mut items = Vec::new();
    let mut without_section = Vec::new();
    for article in articles.iter().filter(|a| a.content.valid_to.is_none_or(|to| today <= to)) {
        match by.organisation.section(&article.content.section, today) {
            None => without_section.push(article.code.clone()),
            Some(section) if wanted.as_ref().is_none_or(|w| w.contains(&section.code)) => {
                items.push((section.code.clone(), OBJECT_KIND, article.id.as_str()));
            }
            Some(_) => {}
        }
    }
    let targets: BTreeSet<String> = items.iter().map(|(section, _, _)| section.clone()).collect();
    if targets.is_empty() {
        return Err(invalid("sections", "確認する記事がある課がありません。課を選びなおしてください。"));
    }
    let targets: Vec<String> = targets.into_iter().collect();
    let (title, period) = (format!("{}年度 FAQの年次確認", new.fiscal_year), new.fiscal_year.to_string());
    let asked = NewInquiry {
        kind: KIND,
        period: Some(&period),
        title: &title,
        body: if new.body.trim().is_empty() { USUAL_BODY } else { new.body },
        section: new.section,
        due_on: new.due_on,
        targets: &targets,
        items: &items,
    };
    let inquiry = inquiry::open(tx, by, asked).await?;
    Ok(OpenedRound { inquiry, articles: items.len(), without_section })
}

/// The sections that answer today for chosen codes.
fn wanted(city: &Organisation, codes: &[String], today: Date) -> Result<BTreeSet<String>, KnowledgeError> {
    codes
        .iter()
        .map(|code| match city.section(code, today) {
            Some(section) => Ok(section.code.clone()),
            None => {
                Err(invalid("sections", format!("課「{code}」は今日の組織にありません。課を選びなおしてください。")))
            }
        })
        .collect()
}

/// The open round of a fiscal year.
pub async fn open_in(tx: &mut Tx, fiscal_year: i16) -> Result<Option<Inquiry>, KnowledgeError> {
    Ok(inquiry::open_of_period(tx, KIND, &fiscal_year.to_string()).await?)
}

async fn finish(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    round: &str,
    article: &str,
    outcome: Outcome<'_>,
) -> Result<String, KnowledgeError> {
    Ok(inquiry::finish_item(tx, by, round, (OBJECT_KIND, article), outcome).await?.object)
}

/// Marks an article as confirmed. Returns its id, for the recheck in the same transaction.
pub async fn item_confirm(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    round: &str,
    article: &str,
) -> Result<String, KnowledgeError> {
    finish(tx, by, round, article, Outcome { result: CONFIRMED, reference: None, note: None }).await
}

/// Marks an article as changed by a draft. Returns its id.
pub async fn item_changed(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    round: &str,
    article: &str,
    draft: &str,
) -> Result<String, KnowledgeError> {
    finish(tx, by, round, article, Outcome { result: CHANGED, reference: Some(draft), note: None }).await
}

/// Marks an article as one that ends, with the reason. Returns its id.
pub async fn item_end(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    round: &str,
    article: &str,
    note: &str,
) -> Result<String, KnowledgeError> {
    let note = note.trim();
    if note.is_empty() {
        return Err(invalid("note", "やめる理由を入力してください。"));
    }
    finish(tx, by, round, article, Outcome { result: ENDED, reference: None, note: Some(note) }).await
}

/// Opens an item again, as long as its section has not answered. Returns the article's id.
pub async fn item_reopen(
    tx: &mut Tx,
    by: &mut Acting<'_>,
    round: &str,
    article: &str,
) -> Result<String, KnowledgeError> {
    Ok(inquiry::reopen_item(tx, by, round, (OBJECT_KIND, article)).await?.object)
}

/// How far a round is.
#[derive(Clone, Debug)]
pub struct RoundProgress {
    /// Every section, by code.
    pub sections: Vec<SectionProgress>,
    /// Sections by state.
    pub counts: Counts,
    /// Articles that are done.
    pub done: i64,
    /// All articles.
    pub total: i64,
}

impl RoundProgress {
    /// Sections that owe an answer whose last day has passed, the furthest behind first.
    pub fn overdue(&self) -> Vec<&SectionProgress> {
        let mut late: Vec<_> = self.sections.iter().filter(|s| s.overdue).collect();
        late.sort_by(|a, b| a.due.cmp(&b.due).then((b.total - b.done).cmp(&(a.total - a.done))));
        late
    }
}

/// Progress of a round by section and over all.
pub async fn progress(
    tx: &mut Tx,
    city: &Organisation,
    today: Date,
    round: &str,
) -> Result<RoundProgress, KnowledgeError> {
    let (sections, counts) = inquiry::progress(tx, city, today, round).await?;
    let sum = |of: fn(&SectionProgress) -> i64| sections.iter().map(of).sum();
    Ok(RoundProgress { done: sum(|s| s.done), total: sum(|s| s.total), counts, sections })
}

/// What the interface calls the state of a section's part.
pub fn state_in_words(state: &str) -> &'static str {
    match state {
        "waiting" => "未着手",
        "draft" => "作業中",
        "answered" => "回答済み",
        "returned" => "差し戻し",
        "accepted" => "受付済み",
        _ => "該当なし",
    }
}

/// The progress as CSV in UTF-8 with byte order mark, which spreadsheets open without questions.
pub fn progress_csv(progress: &RoundProgress, city: &Organisation, today: Date) -> Result<Vec<u8>, KnowledgeError> {
    let failed = |e: String| KnowledgeError::File { file: "progress.csv".into(), reason: e };
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    let mut out = csv::Writer::from_writer(&mut bytes);
    let head = ["部", "課コード", "課", "状態", "期限", "期限切れ", "記事", "済み", "残り", "最終更新", "督促"];
    out.write_record(head).map_err(|e| failed(e.to_string()))?;
    for s in &progress.sections {
        let section = city.section(&s.section, today);
        out.write_record([
            section.map_or("", |x| x.department.as_str()),
            &s.section,
            section.map_or("", |x| x.name(Lang::Ja)),
            state_in_words(&s.state),
            &s.due.to_string(),
            if s.overdue { "期限切れ" } else { "" },
            &s.total.to_string(),
            &s.done.to_string(),
            &(s.total - s.done).to_string(),
            &s.last_activity.map(Instant::iso_jst).unwrap_or_default(),
            &s.reminders.to_string(),
        ])
        .map_err(|e| failed(e.to_string()))?;
    }
    out.flush().map_err(|e| failed(e.to_string()))?;
    drop(out);
    Ok(bytes)
}
