//! Articles in files: brought in from one, and written into one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequest, Multipart, RawQuery, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::export::{self, Form};
use knowledge::import::{self, Incoming, PreviewLine, Problem};
use knowledge::store::article::Written;
use knowledge::{Article, KnowledgeError};
use sha2::{Digest, Sha256};
use store::secret::hex;

use super::listing;
use super::query::Asked;
use crate::App;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use axum::extract::FromRequestParts;

/// Largest file, with what stands around it, in bytes.
pub(crate) const MAX_UPLOAD: usize = 20 * 1024 * 1024;

/// A form with a file, sent by a page of this session.
pub(crate) struct Upload {
    pub(crate) staff: Staff,
    pub(crate) fields: Fields,
    /// Name of the file without a path.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl FromRequest<Arc<App>> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
        if !kind.starts_with(b"multipart/form-data") {
            let StaffForm(staff, fields) = StaffForm::from_request(request, app).await?;
            return Ok(Upload { staff, fields, name: String::new(), bytes: Vec::new() });
        }
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let unreadable = |status| Failure::new(status);
        let mut form = Multipart::from_request(request, app).await.map_err(|e| unreadable(e.status()))?;
        let (mut pairs, mut name, mut bytes) = (Vec::new(), String::new(), Vec::new());
        while let Some(field) = form.next_field().await.map_err(|e| unreadable(e.status()))? {
            let key = field.name().unwrap_or_default().to_owned();
            if key == "file" {
                name = file_name(field.file_name().unwrap_or_default());
                bytes = field.bytes().await.map_err(|e| unreadable(e.status()))?.to_vec();
            } else {
                pairs.push((key, field.text().await.map_err(|e| unreadable(e.status()))?));
            }
        }
        let fields = Fields::from_pairs(pairs);
        if !staff.is_own_form(fields.get("csrf")) {
            return Err(Failure::new(StatusCode::FORBIDDEN));
        }
        Ok(Upload { staff, fields, name, bytes })
    }
}

/// A file's name without a path, and not longer than a line.
fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let tail: Vec<char> = name.chars().filter(|c| !c.is_control()).collect();
    tail[tail.len().saturating_sub(80)..].iter().collect()
}

/// What a dry run found.
struct Checked {
    name: String,
    digest: String,
    written: Written,
    lines: Vec<PreviewLine>,
    /// How many lines there are beyond those that are shown.
    more: usize,
}

/// Lines of a preview that are shown.
const PREVIEWED: usize = 200;

fn in_words(line: &PreviewLine) -> String {
    if line.changed.is_empty() {
        return "新しい".into();
    }
    let names: Vec<&str> = line.changed.iter().map(|f| f.name()).collect();
    names.join("・")
}

#[derive(Template)]
#[template(path = "staff/articles/import.html")]
struct ImportPage {
    frame: Frame,
    error: Option<String>,
    problems: Vec<Problem>,
    more: usize,
    checked: Option<Checked>,
}

impl ImportPage {
    fn empty(staff: &Staff) -> ImportPage {
        ImportPage { frame: staff.frame("articles"), error: None, problems: Vec::new(), more: 0, checked: None }
    }

    fn refused(&self) -> Result<Response, Failure> {
        let mut response = show(self)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    }
}

/// `/articles/import`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&ImportPage::empty(&staff))
}

/// Reading a file is work for a core, not for the event loop.
async fn read(name: String, bytes: Vec<u8>) -> Result<Vec<Incoming>, KnowledgeError> {
    let failed = |e: tokio::task::JoinError| KnowledgeError::File { file: "import".into(), reason: e.to_string() };
    tokio::task::spawn_blocking(move || import::read_file(&name, &bytes)).await.map_err(failed)?
}

/// Stores the articles of a file, or does all but the last step.
async fn store(
    staff: &Staff,
    name: &str,
    bytes: Vec<u8>,
    dry: bool,
) -> Result<(Written, Vec<PreviewLine>), KnowledgeError> {
    let incoming = read(name.to_owned(), bytes).await?;
    let organisation = staff.city.organisation();
    let (clock, today) = (staff.app.clock.as_ref(), staff.visit.today());
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let written = import::store_in(&mut tx, clock, entropy.as_mut(), &incoming, &organisation, today).await?;
    if dry {
        tx.rollback().await?;
        let snapshot = staff.city.library.snapshot();
        return Ok((written, import::preview(&incoming, snapshot.articles.iter().map(AsRef::as_ref))));
    }
    let actor = staff.who.actor();
    let event = store::audit::Event {
        actor: &actor,
        action: "article.import",
        object_kind: "import",
        object: name,
        fields: &["content"],
    };
    store::audit::record(&mut tx, clock, event).await?;
    tx.commit().await?;
    Ok((written, Vec::new()))
}

/// `POST /articles/import`: without a digest a dry run; with it the import of the very file that was checked.
pub(crate) async fn post(upload: Upload) -> Result<Response, Failure> {
    let Upload { staff, fields, name, bytes } = upload;
    let mut page = ImportPage::empty(&staff);
    if name.is_empty() || bytes.is_empty() {
        page.error = Some("ファイルを選んでください。空のファイルは取り込めません。".into());
        return page.refused();
    }
    let digest = hex(&Sha256::digest(&bytes));
    let confirmed = fields.optional("digest").map(str::to_owned);
    if confirmed.as_ref().is_some_and(|c| *c != digest) {
        page.error =
            Some("確かめたファイルと中身がちがいます。このファイルを取り込むときは、もう一度確かめてください。".into());
        return page.refused();
    }
    match store(&staff, &name, bytes, confirmed.is_none()).await {
        Ok(_) if confirmed.is_some() => {
            Ok(Redirect::to("/articles?section=all&sort=updated&done=imported").into_response())
        }
        Ok((written, mut lines)) => {
            let more = lines.len().saturating_sub(PREVIEWED);
            lines.truncate(PREVIEWED);
            page.checked = Some(Checked { name, digest, written, lines, more });
            show(&page)
        }
        Err(KnowledgeError::Refused(problems)) => {
            (page.problems, page.more) = (problems.list, problems.more);
            page.refused()
        }
        Err(KnowledgeError::File { .. }) => {
            page.error = Some("ファイルの中に記事が1件もありません。1行目の列の名前を確かめてください。".into());
            page.refused()
        }
        Err(other) => Err(other.into()),
    }
}

async fn export(staff: Staff, query: Option<String>, form: Form) -> Result<Response, Failure> {
    let asked = Asked { page: 1, ..Asked::read(query.as_deref().unwrap_or("")) };
    let found = listing(&staff, &asked, usize::MAX).await?;
    let written = tokio::task::spawn_blocking(move || {
        let articles: Vec<Article> = found.lines.iter().map(|l| l.article.as_ref().clone()).collect();
        export::write(&articles, form)
    });
    let bytes = written.await.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))??;
    let (kind, ending) = match form {
        Form::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        _ => ("text/csv; charset=utf-8", "csv"),
    };
    let place = format!("attachment; filename=\"faq-{}.{ending}\"", staff.visit.today());
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, place)], bytes).into_response())
}

/// `/articles/export.csv`
pub(crate) async fn csv(staff: Staff, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    export(staff, query, Form::Csv).await
}

/// `/articles/export.xlsx`
pub(crate) async fn xlsx(staff: Staff, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    export(staff, query, Form::Xlsx).await
}
