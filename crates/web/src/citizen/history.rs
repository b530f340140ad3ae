//! `/articles/{code}/history`: when an answer changed, and what in it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use knowledge::revision::{self, Kind};
use knowledge::{FactKind, Field};

use super::{Visit, show};
use crate::errors::Failure;
use crate::facts;
use crate::page::Page;

struct VersionView {
    n: String,
    on: String,
    section: String,
    kind: &'static str,
    changed: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "citizen/history.html")]
struct HistoryPage {
    page: Page,
    code: String,
    question: String,
    html_lang: &'static str,
    versions: Vec<VersionView>,
}

/// The message that names a field.
fn field_key(field: Field) -> &'static str {
    match field {
        Field::Who => facts::key(FactKind::Who),
        Field::Deadline => facts::key(FactKind::Deadline),
        Field::Bring => facts::key(FactKind::Bring),
        Field::Fee => facts::key(FactKind::Fee),
        Field::Place => facts::key(FactKind::Place),
        Field::Hours => facts::key(FactKind::Hours),
        Field::OnlineLabel | Field::OnlineUrl => facts::key(FactKind::Online),
        Field::Question => "history-question",
        Field::Summary => "history-summary",
        Field::Answer => "history-answer",
        Field::Section => "history-section",
        Field::CheckedOn => "history-checked",
        Field::ReviewDue | Field::ValidFrom | Field::ValidTo => "history-days",
        Field::Keywords | Field::Topics | Field::Related | Field::Code | Field::Lang => "history-filing",
    }
}

/// The message that says how a version came to be.
fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Import => "history-import",
        Kind::Publish => "history-publish",
        Kind::Recheck => "history-recheck",
        Kind::Withdraw => "history-withdraw",
        Kind::Restore => "history-restore",
        Kind::Adjust => "history-adjust",
    }
}

pub(crate) async fn get(visit: Visit, Path(code): Path<String>) -> Result<Response, Failure> {
    let snapshot = visit.city.library.snapshot();
    let article = snapshot.by_code(&code).filter(|a| a.is_public(visit.today())).ok_or_else(Failure::not_found)?;
    let mut tx = visit.city.db.read().await?;
    let history = revision::history(&mut tx, &code).await?;
    drop(tx);
    let page = visit.page("search");
    let versions = history.into_iter().map(|v| {
        let mut changed: Vec<&'static str> = v.changed.into_iter().map(field_key).collect();
        // One word for fields that citizens do not tell apart.
        let mut seen = Vec::new();
        changed.retain(|key| {
            !seen.contains(key) && {
                seen.push(*key);
                true
            }
        });
        let section = page.city.section(&v.section, visit.today());
        VersionView {
            n: v.version.to_string(),
            on: page.day(v.on),
            section: section.map_or(v.section.clone(), |s| s.name(visit.lang).to_owned()),
            kind: kind_key(v.kind),
            changed,
        }
    });
    let (text, found) = article.text(visit.lang);
    show(&HistoryPage {
        question: text.question.clone(),
        html_lang: found.html(),
        versions: versions.collect(),
        code,
        page,
    })
}
