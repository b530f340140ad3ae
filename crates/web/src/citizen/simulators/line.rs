//! `/simulators/line`: LINE as its users see it, for a city that is tried out. Whoever has the page open may be any of
//! its users; what they do goes the whole way, over HTTP and with signatures, as it would with LINE.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use city::Lang;
use line::simulator::Simulator;
use serde::Deserialize;
use serde_json::Value;

use super::flex;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::page::Page;

/// Widest picture of a rich menu on the page, in pixels; the style sheet says the same.
const MENU_WIDTH: u64 = 360;
/// Longest thing that is said at once, as in LINE.
const MOST_TEXT: usize = 5_000;
/// Largest picture that can be sent.
pub(crate) const MOST_UPLOAD: usize = 12 << 20;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    user: String,
    #[serde(default)]
    text: String,
}

struct User {
    id: String,
    name: String,
    is_shown: bool,
    is_friend: bool,
}

/// Something of the talk.
struct Line {
    is_mine: bool,
    html: String,
    time: String,
}

struct Area {
    label: String,
    action: String,
}

struct Menu {
    id: String,
    bar: String,
    height: u64,
    areas: Vec<Area>,
}

#[derive(Template)]
#[template(path = "citizen/simulators/line.html")]
struct LinePage {
    page: Page,
    users: Vec<User>,
    user: String,
    name: String,
    text: String,
    talk: Talk,
}

/// The part of the page that changes.
#[derive(Template)]
#[template(path = "citizen/simulators/line_talk.html")]
struct Talk {
    city: String,
    is_friend: bool,
    /// How many before these are left out.
    earlier: Option<usize>,
    lines: Vec<Line>,
    quick: Vec<String>,
    menu: Option<Menu>,
    version: usize,
}

#[derive(Template)]
#[template(path = "citizen/simulators/line_link.html")]
struct LinkPage {
    page: Page,
    name: String,
    link_token: String,
    nonce: String,
}

fn simulator(visit: &Visit) -> Result<Arc<Simulator>, Failure> {
    let line = visit.city.line.as_ref().filter(|_| visit.app.simulators).ok_or_else(Failure::not_found)?;
    line.simulator.clone().ok_or_else(Failure::not_found)
}

fn time(at: Instant) -> String {
    words::time_of(Lang::En, at)
}

/// What a user did, as the page shows it; none for what is not seen in a talk.
fn did(event: &Value) -> Option<String> {
    let message = &event["message"];
    let plain =
        |text: &str| format!("<div class=\"bubble\"><p>{}</p></div>", words::ruby::escape(text).replace('\n', "<br>"));
    match event["type"].as_str()? {
        "message" => Some(match message["type"].as_str()? {
            "text" => plain(message["text"].as_str()?),
            "image" => plain("（写真）"),
            "file" => plain(&format!("（ファイル {}）", message["fileName"].as_str()?)),
            "location" => plain(&format!("（位置 {}）", message["address"].as_str()?)),
            "sticker" => plain("（スタンプ）"),
            other => plain(&format!("（{other}）")),
        }),
        _ => None,
    }
}

fn menu(sim: &Simulator, user: &str) -> Option<Menu> {
    let id = sim.rich_menu_of(user)?;
    let (object, image) = sim.rich_menu(&id)?;
    image.as_ref()?;
    let (width, height) = (object["size"]["width"].as_u64()?, object["size"]["height"].as_u64()?);
    let area = |area: &Value| Area {
        label: area["action"]["label"].as_str().unwrap_or("（名前なし）").to_owned(),
        action: area["action"].to_string(),
    };
    Some(Menu {
        bar: object["chatBarText"].as_str().unwrap_or_default().to_owned(),
        height: MENU_WIDTH * height / width.max(1),
        areas: object["areas"].as_array().into_iter().flatten().map(area).collect(),
        id,
    })
}

/// What is shown of a talk: the newest. The page is read again every second.
const SHOWN: usize = 100;

fn talk(visit: &Visit, sim: &Simulator, user: &str) -> Talk {
    let mut all: Vec<(Instant, usize, Line)> = Vec::new();
    let events = sim.events(Some(user));
    let mut tapped = 0;
    for event in &events {
        let at = Instant::from_millis(event["timestamp"].as_i64().unwrap_or(0));
        if event["type"] == "postback" {
            tapped += 1;
        }
        if let Some(html) = did(event) {
            all.push((at, all.len(), Line { is_mine: true, html, time: time(at) }));
        }
    }
    let received = sim.inbox(user);
    let mut quick = Vec::new();
    for one in &received {
        for message in &one.messages {
            let html = flex::message(message);
            all.push((one.at, all.len(), Line { is_mine: false, html, time: time(one.at) }));
            let items = message["quickReply"]["items"].as_array();
            quick = items.into_iter().flatten().map(|item| flex::button(&item["action"], "quick")).collect();
        }
    }
    all.sort_by_key(|(at, n, _)| (*at, *n));
    // Buttons over the keyboard vanish with whatever comes after them.
    if all.last().is_none_or(|(_, _, line)| line.is_mine) {
        quick.clear();
    }
    let menu = menu(sim, user);
    let is_friend = sim.is_reachable(user).unwrap_or(false);
    Talk {
        city: visit.city.organisation().profile.name(Lang::Ja).to_owned(),
        version: all.len() * 4
            + tapped * 2
            + usize::from(is_friend)
            + menu.as_ref().map_or(0, |m| m.id.len() + m.areas.len()),
        is_friend,
        earlier: all.len().checked_sub(SHOWN).filter(|n| *n > 0),
        lines: all.split_off(all.len().saturating_sub(SHOWN)).into_iter().map(|(_, _, line)| line).collect(),
        quick,
        menu,
    }
}

