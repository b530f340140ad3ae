//! `/` of the staff's face: what is mine and when it is due.

use askama::Template;
use axum::response::Response;

use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

#[derive(Template)]
#[template(path = "staff/today.html")]
struct TodayPage {
    frame: Frame,
    sections: Vec<String>,
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("today");
    let sections = staff.who.sections.iter().map(|s| frame.section(s)).collect();
    show(&TodayPage { frame, sections })
}
