//! The texts of mails: files with placeholders, in the languages of those who read them.
//!
//! A mail to a citizen may be seen by others of the household, so that its text is neutral: who writes, a
//! number and a link; never what the matter is.

use std::collections::BTreeMap;

use city::{Lang, Profile};

/// A text to be filled in.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name, such as `question.answered`.
    pub name: &'static str,
    /// Names of the fields that it needs, besides `city`, which is filled in from the profile.
    pub fields: &'static [&'static str],
    /// The file of each language. The first is Japanese and stands in for those that are missing.
    texts: &'static [(Lang, &'static str)],
}

/// A subject and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub subject: String,
    /// Lines, each with its end.
    pub body: String,
    /// The language that it is in.
    pub lang: Lang,
}

/// Why a text cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No template has this name.
    #[error("there is no mail template {0:?}")]
    Unknown(String),
    /// The template needs a field that was not given.
    #[error("the mail template {template:?} needs the field {field:?}")]
    Missing {
        /// Template.
        template: String,
        /// Field.
        field: String,
    },
    /// A field was given that the template does not have.
    #[error("the mail template {template:?} has no field {field:?}")]
    Superfluous {
        /// Template.
        template: String,
        /// Field.
        field: String,
    },
}

macro_rules! template {
    ($name:literal, [$($field:literal),*], $($lang:ident $code:literal),+) => {
        Template {
            name: $name,
            fields: &[$($field),*],
            texts: &[$((Lang::$lang, include_str!(concat!("../templates/", $name, ".", $code, ".txt")))),+],
        }
    };
}

/// All templates. Those for the staff are in Japanese only.
pub const TEMPLATES: &[Template] = &[
    template!("question.received", ["number", "link"], Ja "ja", Easy "easy", En "en"),
    template!("question.answered", ["number", "link"], Ja "ja", Easy "easy", En "en"),
    template!("staff.review_due", ["section", "count", "link"], Ja "ja"),
    template!("staff.article_expired", ["section", "title", "link"], Ja "ja"),
    template!("staff.inquiry", ["number", "title", "due", "link"], Ja "ja"),
    template!("staff.inquiry_reminder", ["number", "title", "due", "link"], Ja "ja"),
    template!("staff.draft_submitted", ["section", "title", "link"], Ja "ja"),
    template!("staff.draft_returned", ["section", "title", "link"], Ja "ja"),
    template!("staff.sealed_due", ["link"], Ja "ja"),
    template!("staff.sealed_late", ["link"], Ja "ja"),
    template!("account.invitation", ["link", "valid_until"], Ja "ja"),
    template!("account.changed", ["at", "link"], Ja "ja"),
];

/// The template with a name.
pub fn template(name: &str) -> Result<&'static Template, TemplateError> {
    TEMPLATES.iter().find(|t| t.name == name).ok_or_else(|| TemplateError::Unknown(name.to_owned()))
}

/// The text of a template in a language, or in Japanese where that language has none.
///
/// Every field must be given and no other; a value is never read as a placeholder, and its control
/// characters and marks of direction are taken out.
pub fn render(
    name: &str,
    lang: Lang,
    profile: &Profile,
    fields: &BTreeMap<String, String>,
) -> Result<Text, TemplateError> {
    let template = template(name)?;
    for given in fields.keys() {
        if !template.fields.contains(&given.as_str()) {
            return Err(TemplateError::Superfluous { template: name.to_owned(), field: given.clone() });
        }
    }
    let (lang, text) = template.text(lang);
    let city = match lang {
        Lang::Ja => &profile.name,
        Lang::Easy => &profile.name_easy,
        Lang::En => &profile.name_en,
    };
    let value = |field: &str| match field {
        "city" => Some(city.as_str()),
        other => fields.get(other).map(String::as_str),
    };
    for field in template.fields {
        if value(field).is_none() {
            return Err(TemplateError::Missing { template: name.to_owned(), field: (*field).to_owned() });
        }
    }
    let missing = |field: &str| TemplateError::Missing { template: name.to_owned(), field: field.to_owned() };
    let (subject, body) = text.split_once('\n').unwrap_or((text, ""));
    let subject = fill(subject, &value).map_err(missing)?.replace('\n', " ");
    Ok(Text { subject, body: fill(body, &value).map_err(missing)?, lang })
}

impl Template {
    fn text(&self, lang: Lang) -> (Lang, &'static str) {
        let found = self.texts.iter().find(|(l, _)| *l == lang).or(self.texts.first());
        found.copied().unwrap_or((Lang::Ja, ""))
    }
}

/// Fills in placeholders from left to right, once. Fails with the name of one that has no value.
fn fill<'t, 'v>(text: &'t str, value: &impl Fn(&str) -> Option<&'v str>) -> Result<String, &'t str> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else { return Err(after) };
        out.push_str(before);
        out.extend(value(field).ok_or(field)?.chars().filter(|c| !is_hidden(*c)));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Control characters but the end of a line, and marks that turn the direction of the text around them.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