/// The page.
pub(crate) async fn get(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    let all = sim.users();
    let known = |id: &str| all.iter().any(|(user, profile)| user == id && profile.is_some());
    let user = match known(&asked.user) {
        true => asked.user,
        false => all.first().map(|(id, _)| id.clone()).unwrap_or_default(),
    };
    let users: Vec<User> = all
        .iter()
        .filter_map(|(id, profile)| {
            let name = profile.as_ref()?.name.clone();
            let is_friend = sim.is_reachable(id).unwrap_or(false);
            Some(User { id: id.clone(), name, is_shown: *id == user, is_friend })
        })
        .collect();
    let name = users.iter().find(|u| u.is_shown).map(|u| u.name.clone()).unwrap_or_default();
    let text: String = asked.text.chars().take(MOST_TEXT).collect();
    let talk = talk(&visit, &sim, &user);
    show(&LinePage { page: visit.page("simulators"), users, user, name, text, talk })
}

/// The talk alone, for the script.
pub(crate) async fn get_talk(visit: Visit, Path(user): Path<String>) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    sim.is_reachable(&user).ok_or_else(Failure::not_found)?;
    show(&talk(&visit, &sim, &user))
}

/// What a user does.
pub(crate) async fn post(visit: Visit, Path(user): Path<String>, mut form: Multipart) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    sim.is_reachable(&user).ok_or_else(Failure::not_found)?;
    let (mut fields, mut picture) = (Vec::new(), None);
    let broken = |_| Failure::refused("送られた内容が読めませんでした。もう一度送ってください。".into());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file) = field.file_name().map(str::to_owned) {
            let kind = field.content_type().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(broken)?;
            if !bytes.is_empty() {
                picture = Some((file, kind, bytes));
            }
        } else {
            fields.push((name, field.text().await.map_err(broken)?));
        }
    }
    act(&sim, &user, &fields, picture);
    Ok(Redirect::to(&format!("/simulators/line?user={user}#latest")).into_response())
}

fn act(sim: &Simulator, user: &str, fields: &[(String, String)], file: Option<(String, String, axum::body::Bytes)>) {
    let one = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    if let Some(action) = one("tap") {
        if let Ok(action) = serde_json::from_str(action) {
            sim.tap(user, &action);
        }
        return;
    }
    // The picture of a rich menu sends where it was tapped.
    if let (Some(x), Some(y), Some(id)) = (one("menu.x"), one("menu.y"), sim.rich_menu_of(user)) {
        let width = sim.rich_menu(&id).and_then(|(o, _)| o["size"]["width"].as_u64()).unwrap_or(MENU_WIDTH);
        let pixel = |text: &str| text.parse::<u64>().unwrap_or(0) * width / MENU_WIDTH;
        sim.tap_menu(user, pixel(x), pixel(y));
        return;
    }
    match one("act") {
        Some("follow") => _ = sim.follow(user),
        Some("block") => _ = sim.block(user),
        Some("sticker") => _ = sim.send_sticker(user, "446", "1988"),
        Some("location") => _ = sim.send_location(user, "みなも市役所の前", 35.6581, 139.7017),
        _ => {
            if let Some((name, kind, bytes)) = file {
                match kind.starts_with("image/") {
                    true => sim.send_image(user, &kind, bytes),
                    false => sim.send_file(user, &name, &kind, bytes),
                };
            }
            let text: String = one("text").unwrap_or_default().trim().chars().take(MOST_TEXT).collect();
            if !text.is_empty() {
                sim.say(user, &text);
            }
        }
    }
}

/// The picture of a rich menu.
pub(crate) async fn get_menu(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    let (_, image) = sim.rich_menu(&id).ok_or_else(Failure::not_found)?;
    let (kind, bytes) = image.ok_or_else(Failure::not_found)?;
    let kind = if kind == "image/png" { "image/png" } else { "image/jpeg" };
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Linking {
    #[serde(default, rename = "linkToken")]
    link_token: String,
    #[serde(default)]
    nonce: String,
}

/// LINE's dialogue: whether the accounts shall be linked.
pub(crate) async fn get_link(visit: Visit, Query(asked): Query<Linking>) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    let owner = sim.owner_of_link(&asked.link_token).ok_or_else(Failure::not_found)?;
    let users = sim.users();
    let name = users.into_iter().find(|(id, _)| *id == owner).and_then(|(_, p)| p).map(|p| p.name).unwrap_or_default();
    show(&LinkPage { page: visit.page("simulators"), name, link_token: asked.link_token, nonce: asked.nonce })
}

/// The user agrees.
pub(crate) async fn post_link(visit: Visit, Form(asked): Form<Linking>) -> Result<Response, Failure> {
    let sim = simulator(&visit)?;
    let owner = sim.owner_of_link(&asked.link_token).ok_or_else(Failure::not_found)?;
    sim.link_account(&owner, &asked.link_token, &asked.nonce);
    Ok(Redirect::to(&format!("/simulators/line?user={owner}#latest")).into_response())
}
