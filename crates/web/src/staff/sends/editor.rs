//! The form of a send: what is typed, and what it says.

use std::collections::BTreeMap;

use access::Action;
use askama::filters::Safe;
use calendar::{Instant, Time};
use city::Lang;
use knowledge::setting;
use outreach::recipient::Channel;
use outreach::sending::{Draft, MAX_BODY, MAX_TITLE, Sending, Texts};
use outreach::{OutreachError, subscription};

use super::{LANGS, count};
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Form, Refused, some_day};
use crate::staff::gate::Staff;
use crate::staff::lists::section_options;

/// A topic with how many chose it.
pub(crate) struct Topic {
    pub(crate) code: &'static str,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// The text in a language.
pub(crate) struct Text {
    pub(crate) field: &'static str,
    pub(crate) name: &'static str,
    pub(crate) html: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) value: String,
    pub(crate) error: Option<String>,
}

/// The form as a page shows it.
pub(crate) struct Editor {
    pub(crate) form: Form,
    pub(crate) action: String,
    pub(crate) version: i64,
    pub(crate) topics: Vec<Topic>,
    /// Districts, and whether they are chosen.
    pub(crate) districts: Vec<(String, bool)>,
    pub(crate) sections: Safe<String>,
    pub(crate) texts: Vec<Text>,
    /// The name over the talk on a telephone.
    pub(crate) window: String,
    pub(crate) max_title: usize,
    pub(crate) max_body: usize,
    pub(crate) is_new: bool,
    /// Whether saving makes it a draft again.
    pub(crate) falls_back: bool,
}

fn field_of(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "ja",
        Lang::Easy => "easy",
        Lang::En => "en",
    }
}

fn hint(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "かならず書きます。いつ、どこで、何が、どうすればよいか、問い合わせ先の順に書くと伝わります。",
        Lang::Easy => {
            "空なら、やさしい日本語を選んだ人にも日本語が届きます。短い文で、むずかしいことばを言いかえて書きます。"
        }
        Lang::En => "空なら、Englishを選んだ人にも日本語が届きます。",
    }
}

/// The form of a send as it is stored.
pub(crate) fn stored(sending: &Sending) -> Form {
    let mut form =
        Form::new("send").with("topic", &sending.topic).with("section", &sending.section).with("title", &sending.title);
    for district in &sending.districts {
        form = form.with("district", district);
    }
    for lang in Lang::ALL {
        form = form.with(field_of(lang), sending.texts.get(lang).unwrap_or_default());
    }
    if sending.urgent {
        form = form.with("urgent", "on").with("urgent_reason", sending.urgent_reason.as_deref().unwrap_or_default());
    }
    if let Some(at) = sending.starts_at {
        let time = format!("{:02}:{:02}", at.jst().hour(), at.jst().minute());
        form = form.with("starts_day", at.jst_date().to_string()).with("starts_time", time);
    }
    form
}

impl Editor {
    pub(crate) async fn new(staff: &Staff, sending: Option<&Sending>, form: Form) -> Result<Editor, Failure> {
        let mut tx = staff.city.db.read().await?;
        let counts: BTreeMap<String, i64> = subscription::counts(&mut tx, Channel::Line).await?;
        let named = setting::by_name(setting::DISTRICTS).ok_or_else(Failure::not_found)?.value(&mut tx).await?;
        drop(tx);
        let chosen = form.all("district");
        let mut districts: Vec<String> = named.split(',').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        // One that was taken from the list since stays to be seen, and can be taken out.
        districts.extend(chosen.iter().filter(|own| !named.split(',').any(|n| n == **own)).map(|d| (*d).to_owned()));
        let topic = |t: &city::Topic| Topic {
            code: t.code,
            label: format!("{}（{}人）", t.name(Lang::Ja), count(counts.get(t.code).copied().unwrap_or(0))),
            chosen: form.value("topic") == t.code,
        };
        let text = |(lang, name): (Lang, &'static str)| Text {
            field: field_of(lang),
            name,
            html: lang.html(),
            hint: hint(lang),
            value: form.value(field_of(lang)).to_owned(),
            error: form.error(field_of(lang)).map(str::to_owned),
        };
        Ok(Editor {
            action: sending.map_or_else(|| "/sends".to_owned(), super::address),
            version: sending.map_or(0, |s| s.version),
            topics: city::TOPICS.iter().map(topic).collect(),
            districts: districts.iter().map(|d| (d.clone(), chosen.contains(&d.as_str()))).collect(),
            sections: section_options(
                staff,
                |code| staff.who.may_in(Action::SendWrite, code),
                &staff.section_today(form.value("section")),
            ),
            texts: LANGS.into_iter().map(text).collect(),
            window: staff.city.organisation().profile.name(Lang::Ja).to_owned(),
            max_title: MAX_TITLE,
            max_body: MAX_BODY,
            is_new: sending.is_none(),
            falls_back: sending.is_some_and(|s| s.state != outreach::sending::State::Draft),
            form,
        })
    }
}

/// When it may start at the earliest.
fn starts_at(fields: &Fields) -> Result<Option<Instant>, Refused> {
    let time = match fields.optional("starts_time") {
        Some(text) => Some(text.parse::<Time>().map_err(|e| Refused::Field("starts_time", e.to_string()))?),
        None => None,
    };
    match (some_day(fields, "starts_day")?, time) {
        (Some(day), Some(time)) => Ok(Some(time.on(day))),
        // Midnight is never meant.
        (Some(_), None) => Err(Refused::Field("starts_time", "時刻も入れてください。例: 09:00".into())),
        (None, Some(_)) => Err(Refused::Field("starts_day", "時刻だけでなく、日も入れてください。".into())),
        (None, None) => Ok(None),
    }
}

/// What was typed.
pub(crate) fn typed(fields: &Fields) -> Result<Draft, Refused> {
    let text = |name: &str| fields.optional(name).map(|t| t.replace("\r\n", "\n"));
    Ok(Draft {
        channel: Channel::Line,
        title: fields.get("title").to_owned(),
        texts: Texts { ja: text("ja").unwrap_or_default(), easy: text("easy"), en: text("en") },
        topic: fields.get("topic").to_owned(),
        districts: fields.all("district").into_iter().map(str::to_owned).collect(),
        section: fields.get("section").to_owned(),
        urgent: fields.has("urgent").then(|| fields.get("urgent_reason").to_owned()),
        starts_at: starts_at(fields)?,
    })
}

/// Notes on the form what the service does not take; anything else is a failure.
pub(crate) fn onto(error: OutreachError, draft: &Draft, form: &mut Form) -> Result<(), Failure> {
    match error {
        OutreachError::Field { field: "body", reason } => {
            let fits = |text: &str| (1..=MAX_BODY).contains(&text.trim().chars().count());
            let wrong = LANGS.iter().find(|(lang, _)| draft.texts.get(*lang).is_some_and(|t| !fits(t)));
            let (lang, name) = wrong.copied().unwrap_or(LANGS[0]);
            form.wrong(field_of(lang), format!("{name}の{reason}"));
        }
        OutreachError::Field { field: "urgent", reason } => form.wrong("urgent_reason", reason),
        OutreachError::Field { field, reason } => form.wrong(field, reason),
        OutreachError::Rule(sentence) => form.wrong("send", sentence),
        OutreachError::Changed => form.wrong(
            "send",
            "書いているあいだに、ほかの人がこの配信を直しました。あなたの書いたものは、下に残っています。もう一度保存すると、あなたの内容になります。",
        ),
        other => return Err(other.into()),
    }
    Ok(())
}
