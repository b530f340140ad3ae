//! `/sealed/cases/new`: what somebody told by letter, telephone or at the counter, written down by the desk. The receipt
//! for whoever spoke is the answer to the form: it is shown once and stands in no address.

use askama::Template;
use askama::filters::Safe;
use axum::response::Response;
use casework::case::NewCase;
use casework::entry::{By, Channel};
use casework::kind::Course;
use casework::member::DeskRole;
use casework::{CaseError, report, triage};
use vault::receipt::Receipt;

use super::act::beside;
use super::acts::wishes;
use super::bar::Bar;
use super::forms::AGAIN;
use super::words::{CHANNELS, CONSENTS, choices, of_code, speakers};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::qr::qr;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;

#[derive(Template)]
#[template(path = "staff/sealed/new.html")]
struct NewPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    channels: Choices,
    speakers: Choices,
    consents: Choices,
    desk: String,
    heading: String,
    /// Whether addresses name the desk.
    is_named: bool,
    is_about_child: bool,
}

/// The ways in that are written down by hand: what comes through the pages comes by itself.
fn channels(course: Course) -> &'static [(&'static str, Channel, &'static str)] {
    match course {
        Course::Bullying => &CHANNELS[..4],
        Course::Consultation => &CHANNELS[..3],
    }
}

fn page(desk: &Desk, form: Form) -> NewPage {
    NewPage {
        frame: desk.staff.frame("sealed"),
        bar: Bar::at(desk, "cases"),
        form,
        channels: choices(channels(desk.kind.course), "選んでください"),
        speakers: choices(&speakers(desk.kind.course), "選んでください"),
        consents: choices(&CONSENTS, ""),
        desk: desk.kind.desk.clone(),
        heading: desk.kind.name.clone(),
        is_named: desk.kind.is_named(),
        is_about_child: desk.kind.course == Course::Bullying,
    }
}

/// `/sealed/cases/new`
pub(crate) async fn get(desk: Desk) -> Result<Response, Failure> {
    desk.need(&desk.kind.desk, DeskRole::Consultant)?;
    show(&page(&desk, Form::new("new")))
}

#[derive(Template)]
#[template(path = "staff/sealed/receipt.html")]
struct ReceiptPage {
    frame: Frame,
    bar: Bar,
    id: String,
    number: String,
    is_about_child: bool,
    groups: Vec<String>,
    qr: Safe<String>,
    signs: Vec<(String, String)>,
    city: String,
    window: String,
    phone: String,
    day: String,
}

/// The receipt in groups of four, as it is read aloud.
fn groups(receipt: &Receipt) -> Vec<String> {
    receipt.shown().split(' ').map(str::to_owned).collect()
}

async fn begin(desk: &Desk, fields: &Fields) -> Result<(Receipt, String, Vec<(String, String)>), Refused> {
    let choose = |name: &'static str| Refused::Field(name, "選んでください。".into());
    let channel = of_code(channels(desk.kind.course), fields.get("channel")).ok_or_else(|| choose("channel"))?;
    let speaker = of_code(&speakers(desk.kind.course), fields.get("speaker")).ok_or_else(|| choose("speaker"))?;
    let list = triage::current(desk.house(), &desk.kind.desk).await?;
    let text = format!("{}\n{}\n{}", fields.get("words"), fields.get("wanted"), fields.get("unwanted"));
    let signs = triage::look(&list.rules, &text);
    let new = NewCase {
        desk: &desk.kind.desk,
        channel,
        speaker,
        school: fields.get("school"),
        words: fields.get("words"),
        wishes: wishes(fields),
        signs: signs.clone(),
        by: By::Account(desk.who.account.clone()),
    };
    match report::begin(desk.house(), (desk.staff.app.entropy)(), new).await {
        Ok((receipt, number)) => Ok((receipt, number, signs)),
        // Somebody drew the same number in this moment.
        Err(CaseError::Changed) => {
            Err(Refused::Field("", "受付番号を作れませんでした。もう一度押してください。".into()))
        }
        Err(error) => Err(beside(error)),
    }
}

/// The id of the case that has just been made.
async fn id_of(desk: &Desk, receipt: &Receipt) -> Result<String, Failure> {
    let again = Receipt::parse(&receipt.shown()).map_err(CaseError::from)?;
    Ok(report::unlock(desk.house(), again).await?.case)
}

/// `POST /sealed/cases/new`
pub(crate) async fn post(DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    desk.need(&desk.kind.desk, DeskRole::Consultant)?;
    if fields.has(AGAIN) {
        return show(&page(&desk, Form::sent("new", &fields)));
    }
    let (receipt, number, signs) = match begin(&desk, &fields).await {
        Ok(made) => made,
        Err(refused) => {
            let mut form = Form::sent("new", &fields);
            refused.onto(&mut form)?;
            return show_wrong(&page(&desk, form));
        }
    };
    let id = id_of(&desk, &receipt).await?;
    let frame = desk.staff.frame("sealed");
    let profile = &desk.staff.city.organisation().profile;
    let digits: String = receipt.shown().split(' ').collect();
    show(&ReceiptPage {
        id,
        number,
        is_about_child: desk.kind.course == Course::Bullying,
        groups: groups(&receipt),
        // The digits alone: a camera that reads them opens nothing by itself.
        qr: qr(&digits, "受付番号のQRコード"),
        signs,
        city: profile.name(city::Lang::Ja).to_owned(),
        window: profile.window.clone(),
        phone: profile.phone.clone(),
        day: frame.day(&frame.today),
        bar: Bar::at(&desk, "cases"),
        frame,
    })
}
