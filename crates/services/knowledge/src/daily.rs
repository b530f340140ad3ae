//! Every morning at five: which articles ended, and which must be checked.
//!
//! What is found becomes a row that is told once ([`untold`], [`told`]); an article whose days change is
//! noticed anew for the new day. What nobody needs any more of 原稿 is swept out. Articles leave the public face by themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use access::Action;
use access::telling::Telling;
use calendar::{Clock, Date, Instant, Time};
use city::Organisation;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx};

use crate::KnowledgeError;
use crate::desk::SOON;
use crate::question::answered_by_article;
use crate::store::draft;
use crate::store::notice::{self as rows, Span};

/// The job.
pub const DAILY: &str = "knowledge.daily";
/// Its lane.
pub const LANE: &str = crate::question::LANE;
/// When it runs, in Japan.
const AT: Option<Time> = Time::new(5, 0);
/// What happened longer ago is not told any more: a city that brings its old articles in is not told of
/// each one that ended years ago.
const NOT_BEFORE: Duration = Duration::from_secs(31 * 86_400);
/// How long what could not be saved stays after its 原稿 was closed.
const KEEP_RESCUES: Duration = Duration::from_secs(31 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
/// Attempts, an hour apart after the first few: the chain must not end with a bad night.
const ATTEMPTS: i64 = 60;

#[derive(Serialize, Deserialize)]
struct Payload {
    day: String,
}

/// What a section is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// Its last day has passed; the public does not see it any more.
    Expired,
    /// It must be checked today.
    ReviewDue,
    /// It must be checked within 30 days.
    ReviewSoon,
}

impl NoticeKind {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            NoticeKind::Expired => "expired",
            NoticeKind::ReviewDue => "review_due",
            NoticeKind::ReviewSoon => "review_soon",
        }
    }

    fn from_code(code: &str) -> Option<NoticeKind> {
        [NoticeKind::Expired, NoticeKind::ReviewDue, NoticeKind::ReviewSoon].into_iter().find(|k| k.code() == code)
    }
}

/// An article that a section is told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticedArticle {
    /// Id.
    pub article: String,
    /// Code.
    pub code: String,
    /// Its question in Japanese.
    pub question: String,
    /// What is told.
    pub kind: NoticeKind,
    /// The day: its last one, or the one of its review.
    pub due: Date,
}

/// What one section is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionNotice {
    /// Code of the section that answers today.
    pub section: String,
    /// Its articles, by kind and day.
    pub articles: Vec<NoticedArticle>,
}

/// Writes the job of today, due at once if it is past five, unless it is waiting already. A process that
/// starts calls this; a day that was done already finds nothing new.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<(), KnowledgeError> {
    enqueue(tx, clock, entropy, clock.now().jst_date()).await
}

async fn enqueue(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, day: Date) -> Result<(), KnowledgeError> {
    enqueue_for(tx, clock, entropy, DAILY, AT, day).await
}

/// Writes a job of this lane for a day, unless it is waiting already.
pub async fn enqueue_for(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    kind: &str,
    at: Option<Time>,
    day: Date,
) -> Result<(), KnowledgeError> {
    let run_at: Instant = at.unwrap_or(Time::START_OF_DAY).on(day);
    let key = day.to_string();
    let payload = serde_json::json!({ "day": key }).to_string();
    let job = NewJob { dedupe_key: Some(&key), max_attempts: ATTEMPTS, ..NewJob::new(LANE, kind, payload, run_at) };
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

/// The day after the one that a daily job was for. A job that waited over several days makes up for them at
/// once; one that runs ahead of its day, after a clock was set back, does not stop the chain.
pub fn next_day(payload: &str, today: Date) -> Result<Date, JobFailure> {
    let payload: Payload = serde_json::from_str(payload)?;
    let day: Date = payload.day.parse()?;
    Ok(today.max(day).tomorrow()?)
}

/// The handler of [`DAILY`]: notices what is new, and writes the job of the next day.
pub async fn run(context: JobContext) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let today = clock.now().jst_date();
    let next = next_day(&context.job.payload, today)?;
    notice(&mut tx, today, clock.now()).await?;
    let organisation = Organisation::read(&mut tx).await?;
    answer_begun(&mut tx, clock, (context.entropy)().as_mut(), &organisation, today).await?;
    tell(&mut tx, clock, (context.entropy)().as_mut(), &organisation, today).await?;
    draft::sweep_presence(&mut tx, clock.now().minus(DAY)).await?;
    draft::sweep_rescues(&mut tx, clock.now().minus(KEEP_RESCUES)).await?;
    enqueue(&mut tx, clock, (context.entropy)().as_mut(), next).await?;
    Ok(tx)
}

