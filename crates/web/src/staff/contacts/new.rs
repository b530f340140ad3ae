//! `/contacts/new`: an operator types in what came by telephone, at a counter, by fax or letter.

use access::Action;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use contact::staff::type_in::{self, TypedIn};
use contact::{Channel, ContactError};

use super::{CHANNELS, desk, topics};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::{Choice, choices, section_options};

const LANGS: &[(&str, &str)] = &[("ja", "日本語"), ("easy", "やさしい日本語"), ("en", "英語")];

#[derive(Template)]
#[template(path = "staff/contacts/new.html")]
struct NewPage {
    frame: Frame,
    tab: &'static str,
    submission: String,
    channels: Vec<Choice>,
    langs: Vec<Choice>,
    sections: askama::filters::Safe<String>,
    topics: Vec<Choice>,
    words: String,
    error: Option<(&'static str, String)>,
}

impl NewPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

fn page(staff: &Staff, fields: &Fields, error: Option<(&'static str, String)>) -> Result<Response, Failure> {
    let typed: Vec<_> = CHANNELS
        .iter()
        .copied()
        .filter(|(code, _)| Channel::from_code(code).is_some_and(Channel::is_typed_in))
        .collect();
    let own = staff.who.sections.iter().find(|s| staff.who.may_in(Action::ContactAnswer, s));
    let section = fields.optional("section").or(own.map(String::as_str)).unwrap_or("");
    let wrong = error.is_some();
    let mut response = show(&NewPage {
        frame: staff.frame("contacts"),
        tab: "contacts",
        submission: match fields.get("submission") {
            "" => knowledge::question::new_submission((staff.app.entropy)().as_mut()),
            sent => sent.to_owned(),
        },
        channels: choices(&typed, fields.optional("channel").unwrap_or("phone")),
        langs: choices(LANGS, fields.optional("lang").unwrap_or("ja")),
        sections: section_options(staff, |s| staff.who.may_in(Action::ContactAnswer, s), section),
        topics: topics(fields.get("topic")),
        words: fields.raw("words").to_owned(),
        error,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The form.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    page(&staff, &Fields::from_pairs(Vec::new()), None)
}

/// Types a contact in.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let Some(channel) = Channel::from_code(fields.get("channel")) else {
        return page(&staff, &fields, Some(("channel", "受けた方法を選んでください。".into())));
    };
    let new = TypedIn {
        submission: fields.get("submission"),
        channel,
        lang: Lang::from_code(fields.get("lang")).unwrap_or(Lang::Ja),
        section: fields.get("section"),
        words: fields.raw("words"),
        topic: fields.optional("topic"),
    };
    match type_in::type_in(desk(&staff, &organisation), (staff.app.entropy)().as_mut(), new).await {
        Ok(receipt) => {
            staff.city.live.tell(&receipt.id);
            let number = contact::contact::short_number(&receipt.number);
            Ok(Redirect::to(&format!("/contacts/{number}?done=typed-in")).into_response())
        }
        Err(ContactError::Field { field, reason }) => page(&staff, &fields, Some((field, reason))),
        Err(ContactError::Invalid(_)) => {
            page(&staff, &fields, Some(("words", "このページを開き直してください。".into())))
        }
        Err(other) => Err(other.into()),
    }
}
