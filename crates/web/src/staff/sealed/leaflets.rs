//! `/sealed/leaflets`: a leaflet for each school, how many came by it, and the sheet to be printed.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::Safe;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Date;
use casework::leaflet::{self, Leaflet};
use casework::member::DeskRole;
use store::Tx;

use super::At;
use super::bar::Bar;
use super::shared::{AtForm, DESK, at, onto};
use crate::citizen::show;
use crate::errors::Failure;
use crate::qr::qr;
use crate::staff::fields::Fields;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::{Asked, csv, download};

/// Months in the table.
const MONTHS: usize = 6;

struct Row {
    id: String,
    school: String,
    code: String,
    made: String,
    ended: Option<String>,
    months: Vec<i64>,
    total: i64,
    /// Of the largest total, in per cent, for the bar.
    bar: i64,
}

#[derive(Template)]
#[template(path = "staff/sealed/leaflets.html")]
struct LeafletsPage {
    frame: Frame,
    bar: Bar,
    rows: Vec<Row>,
    ended: Vec<Row>,
    months: Vec<String>,
    /// Of all leaflets, month by month.
    sums: Vec<i64>,
    total: i64,
    /// Where the citizens' pages are; without it nothing can be printed.
    address: Option<String>,
    form: Form,
    address_form: Form,
}

async fn reader(staff: Staff) -> Result<At, Failure> {
    let at = at(staff).await?;
    may(&at)?;
    Ok(at)
}

fn may(at: &At) -> Result<(), Failure> {
    let may = [DeskRole::Consultant, DeskRole::Supervisor].into_iter().any(|role| at.staff.is_at(DESK, role));
    if may { Ok(()) } else { Err(Failure::not_found()) }
}

/// The address of the citizens' pages: as the desk wrote it down, or as the account on LINE has it.
async fn address(staff: &Staff, tx: &mut Tx) -> Result<Option<String>, Failure> {
    let own = leaflet::address(tx).await?;
    Ok(own.or_else(|| staff.city.line.as_ref().map(|line| line.account.pages.clone())))
}

/// The first days of the last months, the newest last.
fn months(today: Date) -> Vec<Date> {
    let mut all = vec![today.first_of_month()];
    while all.len() < MONTHS {
        match all[0].yesterday() {
            Ok(day) => all.insert(0, day.first_of_month()),
            Err(_) => break,
        }
    }
    all
}

async fn page(at: &At, form: Form, address_form: Option<Form>) -> Result<LeafletsPage, Failure> {
    let frame = at.staff.frame("sealed");
    let mut tx = at.staff.city.db.read().await?;
    let leaflets = leaflet::all(&mut tx, DESK).await?;
    let arrivals = leaflet::arrivals(&mut tx, DESK).await?;
    let address = address(&at.staff, &mut tx).await?;
    drop(tx);
    let months = months(frame.today);
    let mut by_month: BTreeMap<(&str, Date), i64> = BTreeMap::new();
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for found in &arrivals {
        *by_month.entry((&found.leaflet, found.day.first_of_month())).or_default() += found.arrivals;
        *totals.entry(&found.leaflet).or_default() += found.arrivals;
    }
    let most = totals.values().copied().max().unwrap_or(1).max(1);
    let row = |found: &Leaflet| {
        let total = totals.get(found.id.as_str()).copied().unwrap_or(0);
        let of = |month: &Date| by_month.get(&(found.id.as_str(), *month)).copied().unwrap_or(0);
        Row {
            id: found.id.clone(),
            school: found.school.clone(),
            code: found.code.clone(),
            made: frame.day(&found.made_at.jst_date()),
            ended: found.ended_at.map(|at| frame.day(&at.jst_date())),
            months: months.iter().map(of).collect(),
            total,
            bar: total * 100 / most,
        }
    };
    let (ended, rows): (Vec<Row>, Vec<Row>) = leaflets.iter().map(row).partition(|row| row.ended.is_some());
    let sums = (0..months.len()).map(|i| rows.iter().chain(&ended).map(|row| row.months[i]).sum()).collect();
    let total = rows.iter().chain(&ended).map(|row| row.total).sum();
    Ok(LeafletsPage {
        bar: Bar::looked_at(&at.staff, "leaflets").await?,
        months: months.iter().map(|month| format!("{}月", month.month())).collect(),
        rows,
        ended,
        sums,
        total,
        form,
        address_form: address_form
            .unwrap_or_else(|| Form::new("pages").with("address", address.clone().unwrap_or_default())),
        address,
        frame,
    })
}

