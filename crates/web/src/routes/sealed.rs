//! Sealed cases: the desk's face, and that of partners. Whoever has no part in them gets "not found", from the pages.

use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;

use super::{Access, Face, Table, sealed_around};
use crate::staff::sealed::{
    self, DeskForm, act, acts, backgrounds, case, conferences, files, handover, list, new, participants, print,
    readers, similar, unlock,
};
use crate::{App, partner};

/// A page or form of the desk: kept by nobody.
pub(super) fn closed(handler: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    handler.layer(middleware::from_fn(sealed::around))
}

/// The form of a noun.
fn write(noun: &'static str) -> MethodRouter<Arc<App>> {
    closed(post(move |Path(id): Path<String>, form: DeskForm| act::post(noun, id, form)))
}

/// Key and lock, which desk and partners share.
pub(super) fn lock_pages() -> Table {
    let at = Access::SignedIn;
    Table::new(Face::Desk)
        .add("GET", "/sealed/key", at, closed(get(unlock::key)))
        .add("POST", "/sealed/key", at, closed(post(unlock::post_key)))
        .add("GET", "/sealed/unlock", at, closed(get(unlock::get)))
        .add("POST", "/sealed/unlock", at, closed(post(unlock::post)))
        .add("POST", "/sealed/lock", at, closed(post(unlock::lock)))
        .add("POST", "/sealed/pulse", at, closed(post(unlock::pulse)))
        .add("GET", "/sealed/passphrase", at, closed(get(unlock::passphrase)))
        .add("POST", "/sealed/passphrase", at, closed(post(unlock::post_passphrase)))
}

/// `/sealed/…`, for those who work at a desk.
pub(super) fn desk_pages() -> Table {
    let at = Access::SignedIn;
    let table = Table::new(Face::Desk)
        .add("GET", "/sealed", at, closed(get(list::get)))
        .add("POST", "/sealed", at, closed(post(list::post)))
        .add("GET", "/sealed/cases/new", at, closed(get(new::get)))
        .add("POST", "/sealed/cases/new", at, closed(post(new::post)))
        .add("GET", "/sealed/hand-overs/new", at, closed(get(handover::get)))
        .add("POST", "/sealed/hand-overs", at, closed(post(handover::post)))
        .add("GET", "/sealed/cases/{id}", at, closed(get(case::get)))
        .add("GET", "/sealed/cases/{id}/print", at, closed(get(print::get)))
        .add("GET", "/sealed/cases/{id}/similar", at, closed(get(similar::get)))
        .add("GET", "/sealed/cases/{id}/{noun}/new", at, closed(get(act::get)))
        .add("GET", "/sealed/cases/{id}/reports/{entry}", at, closed(get(print::mayor_report)))
        .add("GET", "/sealed/cases/{id}/readers", at, closed(get(readers::get)))
        .add("POST", "/sealed/cases/{id}/readers", at, closed(post(readers::add)))
        .add("POST", "/sealed/cases/{id}/readers/{account}/removal", at, closed(post(readers::remove)))
        .add("POST", "/sealed/cases/{id}/holds", at, closed(post(act::hold)))
        .add("POST", "/sealed/cases/{id}/glass-shares", at, closed(post(act::glass_shares)))
        .add("POST", "/sealed/cases/{id}/tasks/{task}/completion", at, closed(post(act::complete)))
        .add("POST", "/sealed/cases/{id}/referrals/{referral}/state", at, closed(post(act::move_referral)))
        .add("POST", "/sealed/cases/{id}/recommendations/{recommendation}/answer", at, closed(post(act::answer)))
        .add("GET", "/sealed/cases/{id}/supports/{support}/state", at, closed(get(act::get_support)))
        .add("POST", "/sealed/cases/{id}/supports/{support}/state", at, closed(post(act::move_support)))
        .add("GET", "/sealed/cases/{id}/files/{entry}", at, closed(get(files::get)))
        .add(
            "POST",
            "/sealed/cases/{id}/files",
            at,
            closed(post(files::post)).layer(DefaultBodyLimit::max(files::MAX_UPLOAD)),
        );
    let table = outside_pages(table);
    let table = acts::PATHS.iter().fold(table, |table, (path, noun)| table.add("POST", path, at, write(noun)));
    sealed_around::around_pages(table)
}

/// Participants with what they were told, and the guarded background of a child.
fn outside_pages(table: Table) -> Table {
    use participants as people;
    let at = Access::SignedIn;
    table
        .add("GET", "/sealed/cases/{id}/participants", at, closed(get(people::get)))
        .add("POST", "/sealed/cases/{id}/participants", at, closed(post(people::post)))
        .add("POST", "/sealed/cases/{id}/participants/{participant}/removal", at, closed(post(people::remove)))
        .add("GET", "/sealed/cases/{id}/participants/{participant}/disclosures/new", at, closed(get(people::pick)))
        .add("POST", "/sealed/cases/{id}/participants/{participant}/drafts", at, closed(post(people::draft)))
        .add("POST", "/sealed/cases/{id}/participants/{participant}/disclosures", at, closed(post(people::disclose)))
        .add("POST", "/sealed/cases/{id}/disclosures/{disclosure}/withdrawal", at, closed(post(people::withdraw)))
        .add("POST", "/sealed/cases/{id}/recommendations/{recommendation}/withdrawal", at, closed(post(act::withdraw)))
        .add("POST", "/sealed/cases/{id}/conferences/{conference}/cancellation", at, closed(post(conferences::cancel)))
        .add("GET", "/sealed/cases/{id}/conferences", at, closed(get(conferences::list)))
        .add("POST", "/sealed/cases/{id}/conferences", at, closed(post(conferences::post)))
        .add("GET", "/sealed/cases/{id}/conferences/new", at, closed(get(conferences::new)))
        .add("POST", "/sealed/cases/{id}/conferences/{conference}", at, closed(post(conferences::post_change)))
        .add("GET", "/sealed/cases/{id}/conferences/{conference}/plan", at, closed(get(conferences::edit)))
        .add("GET", "/sealed/cases/{id}/conferences/{conference}/minutes", at, closed(get(conferences::minutes)))
        .add("POST", "/sealed/cases/{id}/conferences/{conference}/minutes", at, closed(post(conferences::post_minutes)))
        .add("GET", "/sealed/cases/{id}/backgrounds", at, closed(get(backgrounds::get)))
        .add("POST", "/sealed/cases/{id}/backgrounds", at, closed(post(backgrounds::post)))
        .add("POST", "/sealed/cases/{id}/backgrounds/{child}/readers", at, closed(post(backgrounds::add)))
        .add(
            "POST",
            "/sealed/cases/{id}/backgrounds/{child}/readers/{account}/removal",
            at,
            closed(post(backgrounds::remove)),
        )
}

/// `/partner/…`, for those who help with a case.
pub(super) fn partner_pages() -> Table {
    let at = Access::SignedIn;
    Table::new(Face::Partner)
        .add("GET", "/partner", at, closed(get(partner::cases::get)))
        .add("GET", "/partner/cases/{id}", at, closed(get(partner::cases::get_one)))
        .add("GET", "/partner/cases/{id}/files/{file}", at, closed(get(partner::cases::get_file)))
        .add("POST", "/partner/cases/{id}/messages", at, closed(post(partner::cases::post_message)))
        .add("POST", "/partner/cases/{id}/referrals/{referral}/state", at, closed(post(partner::cases::post_referral)))
        .add(
            "POST",
            "/partner/cases/{id}/recommendations/{recommendation}/answer",
            at,
            closed(post(partner::cases::post_answer)),
        )
}