/// Answers the questions whose article was approved for a first day that has come. Returns their numbers.
pub async fn answer_begun(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    today: Date,
) -> Result<Vec<String>, KnowledgeError> {
    let mut answered = Vec::new();
    for begun in draft::begun(tx, today).await? {
        let section = organisation.section(&begun.section, today).map_or(&begun.section, |s| &s.code);
        let (questions, actor) = ([begun.question], "job:knowledge.daily");
        answered
            .extend(answered_by_article(tx, clock, &mut *entropy, &questions, &begun.article, section, actor).await?);
    }
    Ok(answered)
}

/// Tells each section once what was noticed: how many of its articles want a look, and which ended.
pub async fn tell(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    today: Date,
) -> Result<usize, KnowledgeError> {
    let mut told = 0;
    for notice in untold(tx, organisation, today).await? {
        let before = told;
        let code = notice.section.as_str();
        let name = organisation.section(code, today).map_or(code, |s| s.name.as_str());
        let due = notice.articles.iter().filter(|a| a.kind == NoticeKind::ReviewDue).count();
        if due > 0 {
            let fields = json!({ "section": name, "count": due, "path": "/articles?state=review-due" });
            let dedupe = format!("review-due {code} {today}");
            told += tell_section(tx, clock, &mut *entropy, organisation, (code, "staff.review_due"), &fields, &dedupe)
                .await?;
        }
        for ended in notice.articles.iter().filter(|a| a.kind == NoticeKind::Expired) {
            let path = format!("/articles/{}", ended.code);
            let fields = json!({ "section": name, "title": ended.question, "path": path });
            let dedupe = format!("expired {} {}", ended.article, ended.due);
            told +=
                tell_section(tx, clock, &mut *entropy, organisation, (code, "staff.article_expired"), &fields, &dedupe)
                    .await?;
        }
        // Where nobody has an address yet, it stays to be told.
        if told > before {
            self::told(tx, clock, &notice).await?;
        }
    }
    Ok(told)
}

async fn tell_section(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    (section, template): (&str, &str),
    fields: &serde_json::Value,
    dedupe: &str,
) -> Result<usize, KnowledgeError> {
    let about = ("section", section);
    let telling = Telling { section, action: Action::ArticleWrite, template, fields, about, dedupe };
    Ok(access::telling::tell_section(tx, clock, entropy, organisation, "job:knowledge.daily", telling).await?)
}

/// Notices what ended before a day, and what must be checked on it or within the 30 days after it. Once each.
/// Returns how many notices are new.
pub async fn notice(tx: &mut Tx, today: Date, at: Instant) -> Result<u64, KnowledgeError> {
    let past = |by: Duration| today.checked_sub(by).unwrap_or(Date::MIN);
    let future = |by: Duration| today.checked_add(by).unwrap_or(Date::MAX);
    let first = past(NOT_BEFORE);
    let expired = rows::expired(tx, Span { first, last: past(DAY) }, at).await?;
    let due = rows::review(tx, NoticeKind::ReviewDue.code(), Span { first, last: today }, today, at).await?;
    let soon =
        rows::review(tx, NoticeKind::ReviewSoon.code(), Span { first: future(DAY), last: future(SOON) }, today, at)
            .await?;
    Ok(expired + due + soon)
}

/// What is to be told and was not yet, by the sections that answer today.
pub async fn untold(
    tx: &mut Tx,
    organisation: &Organisation,
    today: Date,
) -> Result<Vec<SectionNotice>, KnowledgeError> {
    let mut sections: BTreeMap<String, Vec<NoticedArticle>> = BTreeMap::new();
    for row in rows::untold(tx).await? {
        let Some(kind) = NoticeKind::from_code(&row.kind) else { continue };
        let section = organisation.section(&row.section, today).map_or(row.section, |s| s.code.clone());
        let noticed =
            NoticedArticle { article: row.article, code: row.code, question: row.question, kind, due: row.due };
        sections.entry(section).or_default().push(noticed);
    }
    for articles in sections.values_mut() {
        articles.sort_by(|a, b| (a.kind, a.due, &a.code).cmp(&(b.kind, b.due, &b.code)));
    }
    Ok(sections.into_iter().map(|(section, articles)| SectionNotice { section, articles }).collect())
}

/// Notes that a section was told; in the transaction in which the message is written.
pub async fn told(tx: &mut Tx, clock: &dyn Clock, notice: &SectionNotice) -> Result<(), KnowledgeError> {
    for a in &notice.articles {
        rows::told(tx, &a.article, a.kind.code(), a.due, clock.now()).await?;
    }
    Ok(())
}
