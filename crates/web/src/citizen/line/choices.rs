//! `/line/choices/{key}`: what somebody on LINE wants to be told, and all that is stored of them.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use knowledge::setting;
use line_account::link;
use outreach::quiet::{DAY, STEP};
use outreach::{Choices, OutreachError, Quiet, Recipient, recipient, subscription};
use serde::Deserialize;
use words::i18n;

use crate::citizen::questions::private;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;

#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

struct Topic {
    code: &'static str,
    name: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// Something of a list to choose one of.
struct Item {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "citizen/line_choices.html")]
struct ChoicesPage {
    page: Page,
    base: String,
    topics: Vec<Topic>,
    districts: Vec<Item>,
    langs: Vec<Item>,
    from: Vec<Item>,
    until: Vec<Item>,
    is_quiet: bool,
    takes_urgent: bool,
    /// Whether the LINE is joined with a person.
    is_linked: bool,
    since: String,
    /// By which a member of the staff puts this LINE on the list for trials.
    key: String,
    done: Option<&'static str>,
    error: Option<String>,
}

/// The recipient of a key; a key that ran out is told as that.
async fn open(visit: &Visit, client: ClientAddress, key: &str) -> Result<Recipient, Failure> {
    let mut tx = visit.city.db.read().await?;
    match link::by_pass(&mut tx, visit.app.clock.as_ref(), key).await? {
        Some(found) => Ok(found),
        None if visit.app.limits.key(client) => Err(Failure::not_found()),
        None => Err(Failure::too_many()),
    }
}

fn times(lang: Lang, chosen: i64) -> Vec<Item> {
    let half_hours = (0..DAY / STEP).map(|i| i * STEP);
    let item = |minute: i64| {
        let time = calendar::Time::new(u8::try_from(minute / 60).unwrap_or(0), u8::try_from(minute % 60).unwrap_or(0));
        Item {
            value: minute.to_string(),
            label: time.map_or_else(String::new, |t| words::ruby::strip(&words::time(lang, t))),
            chosen: minute == chosen,
        }
    };
    half_hours.map(item).collect()
}

async fn page(
    visit: &Visit,
    key: &str,
    found: &Recipient,
    choices: &Choices,
    done: &str,
    error: Option<String>,
) -> Result<Response, Failure> {
    let page = visit.page_at("", &format!("/line/choices/{key}"));
    let mut tx = visit.city.db.read().await?;
    let districts = setting::by_name(setting::DISTRICTS).ok_or_else(Failure::not_found)?.value(&mut tx).await?;
    drop(tx);
    let district = |name: &str| Item {
        value: name.to_owned(),
        label: name.to_owned(),
        chosen: choices.district.as_deref() == Some(name),
    };
    let language = |lang: Lang| Item {
        value: lang.code().to_owned(),
        label: i18n::message(lang, "language-name", &[]),
        chosen: lang == choices.lang,
    };
    let topic = |t: &city::Topic| Topic {
        code: t.code,
        name: t.name(page.lang),
        hint: t.hint(page.lang),
        chosen: choices.topics.contains(t.code),
    };
    // Where no hour is quiet, the usual ones are shown to choose from.
    let is_quiet = choices.quiet.length() > 0;
    let shown = if is_quiet { choices.quiet } else { Quiet::default() };
    let is_error = error.is_some();
    let mut response = show(&ChoicesPage {
        base: page.url(&format!("/line/choices/{key}")),
        topics: city::TOPICS.iter().map(topic).collect(),
        districts: districts.split(',').filter(|n| !n.is_empty()).map(district).collect(),
        langs: Lang::ALL.into_iter().map(language).collect(),
        from: times(page.lang, shown.from),
        until: times(page.lang, shown.until),
        is_quiet,
        takes_urgent: !choices.declines_urgent,
        is_linked: found.person.is_some(),
        since: page.day(found.created_at.jst_date()),
        key: key.to_owned(),
        done: match done {
            "saved" => Some("choices-saved"),
            "unlinked" => Some("choices-unlinked"),
            _ => None,
        },
        error,
        page,
    })?;
    if is_error {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(private(response))
}

/// The page.
pub(crate) async fn get(
    visit: Visit,
    client: ClientAddress,
    Path(key): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Failure> {
    let found = open(&visit, client, &key).await?;
    let mut tx = visit.city.db.read().await?;
    let choices = subscription::of(&mut tx, &found.id).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    page(&visit, &key, &found, &choices, &asked.done, None).await
}

/// What stands in the form. What cannot be read is told, not guessed.
fn read(fields: &[(String, String)]) -> Result<Choices, OutreachError> {
    let one = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let minute = |name: &str| one(name).parse::<i64>().unwrap_or(-1);
    let quiet = match one("quiet") {
        "on" => Quiet::new(minute("from"), minute("until"))?,
        _ => Quiet::NONE,
    };
    Ok(Choices {
        topics: fields.iter().filter(|(n, _)| n == "topic").map(|(_, v)| v.clone()).collect::<BTreeSet<_>>(),
        district: Some(one("district").to_owned()).filter(|d| !d.is_empty()),
        lang: Lang::from_code(one("lang")).unwrap_or(Lang::Ja),
        quiet,
        declines_urgent: one("urgent") != "on",
    })
}

/// Keeps what was chosen: what is not chosen is no longer sent.
pub(crate) async fn post(
    visit: Visit,
    client: ClientAddress,
    Path(key): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let found = open(&visit, client, &key).await?;
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let choices = match read(&fields) {
        Ok(choices) => choices,
        Err(error) => return refused(&visit, &key, &found, Choices::none(found.lang), error).await,
    };
    let mut tx = visit.city.db.write().await?;
    match subscription::choose(&mut tx, visit.app.clock.as_ref(), &found.id, &choices).await {
        Ok(()) => tx.commit().await?,
        Err(error) => {
            drop(tx);
            return refused(&visit, &key, &found, choices, error).await;
        }
    }
    // In the language that was chosen just now.
    let address = format!("{}/line/choices/{key}?done=saved", choices.lang.prefix());
    Ok(private(Redirect::to(&address).into_response()))
}

async fn refused(
    visit: &Visit,
    key: &str,
    found: &Recipient,
    choices: Choices,
    error: OutreachError,
) -> Result<Response, Failure> {
    match error {
        OutreachError::Field { .. } => {
            let sentence = i18n::message(visit.lang, "choices-error", &[]);
            page(visit, key, found, &choices, "", Some(sentence)).await
        }
        other => Err(other.into()),
    }
}

/// The link to a person ends.
pub(crate) async fn unlink(visit: Visit, client: ClientAddress, Path(key): Path<String>) -> Result<Response, Failure> {
    let found = open(&visit, client, &key).await?;
    let mut tx = visit.city.db.write().await?;
    recipient::link(&mut tx, visit.app.clock.as_ref(), "citizen", &found.id, None).await?;
    tx.commit().await?;
    let page = visit.page("");
    Ok(private(Redirect::to(&format!("{}?done=unlinked", page.url(&format!("/line/choices/{key}")))).into_response()))
}
