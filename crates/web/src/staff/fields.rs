//! A form of the staff's face: its fields by name, with the session's token checked.

use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use calendar::Date;
use contact::attachment::Sent;

use super::gate::Staff;
use crate::errors::Failure;
use crate::routes::MAX_STAFF_BODY;
use crate::{App, files};

/// The fields of a form as they came, in order; names may come more than once.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From pairs, for addresses' queries.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Fields(pairs)
    }

    /// All fields as they came.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The value of a field without blanks around it; empty if it did not come.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The value as it came.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }

    /// Whether a field came with something in it.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// The value, or nothing if it is empty.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|v| !v.is_empty())
    }

    /// A day; `Err` holds the sentence for the person.
    pub(crate) fn date(&self, name: &str) -> Result<Option<Date>, String> {
        match self.optional(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| format!("「{text}」は日付ではありません。2026-04-01 のように入れてください。")),
        }
    }
}

/// A form that was sent by a page of this session. The token is a field, or a header where a script sends.
pub(crate) struct StaffForm(pub(crate) Staff, pub(crate) Fields);

impl FromRequest<Arc<App>> for StaffForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, app)
            .await
            .map_err(|refused| Failure::new(refused.status()))?;
        let fields = Fields(pairs);
        if !staff.is_own_form(fields.get("csrf")) {
            return Err(Failure::new(StatusCode::FORBIDDEN));
        }
        Ok(StaffForm(staff, fields))
    }
}

/// The same where files may go along.
pub(crate) struct StaffFiles(pub(crate) Staff, pub(crate) Fields, pub(crate) Vec<Sent>);

impl FromRequest<Arc<App>> for StaffFiles {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, app).await?;
        let posted =
            files::read_parts(Request::from_parts(parts, body), app, MAX_STAFF_BODY, files::MAX_STAFF_PARTS).await?;
        let fields = Fields(posted.fields);
        if !staff.is_own_form(fields.get("csrf")) {
            return Err(Failure::new(StatusCode::FORBIDDEN));
        }
        Ok(StaffFiles(staff, fields, posted.files))
    }
}
