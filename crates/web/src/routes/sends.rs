//! Sends to many, on the staff's face.

use access::Action;
use axum::routing::{get, post};

use super::{Access, Table};
use crate::staff::sends::{act, list, new, one, report, testers};

/// Written by one, approved by another, sent, followed.
pub(super) fn send_pages(table: Table) -> Table {
    let (write, approve) = (Access::Staff(Action::SendWrite), Access::Staff(Action::SendApprove));
    // Who writes and who approves see these pages and act on what is sent; each page looks for one of both.
    let either = Access::SignedIn;
    table
        .add("GET", "/sends", either, get(list::get))
        .add("POST", "/sends", write, post(new::post))
        .add("GET", "/sends/new", write, get(new::get))
        .add("GET", "/sends/staff", either, get(testers::get))
        .add("POST", "/sends/staff", either, post(testers::post))
        .add("GET", "/sends/{number}", either, get(one::get))
        .add("POST", "/sends/{number}", write, post(new::change))
        .add("GET", "/sends/{number}/progress", either, get(one::progress))
        .add("GET", "/sends/{number}/report.csv", either, get(report::get))
        .add("POST", "/sends/{number}/plan", write, post(act::plan))
        .add("POST", "/sends/{number}/trial", write, post(act::trial))
        .add("POST", "/sends/{number}/approval", approve, post(act::approve))
        .add("POST", "/sends/{number}/return", approve, post(act::give_back))
        .add("POST", "/sends/{number}/start", either, post(act::start))
        .add("POST", "/sends/{number}/pause", either, post(act::pause))
        .add("POST", "/sends/{number}/resumption", either, post(act::resume))
        .add("POST", "/sends/{number}/stop", either, post(act::stop))
        .add("POST", "/sends/{number}/batches/{n}/decision", approve, post(act::decide))
}
