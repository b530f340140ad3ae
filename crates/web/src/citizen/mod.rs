//! The public face: pages for citizens, in every language.

pub(crate) mod about;
pub(crate) mod articles;
pub(crate) mod ask;
pub(crate) mod contacts;
pub(crate) mod effect;
pub(crate) mod feedback;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod line;
pub(crate) mod opendata;
pub(crate) mod questions;
pub(crate) mod room;
pub(crate) mod simulators;
pub(crate) mod suggestions;
pub(crate) mod topics;
pub(crate) mod view;

use std::sync::{Arc, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use calendar::{Date, Instant};
use city::Lang;

use crate::errors::{Failure, lang_of};
use crate::page::Page;
use crate::{App, CityState, assets};
use words::OpenStatus;

/// What a citizen's request carries: the city, the language, the moment.
pub(crate) struct Visit {
    pub(crate) app: Arc<App>,
    pub(crate) city: Arc<CityState>,
    pub(crate) lang: Lang,
    pub(crate) now: Instant,
    path: String,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let city = parts.extensions.get::<Arc<CityState>>().cloned().ok_or_else(Failure::not_found)?;
        let uri = parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |o| &o.0);
        let lang = lang_of(uri.path());
        let local = uri.path().strip_prefix(lang.prefix()).unwrap_or("/");
        let mut path = if local.is_empty() { "/".to_owned() } else { local.to_owned() };
        if let Some(query) = uri.query() {
            path.push('?');
            path.push_str(query);
        }
        Ok(Visit { app: app.clone(), city, lang, now: app.now(), path })
    }
}

impl Visit {
    /// A visit without an address, for pages that stand in for others.
    pub(crate) fn of(app: Arc<App>, city: Arc<CityState>) -> Self {
        Visit { now: app.now(), app, city, lang: Lang::Ja, path: "/".into() }
    }

    pub(crate) fn page(&self, section: &'static str) -> Page {
        Page {
            lang: self.lang,
            city: self.city.organisation(),
            section,
            path: self.path.clone(),
            theme: theme_url(&self.city),
            banner: self.city.gates.disaster().map(|d| d.text(self.lang).to_owned()),
        }
    }

    /// The same page for a form that was sent: its address as a page is another one.
    pub(crate) fn page_at(&self, section: &'static str, path: &str) -> Page {
        Page { path: path.to_owned(), ..self.page(section) }
    }

    pub(crate) fn today(&self) -> Date {
        self.now.jst_date()
    }

    /// What a citizen's act on a contact needs.
    pub(crate) fn window<'a>(
        &'a self,
        organisation: &'a city::Organisation,
        is_live: &'a (dyn Fn(&str) -> bool + Sync),
    ) -> contact::citizen::Window<'a> {
        contact::citizen::Window {
            db: &self.city.db,
            clock: self.app.clock.as_ref(),
            organisation,
            library: &self.city.library,
            is_live,
            writes: self.city.writing.is_some(),
        }
    }

    /// What work on sealed cases needs; a city without a sealed desk has no such pages.
    pub(crate) async fn premises(&self) -> Result<casework::Premises, Failure> {
        let keeping = self.city.sealed.clone().ok_or_else(Failure::not_found)?;
        let (db, clock) = (self.city.db.clone(), self.app.clock.clone());
        Ok(casework::Premises::read(keeping, db, clock, &self.city.organisation()).await?)
    }

    /// Whether somebody answers the main telephone.
    pub(crate) fn phone_status(&self, page: &Page) -> Option<OpenStatus> {
        let section = page.city.section(&page.city.profile.phone_section, self.today())?;
        Some(page.status(section, self.now))
    }
}

pub(crate) fn theme_url(city: &CityState) -> String {
    let theme = city.theme.read().unwrap_or_else(PoisonError::into_inner).clone();
    format!("/theme/{}.css", assets::digest(theme.as_bytes()))
}

/// The city's tones.
pub(crate) async fn theme(visit: Visit) -> Response {
    let theme = visit.city.theme.read().unwrap_or_else(PoisonError::into_inner).clone();
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, assets::FOREVER)], theme.to_string())
        .into_response()
}

/// Shows a template.
pub(crate) fn show(template: &impl askama::Template) -> Result<Response, Failure> {
    Ok(axum::response::Html(template.render()?).into_response())
}
