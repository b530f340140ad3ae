//! The city's thesaurus as lines: written into a file, and brought in from lines that are pasted.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::thesaurus::{self, Incoming, LineFault};
use search::thesaurus::RelationKind;

use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;

/// Longest form, in bytes: so many lines come over a form three times as long as they are.
pub(crate) const MAX_FORM: usize = 8 * 1024 * 1024;
/// Faults and new relations that are shown.
const LISTED: usize = 200;

#[derive(Template)]
#[template(path = "staff/thesaurus/import.html")]
struct ImportPage {
    frame: Frame,
    lines: String,
    error: Option<&'static str>,
    faults: Vec<LineFault>,
    more_faults: usize,
    checked: Option<Incoming>,
}

impl ImportPage {
    fn new(staff: &Staff, lines: &str) -> ImportPage {
        let frame = staff.frame("articles");
        ImportPage { frame, lines: lines.to_owned(), error: None, faults: Vec::new(), more_faults: 0, checked: None }
    }

    fn kinds(&self) -> String {
        let kind = |kind: RelationKind| format!("{}（{}）", kind.code(), thesaurus::kind_name(kind));
        RelationKind::ALL.map(kind).join("・")
    }

    /// The first new relations with what their kinds are called.
    fn new_ones(&self) -> Vec<(&search::thesaurus::Relation, &'static str)> {
        let new = self.checked.iter().flat_map(|c| &c.new).take(LISTED);
        new.map(|relation| (relation, thesaurus::kind_name(relation.kind))).collect()
    }

    fn more_new(&self) -> usize {
        self.checked.as_ref().map_or(0, |c| c.new.len().saturating_sub(LISTED))
    }
}

/// `/thesaurus/import`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&ImportPage::new(&staff, ""))
}

/// `POST /thesaurus/import`: tells what the lines hold; with `act=take` takes all of them up, or none.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let lines = fields.raw("lines");
    let mut page = ImportPage::new(&staff, lines);
    if lines.trim().is_empty() {
        page.error = Some("行を貼りつけてください。書き出したファイルの中身を、そのまま貼りつけられます。");
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response());
    }
    let organisation = staff.city.organisation();
    let (incoming, mut faults) = if fields.get("act") == "take" {
        let mut entropy = (staff.app.entropy)();
        let mut tx = staff.city.db.write().await?;
        let desk = desk_of(&staff, &organisation);
        let brought = thesaurus::bring_in(&mut tx, &desk, entropy.as_mut(), lines).await?;
        if brought.1.is_empty() {
            tx.commit().await?;
            return Ok(Redirect::to("/thesaurus?done=imported").into_response());
        }
        brought
    } else {
        let mut tx = staff.city.db.read().await?;
        thesaurus::read(lines, &thesaurus::all(&mut tx).await?)?
    };
    if faults.is_empty() {
        page.checked = Some(incoming);
        return show(&page);
    }
    page.more_faults = faults.len().saturating_sub(LISTED);
    faults.truncate(LISTED);
    page.faults = faults;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// `/thesaurus/export.tsv`
pub(crate) async fn export(staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let text = thesaurus::written(&thesaurus::all(&mut tx).await?);
    let place = format!("attachment; filename=\"thesaurus-{}.tsv\"", staff.visit.today());
    let kind = "text/tab-separated-values; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, place)], text).into_response())
}
