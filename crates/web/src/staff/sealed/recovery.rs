//! `/sealed/recovery`: the sheets of the officers: made, rehearsed, and used to give a member their key back.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use casework::member::{self, DeskRole};
use casework::recovery::{self, Forgotten, NewSet, Printed};
use casework::{CaseError, House};
use store::Tx;

use super::At;
use super::bar::Bar;
use super::shared::{AtForm, DESK, actor, at, onto, people, role_name};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

/// Fewest and most officers of a set.
const OFFICERS: std::ops::RangeInclusive<u8> = 2..=10;
/// Days after which a rehearsal is too long ago.
const YEAR_DAYS: i32 = 366;

struct OfficerRow {
    name: String,
    /// Whether they are an officer of the desk still.
    holds: bool,
}

/// The set as it stands.
struct SetView {
    shares: String,
    needed: u8,
    officers: Vec<OfficerRow>,
    made: String,
    by: String,
    /// When the sheets last worked, by whom and with whose.
    rehearsed: Option<(String, String, String)>,
    /// Whether that is too long ago, or never was.
    is_stale: bool,
}

struct Restored {
    name: String,
    at: String,
    by: String,
    officers: String,
}

#[derive(Template)]
#[template(path = "staff/sealed/recovery.html")]
struct HomePage {
    frame: Frame,
    bar: Bar,
    set: Option<SetView>,
    may_make: bool,
    /// Members with a key that no sheets give back.
    uncovered: Vec<String>,
    restored: Vec<Restored>,
}

/// Making a set is for those who lead the desk's work, not for the officers, who would then hold all sheets for a moment.
fn may_make(staff: &Staff) -> bool {
    staff.is_at(DESK, DeskRole::Consultant) || staff.is_at(DESK, DeskRole::Supervisor)
}

async fn set_view(tx: &mut Tx, frame: &Frame, names: &Names) -> Result<Option<SetView>, Failure> {
    let Some(set) = recovery::set_of(tx, DESK).await? else { return Ok(None) };
    let mut officers = Vec::with_capacity(set.officers.len());
    for account in &set.officers {
        let holds = member::has_role(tx, DESK, account, DeskRole::Officer).await?;
        officers.push(OfficerRow { name: names.of(account), holds });
    }
    let last = recovery::last_rehearsal(tx, DESK).await?;
    let days = last.as_ref().and_then(|last| frame.today.since(last.at.jst_date()).ok()).map(|span| span.get_days());
    let rehearsed = last.map(|last| (frame.moment(&last.at), actor(names, &last.by), people(names, &last.officers)));
    Ok(Some(SetView {
        shares: set.shares,
        needed: set.needed,
        officers,
        made: frame.moment(&set.made_at),
        by: actor(names, &set.made_by),
        rehearsed,
        is_stale: days.is_none_or(|days| days > YEAR_DAYS),
    }))
}

/// `/sealed/recovery`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let At { staff, .. } = at(staff).await?;
    let frame = staff.frame("sealed");
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let set = set_view(&mut tx, &frame, &names).await?;
    let mut accounts: Vec<String> =
        member::of_desk(&mut tx, DESK).await?.into_iter().filter(|m| m.has_key).map(|m| m.account).collect();
    accounts.sort();
    accounts.dedup();
    let mut uncovered = Vec::new();
    for account in accounts {
        if !recovery::is_covered(&mut tx, &account).await? {
            uncovered.push(names.of(&account));
        }
    }
    let restored = recovery::restorations(&mut tx, DESK).await?.into_iter().map(|done| Restored {
        name: names.of(&done.account),
        at: frame.moment(&done.restored_at),
        by: actor(&names, &done.by),
        officers: people(&names, &done.officers),
    });
    let restored = restored.collect();
    drop(tx);
    let (bar, may_make) = (Bar::looked_at(&staff, "recovery").await?, may_make(&staff));
    show(&HomePage { frame, bar, set, may_make, uncovered, restored })
}

/// A sheet as a field of a form.
struct Sheet {
    number: usize,
    value: String,
    error: Option<String>,
}

/// Fields for sheets: as many as are needed, and as many more as were typed.
fn sheets(form: &Form, needed: usize) -> Vec<Sheet> {
    let typed: Vec<String> = form.all("share").into_iter().map(str::to_owned).collect();
    let said = form.error("shares");
    // A sentence that begins with the number of a sheet stands beside that sheet, all others beside the first.
    let begins = said.and_then(|said| said.split_once("枚目"));
    let at = begins.and_then(|(n, _)| n.parse::<usize>().ok()).filter(|n| *n <= typed.len().max(needed)).unwrap_or(1);
    let reason = match begins {
        Some((_, rest)) if rest.starts_with('：') => Some(rest.trim_start_matches('：').to_owned()),
        _ => said.map(str::to_owned),
    };
    (1..=typed.len().max(needed))
        .map(|number| Sheet {
            number,
            value: typed.get(number - 1).cloned().unwrap_or_default(),
            error: if at == number { reason.clone() } else { None },
        })
        .collect()
}

