//! `/settings`: what the city may set itself, and how long records are kept.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Profile;
use knowledge::setting::{self, Changed, Kind, Names, Setting};
use knowledge::{KnowledgeError, retention};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

struct Row {
    setting: &'static Setting,
    value: String,
    reason: String,
    error: Option<String>,
}

impl Row {
    fn is_on(&self) -> bool {
        self.value == "true"
    }

    fn holds(&self, record: &str) -> bool {
        self.value.split(',').any(|name| name == record)
    }

    /// What days are by: name, what it is called, the days that stand or were typed.
    fn days(&self, names: &Names) -> Vec<(&'static str, &'static str, String)> {
        let set = |code: &str| {
            let pairs = self.value.split(',').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(name, _)| *name == code).map(|(_, days)| days.to_owned()).next().unwrap_or_default()
        };
        names.all().into_iter().map(|(code, label)| (code, label, set(code))).collect()
    }

    /// A list as it is typed: a name on each line.
    fn lines(&self) -> String {
        self.value.replace(',', "\n")
    }

    fn id(&self) -> String {
        self.setting.name.replace('.', "-")
    }
}

#[derive(Template)]
#[template(path = "staff/settings.html")]
struct SettingsPage {
    frame: Frame,
    groups: [(&'static str, Vec<Row>); 2],
    profile: Profile,
}

impl SettingsPage {
    /// Records that can be held, with their titles.
    fn records(&self) -> Vec<(&'static str, &'static str)> {
        let title = |record: &str| setting::by_name(&format!("retention.{record}")).map_or("", |s| s.title);
        retention::RECORDS.iter().map(|record| (*record, title(record))).collect()
    }
}

/// The page; of a form that was refused, what was typed and why.
async fn page(staff: &Staff, refused: Option<(&str, String, String, String)>) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let (mut working, mut kept) = (Vec::new(), Vec::new());
    for setting in setting::ALL {
        let mut row = Row { setting, value: setting.value(&mut tx).await?, reason: String::new(), error: None };
        if let Some((_, value, reason, error)) = refused.as_ref().filter(|(name, ..)| *name == setting.name) {
            row = Row { setting, value: value.clone(), reason: reason.clone(), error: Some(error.clone()) };
        }
        if setting.is_retention() { kept.push(row) } else { working.push(row) }
    }
    let profile = staff.city.organisation().profile.clone();
    let groups = [("仕事の進め方", working), ("記録を残す日数", kept)];
    let mut response = show(&SettingsPage { frame: staff.frame("admin"), groups, profile })?;
    if refused.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    page(&staff, None).await
}

/// What was typed; a list of boxes and days by name come as several fields.
fn typed(setting: &Setting, fields: &Fields) -> String {
    match setting.kind {
        Kind::Holds => fields.all("value").join(","),
        Kind::DaysBy(names) => {
            let field = |code: &str| {
                fields.optional(&format!("days.{code}")).map(|d| text::normal::normalise(d).replace([',', '、'], ""))
            };
            let pairs = names.all().into_iter().filter_map(|(code, _)| Some(format!("{code}={}", field(code)?)));
            pairs.collect::<Vec<_>>().join(",")
        }
        Kind::Number { .. } | Kind::Switch => fields.get("value").to_owned(),
        Kind::List { .. } => fields.raw("value").to_owned(),
    }
}

pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let setting = setting::by_name(fields.get("name"))
        .ok_or_else(|| Failure::refused("どの設定を変えるのかが分かりません。設定の画面から送ってください。".into()))?;
    let (value, reason) = (typed(setting, &fields), fields.get("reason"));
    let (clock, mut entropy) = (staff.app.clock.as_ref(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    let changed = setting::change(&mut tx, clock, entropy.as_mut(), &staff.who, setting.name, &value, reason).await;
    let sentence = match changed {
        Ok(changed) => {
            if setting.name == contact::gate::PASS_MARK {
                // Every process decides anew which topics are live.
                store::changes::bump(&mut tx, contact::gate::CONTROL_TOPIC).await?;
            }
            tx.commit().await?;
            let done = if changed == Changed::Asked { "asked" } else { "saved" };
            return Ok(Redirect::to(&format!("/settings?done={done}")).into_response());
        }
        Err(KnowledgeError::Field { reason, .. }) => reason,
        Err(KnowledgeError::Access(access::AccessError::Invalid { reason, .. })) => reason,
        Err(other) => return Err(other.into()),
    };
    drop(tx);
    page(&staff, Some((setting.name, value, reason.to_owned(), sentence))).await
}
