//! `/contacts/{number}/suggestions`: answers for what the citizen says just now.

use access::Action;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use city::Lang;
use contact::message;
use contact::{Author, Contact};
use store::Tx;

use super::one::readable_contact;
use crate::citizen::show;
use crate::errors::Failure;
use crate::facts;
use crate::staff::fields::Fields;
use crate::staff::gate::Staff;
use crate::staff::lists::Asked;
use words::{i18n, ruby};

/// Answers that are offered; each has a key.
const OFFERED: usize = 5;
/// Words of the citizen that are looked at: the last messages.
const LAST: i64 = 12;

/// An answer that is offered.
pub(crate) struct Suggestion {
    pub(crate) key: usize,
    pub(crate) code: String,
    pub(crate) question: String,
    pub(crate) summary: String,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) section: String,
    /// How likely the first one is right, in percent.
    pub(crate) percent: Option<u32>,
}

#[derive(Template)]
#[template(path = "staff/contacts/suggestions.html")]
pub(crate) struct Suggestions {
    pub(crate) suggestions: Vec<Suggestion>,
    pub(crate) asked: String,
    /// What stands in the search field.
    pub(crate) typed: String,
    pub(crate) may_answer: bool,
}

impl Suggestions {
    /// For a page of which only other parts are wanted.
    pub(super) fn none() -> Self {
        Suggestions { suggestions: Vec::new(), asked: String::new(), typed: String::new(), may_answer: false }
    }
}

/// What the citizen said last, masked.
async fn said(tx: &mut Tx, contact: &Contact) -> Result<String, Failure> {
    let messages = message::until(tx, &contact.id, i64::MAX, LAST).await?;
    let words = messages.iter().rev().filter(|m| m.author == Author::Citizen).filter_map(|m| m.body.clone());
    // The last words, and those before if they say little.
    let mut asked = String::new();
    for body in words.take(3) {
        if asked.chars().count() >= 12 {
            break;
        }
        asked = format!("{body} {asked}");
    }
    Ok(text::private::mask(asked.trim()).text)
}

/// Answers for a contact; `typed` is what the person looks for themself.
pub(crate) async fn of(staff: &Staff, contact: &Contact, typed: &str) -> Result<Suggestions, Failure> {
    let asked = match typed {
        "" => {
            let mut tx = staff.city.db.read().await?;
            said(&mut tx, contact).await?
        }
        typed => typed.chars().take(400).collect(),
    };
    let answer = staff.city.library.ask(&asked, staff.visit.today(), OFFERED);
    let organisation = staff.city.organisation();
    let percent = (answer.probability * 100.0).round() as u32;
    let suggestions = answer.found.iter().enumerate().map(|(i, found)| {
        let (text, lang) = found.article.text(contact.lang());
        let plain = |text: &str| if lang == Lang::Easy { ruby::strip(text) } else { text.to_owned() };
        let section = organisation.section(&found.article.content.section, staff.visit.today());
        Suggestion {
            key: i + 1,
            code: found.article.code.clone(),
            question: plain(&text.question),
            summary: plain(&text.summary),
            facts: text
                .facts
                .present()
                .into_iter()
                .map(|(kind, items)| (i18n::message(Lang::Ja, facts::key(kind), &[]), plain(&items.join("、"))))
                .collect(),
            section: section.map_or_else(String::new, |s| s.name.clone()),
            percent: (i == 0).then_some(percent),
        }
    });
    Ok(Suggestions {
        suggestions: suggestions.collect(),
        asked,
        typed: typed.to_owned(),
        may_answer: staff.who.may_in(Action::ContactAnswer, &staff.section_today(&contact.section)),
    })
}

/// Answers, as a part of the page.
pub(crate) async fn get(Path(number): Path<String>, staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let asked = Fields::from_pairs(asked);
    let mut response = show(&of(&staff, &contact, asked.get("q")).await?)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