/// Somebody who may be chosen for a sheet.
struct Choosable {
    account: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "staff/sealed/recovery_set.html")]
struct SetPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    officers: Vec<Choosable>,
    /// Officers without a key of their own can hold a sheet all the same.
    numbers: Choices,
    /// Whether there is a set that goes.
    replaces: bool,
    sheets: Vec<Sheet>,
}

async fn set_page(staff: &Staff, form: Form) -> Result<SetPage, Failure> {
    let frame = staff.frame("sealed");
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let current = recovery::set_of(&mut tx, DESK).await?;
    let members = member::of_desk(&mut tx, DESK).await?;
    drop(tx);
    let chosen: Vec<&str> = form.all("officer");
    let officers = members
        .iter()
        .filter(|m| m.role == DeskRole::Officer)
        .map(|m| Choosable {
            name: names.of(&m.account),
            chosen: chosen.contains(&m.account.as_str()),
            account: m.account.clone(),
        })
        .collect();
    let needed = current.as_ref().map_or(3, |set| usize::from(set.needed));
    Ok(SetPage {
        bar: Bar::looked_at(staff, "recovery").await?,
        officers,
        numbers: OFFICERS.map(|n| (n.to_string(), format!("{n}枚"))).collect(),
        replaces: current.is_some(),
        sheets: sheets(&form, needed),
        form,
        frame,
    })
}

fn maker(at: &At) -> Result<(), Failure> {
    if may_make(&at.staff) { Ok(()) } else { Err(Failure::not_found()) }
}

/// `/sealed/recovery/set`
pub(crate) async fn set(staff: Staff) -> Result<Response, Failure> {
    let at = at(staff).await?;
    maker(&at)?;
    let mut form = Form::new("set").with("needed", "3").with("way", "with");
    let mut tx = at.staff.city.db.read().await?;
    for member in member::of_desk(&mut tx, DESK).await?.into_iter().filter(|m| m.role == DeskRole::Officer) {
        form = form.with("officer", member.account);
    }
    drop(tx);
    show(&set_page(&at.staff, form).await?)
}

/// A sheet to be printed.
struct Print {
    number: u8,
    officer: String,
    /// Rows of groups of four characters.
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "staff/sealed/recovery_sheets.html")]
struct SheetsPage {
    frame: Frame,
    bar: Bar,
    sheets: Vec<Print>,
    shares: String,
    needed: u8,
    count: usize,
    city: String,
    made: String,
    replaces: bool,
}

fn print(names: &Names, printed: &Printed) -> Print {
    let shown = printed.share.shown();
    let groups: Vec<String> = shown.split('-').map(str::to_owned).collect();
    Print {
        number: printed.share.number(),
        officer: names.of(&printed.officer),
        rows: groups.chunks(6).map(<[String]>::to_vec).collect(),
    }
}

