//! What a page shows of a form: values that were sent or stand, and what is wrong with them.

use access::AccessError;
use askama::Template;
use askama::filters::Safe;
use axum::http::StatusCode;
use axum::response::Response;
use city::CityError;
use people::PeopleError;

use super::fields::Fields;
use crate::citizen::show;
use crate::errors::Failure;

/// A choice of a list: what is sent, and what is read.
pub(crate) type Choices = Vec<(String, String)>;

/// Why something was not done: a sentence for a field, or an error of another kind.
pub(crate) enum Refused {
    /// Name of the field, and a sentence.
    Field(&'static str, String),
    /// Anything else.
    Other(Failure),
}

impl Refused {
    /// The form once more with the sentence, or the failure.
    pub(crate) fn onto(self, form: &mut Form) -> Result<(), Failure> {
        match self {
            Refused::Field(field, reason) => {
                form.wrong(field, reason);
                Ok(())
            }
            Refused::Other(failure) => Err(failure),
        }
    }
}

impl From<AccessError> for Refused {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Invalid { field, reason } => Refused::Field(field, reason),
            AccessError::City(city) => city.into(),
            other => Refused::Other(other.into()),
        }
    }
}

impl From<CityError> for Refused {
    fn from(error: CityError) -> Self {
        match error {
            CityError::Invalid { field, reason } => Refused::Field(field, reason),
            CityError::NotFound => Refused::Other(Failure::not_found()),
            CityError::Changed => Refused::Other(Failure::new(StatusCode::CONFLICT)),
            CityError::Store(error) => Refused::Other(error.into()),
            other => Refused::Other(knowledge::KnowledgeError::City(other).into()),
        }
    }
}

impl From<PeopleError> for Refused {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Invalid { field, reason } => Refused::Field(field, reason),
            PeopleError::NotFound => Refused::Other(Failure::not_found()),
            PeopleError::Erased => Refused::Field("person", "この人の情報は、もう消されています。".into()),
            PeopleError::Store(error) => Refused::Other(error.into()),
            other => Refused::Other(knowledge::KnowledgeError::People(other).into()),
        }
    }
}

impl From<contact::ContactError> for Refused {
    fn from(error: contact::ContactError) -> Self {
        match error {
            contact::ContactError::Field { field, reason } => Refused::Field(field, reason),
            other => Refused::Other(other.into()),
        }
    }
}

impl From<casework::CaseError> for Refused {
    fn from(error: casework::CaseError) -> Self {
        match error {
            casework::CaseError::Field { field, reason } => Refused::Field(field, reason),
            other => Refused::Other(other.into()),
        }
    }
}

impl From<store::StoreError> for Refused {
    fn from(error: store::StoreError) -> Self {
        Refused::Other(error.into())
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Refused::Other(failure)
    }
}

/// A form on a page. Its name keeps the ids of several forms on one page apart.
#[derive(Clone, Default)]
pub(crate) struct Form {
    name: &'static str,
    values: Vec<(String, String)>,
    errors: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "staff/admin/field.html")]
struct FieldPart<'a> {
    id: String,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    kind: &'a str,
    value: &'a str,
    error: Option<&'a str>,
    choices: &'a [(String, String)],
}

impl Form {
    /// A form with nothing in it.
    pub(crate) fn new(name: &'static str) -> Self {
        Form { name, ..Form::default() }
    }

    /// A form with what was sent.
    pub(crate) fn sent(name: &'static str, fields: &Fields) -> Self {
        let values = fields.pairs().iter().filter(|(n, _)| n != "csrf").cloned().collect();
        Form { name, values, errors: Vec::new() }
    }

    /// Its name on the page.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The same with a value.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// Notes what is wrong with a field.
    pub(crate) fn wrong(&mut self, field: &'static str, reason: impl Into<String>) {
        self.errors.push((field, reason.into()));
    }

    /// Whether something is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The sentence beside a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|(f, _)| *f == name).map(|(_, reason)| reason.as_str())
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Whether a field came at all, be it empty.
    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.values.iter().any(|(n, _)| n == name)
    }

    /// All values of a field that may come more than once.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }

    fn part(&self, kind: &str, name: &str, label: &str, hint: &str, choices: &[(String, String)]) -> Safe<String> {
        let part = FieldPart {
            id: format!("{}-{name}", self.name),
            name,
            label,
            hint,
            kind,
            value: self.value(name),
            error: self.error(name),
            choices,
        };
        Safe(part.render().unwrap_or_default())
    }

    /// A line of text.
    pub(crate) fn text(&self, name: &str, label: &str, hint: &str) -> Safe<String> {
        self.part("text", name, label, hint, &[])
    }

    /// A field for a day.
    pub(crate) fn day(&self, name: &str, label: &str, hint: &str) -> Safe<String> {
        self.part("date", name, label, hint, &[])
    }

    /// A field for a time of day.
    pub(crate) fn time(&self, name: &str, label: &str, hint: &str) -> Safe<String> {
        self.part("time", name, label, hint, &[])
    }

    /// Several lines of text.
    pub(crate) fn area(&self, name: &str, label: &str, hint: &str) -> Safe<String> {
        self.part("area", name, label, hint, &[])
    }

    /// A box to mark; sends `on`.
    pub(crate) fn mark(&self, name: &str, label: &str) -> Safe<String> {
        self.part("check", name, label, "", &[])
    }

    /// A list to choose from.
    pub(crate) fn select(&self, name: &str, label: &str, hint: &str, choices: &Choices) -> Safe<String> {
        self.part("select", name, label, hint, choices)
    }

    /// One of several lists that send the same name; `n` counts from 0.
    pub(crate) fn select_nth(&self, n: usize, name: &str, label: &str, choices: &Choices) -> Safe<String> {
        let mut sent = self.values.iter().filter(|(own, _)| own == name);
        let part = FieldPart {
            id: format!("{}-{name}-{n}", self.name),
            name,
            label,
            hint: "",
            kind: "select",
            value: sent.nth(n).map_or("", |(_, v)| v),
            error: self.errors.iter().find(|(f, _)| n == 0 && *f == name).map(|(_, reason)| reason.as_str()),
            choices,
        };
        Safe(part.render().unwrap_or_default())
    }

    /// All that is wrong, above the form.
    pub(crate) fn summary(&self) -> Safe<String> {
        Safe(SummaryPart { errors: &self.errors }.render().unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "staff/admin/summary.html")]
struct SummaryPart<'a> {
    errors: &'a [(&'static str, String)],
}

/// A page that came back because something on it is wrong.
pub(crate) fn show_wrong(template: &impl Template) -> Result<Response, Failure> {
    let mut response = show(template)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The day in a field, which must be there.
pub(crate) fn needed_day(fields: &Fields, name: &'static str) -> Result<calendar::Date, Refused> {
    match fields.date(name) {
        Ok(Some(day)) => Ok(day),
        Ok(None) => Err(Refused::Field(name, "日付を入れてください。".into())),
        Err(sentence) => Err(Refused::Field(name, sentence)),
    }
}

/// The day in a field that may be empty.
pub(crate) fn some_day(fields: &Fields, name: &'static str) -> Result<Option<calendar::Date>, Refused> {
    fields.date(name).map_err(|sentence| Refused::Field(name, sentence))
}
