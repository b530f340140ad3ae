//! The city's account on LINE, on the staff's face.

use access::Action;
use axum::routing::{get, post};

use super::{Access, Table, with_files};
use crate::staff::line::{emergency, menus, plans, usage};

/// Rich menus: made, planned, switched in an emergency.
pub(super) fn menu_pages(table: Table) -> Table {
    let write = Access::Staff(Action::LineWrite);
    table
        .add("GET", "/line/menus", write, get(menus::list))
        .add("POST", "/line/menus", write, post(menus::post).layer(with_files()))
        .add("GET", "/line/menus/new", write, get(menus::new))
        .add("GET", "/line/menus/{id}", write, get(menus::one))
        .add("POST", "/line/menus/{id}", write, post(menus::post_one).layer(with_files()))
        .add("GET", "/line/menus/{id}/picture", write, get(menus::picture))
        .add("POST", "/line/menus/{id}/removal", write, post(menus::remove))
        .add("GET", "/line/menus/{id}/plans", write, get(plans::get))
        .add("POST", "/line/menus/{id}/plans", write, post(plans::post))
        .add("POST", "/line/menus/{id}/plans/{plan}/end", write, post(plans::end))
        .add("POST", "/line/attempts", write, post(menus::attempt))
        .add("GET", "/line/usage", write, get(usage::get))
        .add("GET", "/line/emergency", write, get(emergency::get))
        .add("POST", "/line/emergency", write, post(emergency::post))
        .add("POST", "/line/emergency/end", write, post(emergency::end))
}
