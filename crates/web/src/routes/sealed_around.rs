//! Around the bullying desk, on the staff's face: who works there, their keys, and what is seen without one.

use access::Action;
use axum::routing::{get, post};

use super::sealed::closed;
use super::{Access, Table};
use crate::staff::sealed::{agenda, effect, glass, leaflets, members, overdue, publication, recovery, signs};

/// To whoever has no role at the desk these pages are not there; each page looks itself.
pub(super) fn around_pages(table: Table) -> Table {
    let (at, administrator) = (Access::SignedIn, Access::Staff(Action::AccountWrite));
    table
        .add("GET", "/sealed/members", at, closed(get(members::get)))
        .add("POST", "/sealed/members", administrator, closed(post(members::post)))
        .add("POST", "/sealed/members/{account}/{role}/end", administrator, closed(post(members::end)))
        .add("POST", "/sealed/members/{account}/removal", at, closed(post(members::remove)))
        .add("GET", "/sealed/recovery", at, closed(get(recovery::get)))
        .add("GET", "/sealed/recovery/set", at, closed(get(recovery::set)))
        .add("POST", "/sealed/recovery/set", at, closed(post(recovery::post_set)))
        .add("GET", "/sealed/recovery/rehearsal", at, closed(get(recovery::rehearsal)))
        .add("POST", "/sealed/recovery/rehearsal", at, closed(post(recovery::post_rehearsal)))
        .add("GET", "/sealed/recovery/restoration", at, closed(get(recovery::restoration)))
        .add("POST", "/sealed/recovery/restoration", at, closed(post(recovery::post_restoration)))
        .add("GET", "/sealed/glass", at, closed(get(glass::get)))
        .add("POST", "/sealed/glass", at, closed(post(glass::post)))
        .add("POST", "/sealed/glass/{id}/agreement", at, closed(post(glass::agree)))
        .add("POST", "/sealed/glass/{id}/refusal", at, closed(post(glass::decline)))
        .add("GET", "/sealed/overdue", at, closed(get(overdue::get)))
        .add("GET", "/sealed/agenda", at, closed(get(agenda::get)))
        .add("GET", "/sealed/effect", at, closed(get(effect::get)))
        .add("GET", "/sealed/effect/publication", at, closed(get(publication::get)))
        .add("POST", "/sealed/effect/publication", at, closed(post(publication::post)))
        .add("POST", "/sealed/effect/publication/{id}/withdrawal", at, closed(post(publication::withdraw)))
        .add("GET", "/sealed/signs", at, closed(get(signs::get)))
        .add("POST", "/sealed/signs/trial", at, closed(post(signs::trial)))
        .add("GET", "/sealed/signs/rule", at, closed(get(signs::rule)))
        .add("POST", "/sealed/signs/rule", at, closed(post(signs::post_rule)))
        .add("POST", "/sealed/signs/removal", at, closed(post(signs::remove)))
        .add("GET", "/sealed/leaflets", at, closed(get(leaflets::get)))
        .add("POST", "/sealed/leaflets", at, closed(post(leaflets::post)))
        .add("POST", "/sealed/leaflets/address", at, closed(post(leaflets::post_address)))
        .add("GET", "/sealed/leaflets/counts.csv", at, closed(get(leaflets::counts)))
        .add("GET", "/sealed/leaflets/{id}", at, closed(get(leaflets::one)))
        .add("POST", "/sealed/leaflets/{id}/end", at, closed(post(leaflets::end)))
}
