//! Sealed cases: the desk's face, and that of partners. Whoever has no part in them gets "not found", from the pages.

use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;

use super::{Access, Face, Table, sealed_around};
use crate::App;
use crate::staff::sealed::{self, DeskForm, act, acts, case, files, list, new, print, readers, similar, unlock};

/// A page or form of the desk: kept by nobody.
pub(super) fn closed(handler: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    handler.layer(middleware::from_fn(sealed::around))
}

/// The form of a noun.
fn write(noun: &'static str) -> MethodRouter<Arc<App>> {
    closed(post(move |Path(id): Path<String>, form: DeskForm| act::post(noun, id, form)))
}

/// `/sealed/…`, for those who work at a desk.
pub(super) fn desk_pages() -> Table {
    let at = Access::SignedIn;
    let table = Table::new(Face::Desk)
        .add("GET", "/sealed", at, closed(get(list::get)))
        .add("POST", "/sealed", at, closed(post(list::post)))
        .add("GET", "/sealed/key", at, closed(get(unlock::key)))
        .add("POST", "/sealed/key", at, closed(post(unlock::post_key)))
        .add("GET", "/sealed/unlock", at, closed(get(unlock::get)))
        .add("POST", "/sealed/unlock", at, closed(post(unlock::post)))
        .add("POST", "/sealed/lock", at, closed(post(unlock::lock)))
        .add("POST", "/sealed/pulse", at, closed(post(unlock::pulse)))
        .add("GET", "/sealed/passphrase", at, closed(get(unlock::passphrase)))
        .add("POST", "/sealed/passphrase", at, closed(post(unlock::post_passphrase)))
        .add("GET", "/sealed/cases/new", at, closed(get(new::get)))
        .add("POST", "/sealed/cases/new", at, closed(post(new::post)))
        .add("GET", "/sealed/cases/{id}", at, closed(get(case::get)))
        .add("GET", "/sealed/cases/{id}/print", at, closed(get(print::get)))
        .add("GET", "/sealed/cases/{id}/similar", at, closed(get(similar::get)))
        .add("GET", "/sealed/cases/{id}/{noun}/new", at, closed(get(act::get)))
        .add("GET", "/sealed/cases/{id}/mayor-reports/{entry}", at, closed(get(print::mayor_report)))
        .add("GET", "/sealed/cases/{id}/readers", at, closed(get(readers::get)))
        .add("POST", "/sealed/cases/{id}/readers", at, closed(post(readers::add)))
        .add("POST", "/sealed/cases/{id}/readers/{account}/removal", at, closed(post(readers::remove)))
        .add("POST", "/sealed/cases/{id}/holds", at, closed(post(act::hold)))
        .add("POST", "/sealed/cases/{id}/glass-shares", at, closed(post(act::glass_shares)))
        .add("POST", "/sealed/cases/{id}/tasks/{task}/completion", at, closed(post(act::complete)))
        .add("POST", "/sealed/cases/{id}/referrals/{referral}/state", at, closed(post(act::move_referral)))
        .add("GET", "/sealed/cases/{id}/files/{entry}", at, closed(get(files::get)))
        .add(
            "POST",
            "/sealed/cases/{id}/files",
            at,
            closed(post(files::post)).layer(DefaultBodyLimit::max(files::MAX_UPLOAD)),
        );
    let table = sealed_around::around_pages(table);
    acts::PATHS.iter().fold(table, |table, (path, noun)| table.add("POST", path, at, write(noun)))
}

/// `/partner/…`, for those who help with a case.
pub(super) fn partner_pages() -> Table {
    Table::new(Face::Partner)
}