/// `POST /sealed/recovery/set`: makes a set or puts it in the place of the old one. The answer shows the sheets, once.
pub(crate) async fn post_set(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    maker(&at)?;
    let staff = &at.staff;
    let mut tx = staff.city.db.read().await?;
    let replaces = recovery::set_of(&mut tx, DESK).await?.is_some();
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let officers = fields.all("officer");
    let needed = fields.get("needed").parse().unwrap_or(0);
    let new = NewSet { desk: DESK, officers: &officers, needed };
    let mut entropy = (staff.app.entropy)();
    let (house, by) = (at.house(), staff.who.actor());
    let made = if replaces {
        let typed = fields.all("share");
        let old = (fields.get("way") != "without").then_some(typed.as_slice());
        recovery::replace(house, entropy.as_mut(), &by, new, old).await
    } else {
        recovery::make(house, entropy.as_mut(), &by, new).await
    };
    match made {
        Ok(printed) => {
            let frame = staff.frame("sealed");
            show(&SheetsPage {
                bar: Bar::looked_at(staff, "recovery").await?,
                sheets: printed.iter().map(|one| print(&names, one)).collect(),
                shares: printed.first().map(|one| one.share.set()).unwrap_or_default(),
                needed,
                count: printed.len(),
                city: staff.city.organisation().profile.name(city::Lang::Ja).to_owned(),
                made: frame.moment(&staff.visit.now),
                replaces,
                frame,
            })
        }
        Err(error) => {
            let mut form = Form::sent("set", &fields);
            onto(error, &mut form)?;
            show_wrong(&set_page(staff, form).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/recovery_rehearsal.html")]
struct RehearsalPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    needed: usize,
    count: usize,
    shares: String,
    sheets: Vec<Sheet>,
}

async fn rehearsal_page(staff: &Staff, form: Form) -> Result<RehearsalPage, Failure> {
    let mut tx = staff.city.db.read().await?;
    // Without a set there is nothing to rehearse with.
    let set = recovery::set_of(&mut tx, DESK).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    let needed = usize::from(set.needed);
    Ok(RehearsalPage {
        frame: staff.frame("sealed"),
        bar: Bar::looked_at(staff, "recovery").await?,
        needed,
        count: set.officers.len(),
        shares: set.shares,
        sheets: sheets(&form, needed),
        form,
    })
}

/// `/sealed/recovery/rehearsal`
pub(crate) async fn rehearsal(staff: Staff) -> Result<Response, Failure> {
    let at = at(staff).await?;
    show(&rehearsal_page(&at.staff, Form::new("rehearsal")).await?)
}

/// `POST /sealed/recovery/rehearsal`: shows that the sheets still give the key, and gives nothing back.
pub(crate) async fn post_rehearsal(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    let mut entropy = (at.staff.app.entropy)();
    let by = at.staff.who.actor();
    match recovery::rehearse(at.house(), entropy.as_mut(), &by, DESK, &fields.all("share")).await {
        Ok(()) => Ok(Redirect::to("/sealed/recovery?done=rehearsed").into_response()),
        Err(error) => {
            let mut form = Form::sent("rehearsal", &fields);
            onto(error, &mut form)?;
            show_wrong(&rehearsal_page(&at.staff, form).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/recovery_restoration.html")]
struct RestorationPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    members: Choices,
    sheets: Vec<Sheet>,
}

async fn restoration_page(staff: &Staff, form: Form) -> Result<RestorationPage, Failure> {
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let set = recovery::set_of(&mut tx, DESK).await?.ok_or_else(Failure::not_found)?;
    let mut members = vec![(String::new(), "選んでください".to_owned())];
    for found in member::of_desk(&mut tx, DESK).await?.into_iter().filter(|m| m.has_key) {
        if !members.iter().any(|(account, _)| *account == found.account) {
            members.push((found.account.clone(), format!("{}（{}）", names.of(&found.account), role_name(found.role))));
        }
    }
    drop(tx);
    Ok(RestorationPage {
        frame: staff.frame("sealed"),
        bar: Bar::looked_at(staff, "recovery").await?,
        members,
        sheets: sheets(&form, usize::from(set.needed)),
        form,
    })
}

/// `/sealed/recovery/restoration`
pub(crate) async fn restoration(staff: Staff) -> Result<Response, Failure> {
    let at = at(staff).await?;
    let form = Form::new("restoration").with("account", &at.staff.who.account);
    show(&restoration_page(&at.staff, form).await?)
}

async fn restore(
    house: House<'_>,
    entropy: Box<dyn rand::Rng + Send>,
    staff: &Staff,
    fields: &Fields,
) -> Result<(), CaseError> {
    let wrong = |field, reason: &str| Err(CaseError::Field { field, reason: reason.into() });
    let mut tx = staff.city.db.read().await?;
    let found = access::store::account::get(&mut tx, fields.get("account")).await?;
    drop(tx);
    let Some(found) = found else { return wrong("account", "鍵をもどす人を選んでください。") };
    if fields.raw("passphrase") != fields.raw("again") {
        return wrong("again", "2回のことばが同じではありません。もう一度入れてください。");
    }
    let who = Forgotten { desk: DESK, account: &found.id, login: &found.login, passphrase: fields.raw("passphrase") };
    recovery::restore(house, entropy, &staff.who.actor(), who, &fields.all("share")).await
}

/// `POST /sealed/recovery/restoration`: gives a member their own key back, under a passphrase that they typed.
pub(crate) async fn post_restoration(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    match restore(at.house(), (at.staff.app.entropy)(), &at.staff, &fields).await {
        Ok(()) => Ok(Redirect::to("/sealed/recovery?done=key-restored").into_response()),
        Err(error) => {
            let mut form = Form::sent("restoration", &fields);
            onto(error, &mut form)?;
            show_wrong(&restoration_page(&at.staff, form).await?)
        }
    }
}
