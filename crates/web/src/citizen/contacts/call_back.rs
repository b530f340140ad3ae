//! `/contacts/{number}/{key}/call-back`: asking for a call in a window of time.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use contact::call_back::{self, NewCallBack};
use contact::{ContactError, Invalid, citizen};
use serde::Deserialize;

use super::invalid_words;
use super::one::{Keyed, base, open};
use crate::citizen::questions::private;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;
use words::i18n;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    phone: String,
    window: Option<i64>,
}

/// Why a call cannot be promised.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Invalid(Invalid),
    /// One is promised already.
    Asked,
}

struct Window {
    value: i64,
    day: String,
    /// Whether it is the first of its day.
    begins_day: bool,
    time: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "citizen/contact_call_back.html")]
struct CallBackPage {
    page: Page,
    base: String,
    windows: Vec<Window>,
    phone: String,
    phone_error: Option<String>,
    window_error: Option<String>,
    /// What is wrong with neither of them.
    error: Option<String>,
    takes_phone: bool,
}

fn form(
    visit: &Visit,
    keyed: &(String, String),
    section: &str,
    asked: &Asked,
    error: Option<Wrong>,
) -> Result<Response, Failure> {
    let page = visit.page_at("contacts", &format!("/contacts/{}/{}/call-back", keyed.0, keyed.1));
    let windows = call_back::windows(&page.city, section, visit.now);
    let days: Vec<_> = windows.iter().map(|(from, _)| from.jst_date()).collect();
    let windows = windows.iter().enumerate().map(|(i, (from, to))| Window {
        // A block is known by its end: its beginning moves with the clock.
        value: to.millis() - 1,
        day: words::short_day(page.lang, days[i]),
        begins_day: i == 0 || days[i - 1] != days[i],
        time: format!("{}–{}", words::time_of(page.lang, *from), words::time_of(page.lang, *to)),
        chosen: asked.window == Some(to.millis() - 1),
    });
    let of = |wanted: Wrong| {
        let said = match wanted {
            Wrong::Invalid(invalid) => invalid_words(visit, invalid, &asked.phone),
            Wrong::Asked => i18n::message(visit.lang, "call-back-asked", &[]),
        };
        error.filter(|e| *e == wanted).map(|_| said)
    };
    let mut response = show(&CallBackPage {
        windows: windows.collect(),
        base: base(&page, &keyed.0, &keyed.1),
        phone: asked.phone.clone(),
        phone_error: of(Wrong::Invalid(Invalid::Phone)),
        window_error: of(Wrong::Invalid(Invalid::Window)),
        error: of(Wrong::Asked).or_else(|| of(Wrong::Invalid(Invalid::Closed))),
        takes_phone: visit.city.db.key().is_ok(),
        page,
    })?;
    if error.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(private(response))
}

/// The form.
pub(crate) async fn get(visit: Visit, client: ClientAddress, Path(keyed): Keyed) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    form(&visit, &keyed, &contact.section, &Asked { phone: String::new(), window: None }, None)
}

/// Asks for the call.
pub(crate) async fn post(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |_: &str| true;
    let window = visit.window(&organisation, &live);
    let mut entropy = (visit.app.entropy)();
    let new = NewCallBack {
        phone: &asked.phone,
        window_from: Instant::from_millis(asked.window.unwrap_or(0)),
        actor: citizen::CITIZEN,
    };
    match citizen::ask_call_back(window, entropy.as_mut(), &contact.id, new).await {
        Ok(()) => {
            visit.city.live.tell(&contact.id);
            let page = visit.page("contacts");
            Ok(private(Redirect::to(&format!("{}#latest", base(&page, &keyed.0, &keyed.1))).into_response()))
        }
        Err(ContactError::Invalid(invalid)) => {
            form(&visit, &keyed, &contact.section, &asked, Some(Wrong::Invalid(invalid)))
        }
        Err(ContactError::Rule(_)) => form(&visit, &keyed, &contact.section, &asked, Some(Wrong::Asked)),
        Err(other) => Err(other.into()),
    }
}
