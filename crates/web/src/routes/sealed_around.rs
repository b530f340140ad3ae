//! Around the bullying desk, on the staff's face: who works there, their keys, and what is seen without one.

use access::Action;
use axum::routing::{get, post};

use super::{Access, Table};
use crate::staff::sealed::{glass, leaflets, members, overdue, recovery, signs};

/// To whoever has no role at the desk these pages are not there; each page looks itself.
pub(super) fn around_pages(table: Table) -> Table {
    let (at, administrator) = (Access::SignedIn, Access::Staff(Action::AccountWrite));
    table
        .add("GET", "/sealed/members", at, get(members::get))
        .add("POST", "/sealed/members", administrator, post(members::post))
        .add("POST", "/sealed/members/{account}/{role}/end", administrator, post(members::end))
        .add("POST", "/sealed/members/{account}/removal", at, post(members::remove))
        .add("GET", "/sealed/recovery", at, get(recovery::get))
        .add("GET", "/sealed/recovery/set", at, get(recovery::set))
        .add("POST", "/sealed/recovery/set", at, post(recovery::post_set))
        .add("GET", "/sealed/recovery/rehearsal", at, get(recovery::rehearsal))
        .add("POST", "/sealed/recovery/rehearsal", at, post(recovery::post_rehearsal))
        .add("GET", "/sealed/recovery/restoration", at, get(recovery::restoration))
        .add("POST", "/sealed/recovery/restoration", at, post(recovery::post_restoration))
        .add("GET", "/sealed/glass", at, get(glass::get))
        .add("POST", "/sealed/glass", at, post(glass::post))
        .add("POST", "/sealed/glass/{id}/agreement", at, post(glass::agree))
        .add("POST", "/sealed/glass/{id}/refusal", at, post(glass::decline))
        .add("GET", "/sealed/overdue", at, get(overdue::get))
        .add("GET", "/sealed/signs", at, get(signs::get))
        .add("POST", "/sealed/signs/trial", at, post(signs::trial))
        .add("GET", "/sealed/signs/rule", at, get(signs::rule))
        .add("POST", "/sealed/signs/rule", at, post(signs::post_rule))
        .add("POST", "/sealed/signs/removal", at, post(signs::remove))
        .add("GET", "/sealed/leaflets", at, get(leaflets::get))
        .add("POST", "/sealed/leaflets", at, post(leaflets::post))
        .add("POST", "/sealed/leaflets/address", at, post(leaflets::post_address))
        .add("GET", "/sealed/leaflets/counts.csv", at, get(leaflets::counts))
        .add("GET", "/sealed/leaflets/{id}", at, get(leaflets::one))
        .add("POST", "/sealed/leaflets/{id}/end", at, post(leaflets::end))
}