/// `/sealed/leaflets`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&page(&reader(staff).await?, Form::new("leaflet"), None).await?)
}

/// `POST /sealed/leaflets`: makes one for a school.
pub(crate) async fn post(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    let mut entropy = (at.staff.app.entropy)();
    let account = &at.staff.who.account;
    match leaflet::make(at.house(), entropy.as_mut(), account, DESK, fields.get("school")).await {
        Ok(_) => Ok(Redirect::to("/sealed/leaflets?done=made").into_response()),
        Err(error) => {
            let mut form = Form::sent("leaflet", &fields);
            onto(error, &mut form)?;
            show_wrong(&page(&at, form, None).await?)
        }
    }
}

/// `POST /sealed/leaflets/address`
pub(crate) async fn post_address(AtForm(at, fields): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    match leaflet::set_address(at.house(), &at.staff.who.account, DESK, fields.get("address")).await {
        Ok(()) => Ok(Redirect::to("/sealed/leaflets?done=saved").into_response()),
        Err(error) => {
            let mut form = Form::sent("pages", &fields);
            onto(error, &mut form)?;
            show_wrong(&page(&at, Form::new("leaflet"), Some(form)).await?)
        }
    }
}

/// `POST /sealed/leaflets/{id}/end`
pub(crate) async fn end(Path(id): Path<String>, AtForm(at, _): AtForm) -> Result<Response, Failure> {
    may(&at)?;
    leaflet::end(at.house(), &at.staff.who.account, DESK, &id).await?;
    Ok(Redirect::to("/sealed/leaflets?done=ended").into_response())
}

#[derive(Template)]
#[template(path = "staff/sealed/leaflet.html")]
struct LeafletPage {
    frame: Frame,
    bar: Bar,
    id: String,
    school: String,
    city: String,
    /// Without `https://`, as people read it.
    shown: String,
    qr: Safe<String>,
    small: bool,
}

impl LeafletPage {
    /// Words with their readings, which stand in brackets behind Chinese characters.
    fn h(&self, text: &str) -> Safe<String> {
        Safe(words::ruby::in_html(&words::ruby::escape(text)))
    }
}

/// `/sealed/leaflets/{id}`: the sheet, A4 or with `?size=a5` A5.
pub(crate) async fn one(Path(id): Path<String>, staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let at = reader(staff).await?;
    let mut tx = at.staff.city.db.read().await?;
    let found = leaflet::get(&mut tx, DESK, &id).await?.ok_or_else(Failure::not_found)?;
    let address = address(&at.staff, &mut tx).await?;
    drop(tx);
    let Some(address) = address else {
        return Err(Failure::refused("先に、市民のページのアドレスを「チラシ」の画面で入れてください。".into()));
    };
    let to = format!("{address}/room?from={}", found.code);
    show(&LeafletPage {
        frame: at.staff.frame("sealed"),
        bar: Bar::looked_at(&at.staff, "leaflets").await?,
        id: found.id,
        school: found.school,
        city: at.staff.city.organisation().profile.name(city::Lang::Ja).to_owned(),
        shown: format!("{}/room", address.split_once("://").map_or(address.as_str(), |(_, rest)| rest)),
        qr: qr(&to, "いじめの相談のページのQRコード"),
        small: Fields::from_pairs(pairs).get("size") == "a5",
    })
}

/// `/sealed/leaflets/counts.csv`: school, code, day, how many.
pub(crate) async fn counts(staff: Staff) -> Result<Response, Failure> {
    let at = reader(staff).await?;
    let mut tx = at.staff.city.db.read().await?;
    let leaflets = leaflet::all(&mut tx, DESK).await?;
    let arrivals = leaflet::arrivals(&mut tx, DESK).await?;
    drop(tx);
    let mut rows = vec![["学校", "コード", "日", "来た数"].map(str::to_owned).to_vec()];
    for found in arrivals {
        let Some(of) = leaflets.iter().find(|leaflet| leaflet.id == found.leaflet) else { continue };
        rows.push(vec![of.school.clone(), of.code.clone(), found.day.to_string(), found.arrivals.to_string()]);
    }
    Ok(download("leaflets.csv", csv(&rows)))
}
