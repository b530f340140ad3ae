//! `/contacts/{number}`: one contact — what was said, what I answer, what the FAQ knows.

use access::Action;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use city::Lang;
use contact::contact::{full_number, numbered};
use contact::staff::{draft, finish, side_question, transfer as transfers};
use contact::{Contact, EventKind, State, call_back, event, incident, macro_text};
use people::guarded::{Purpose, Viewing};
use people::{PeopleError, phone_number};

use super::suggestions::{self, Suggestions};
use super::timeline::{Beside, Step, timeline};
use super::{CHANNELS, ONLY_FILES, Queue, STATES, desk, named, presence_of, queue_of, topics};
use crate::citizen::show;
use crate::errors::Failure;
use crate::files;
use crate::staff::fields::Fields;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::{Asked, Choice, choices, names, section_options};

/// From so many hand-overs on, a contact is marked.
const TOO_MANY_HOPS: usize = 2;
/// Reasons for taking a contact from a colleague.
const TAKE_OVER: &[(&str, &str)] = &[
    ("absent", "担当者がいない"),
    ("agreed", "担当者と話した"),
    ("urgent", "急ぐ"),
    ("supervision", "監督する立場から"),
];

/// What was typed and what is wrong with it, where a form comes back.
/// The header by which the page's script says that it takes parts of the page only.
const PARTS: &str = "x-parts";

#[derive(Default)]
pub(crate) struct Wrong {
    /// Name of the form.
    pub(crate) form: &'static str,
    /// Name of the field.
    pub(crate) field: &'static str,
    /// The sentence.
    pub(crate) reason: String,
    /// What was typed.
    pub(crate) fields: Vec<(String, String)>,
}

impl Wrong {
    /// The sentence beside a field; an empty name is for what no field is wrong with.
    pub(crate) fn of(&self, form: &str, field: &str) -> Option<&str> {
        (self.form == form && self.field == field).then_some(self.reason.as_str())
    }

    /// The sentence of a form whose fields have no places of their own for one.
    pub(crate) fn any(&self, form: &str) -> Option<&str> {
        (self.form == form).then_some(self.reason.as_str())
    }

    pub(crate) fn typed(&self, form: &str, name: &str) -> &str {
        if self.form != form {
            return "";
        }
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}

/// A sentence that can be inserted.
pub(crate) struct MacroView {
    pub(crate) name: String,
    pub(crate) body: String,
}

/// A promise to call, with its telephone number where policy lets it out.
pub(crate) struct CallView {
    pub(crate) id: String,
    pub(crate) when: String,
    pub(crate) phone: String,
    pub(crate) is_open: bool,
    pub(crate) state: &'static str,
}

/// A flagged incident.
pub(crate) struct IncidentView {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) words: String,
    pub(crate) is_open: bool,
    pub(crate) warned: bool,
}

/// What the desk says of words that did not reach LINE.
fn unsaid_words(unsaid: &line_account::call::Unsaid) -> String {
    let reason = unsaid.reason.as_deref().unwrap_or_default();
    match (unsaid.state.as_str(), reason) {
        (_, "blocked") => {
            "相手が市のアカウントをブロックしたため、その後の返事は届いていません。電話や手紙など、ほかの方法を考えてください。".into()
        }
        ("in_doubt", _) => "LINEの返答がなく、届いたか分からない返事があります。だいじな内容なら、もう一度送ってください。".into(),
        (_, reason) if reason.contains("used up") => {
            "今月送れる通数を使い切ったため、LINEに届いていない返事があります。電話など、ほかの方法で伝えてください。".into()
        }
        (_, reason) => format!("LINEが受け取らなかった返事があります（{reason}）。"),
    }
}

#[derive(Template)]
#[template(path = "staff/contacts/one.html")]
struct OnePage {
    frame: Frame,
    tab: &'static str,
    queue: Queue,
    presence: Vec<Choice>,
    number: String,
    full: String,
    title: String,
    state: State,
    state_name: &'static str,
    channel: &'static str,
    lang: &'static str,
    section: String,
    topic: &'static str,
    topics: Vec<Choice>,
    holder: Option<String>,
    is_mine: bool,
    /// Whether the citizen was asked to wait.
    on_hold: bool,
    may_answer: bool,
    /// Whether a language model can draft a summary.
    writes: bool,
    /// Whether the citizen reads on LINE.
    on_line: bool,
    /// What did not reach LINE, and why.
    unsaid: Vec<String>,
    hops: usize,
    many_hops: bool,
    again: usize,
    due: Option<String>,
    late: bool,
    steps: Vec<Step>,
    older: Option<i64>,
    last: i64,
    reply: String,
    reply_article: String,
    note: String,
    client_id: String,
    note_id: String,
    suggestions: Suggestions,
    macros: Vec<MacroView>,
    sections: askama::filters::Safe<String>,
    open_transfer: Option<(String, String)>,
    asked_of_me: Option<(String, String, String)>,
    calls: Vec<CallView>,
    incidents: Vec<IncidentView>,
    /// When a call can be promised: an instant within the block, and its words.
    windows: Vec<(i64, String)>,
    wrap_ups: Vec<Choice>,
    kinds: Vec<Choice>,
    reasons: Vec<Choice>,
    follow_up: String,
    submission: String,
    wrong: Wrong,
    accept: &'static str,
}

impl OnePage {
    /// Words of a message, in a list.
    fn short(&self, words: &str) -> String {
        if words.is_empty() { ONLY_FILES.into() } else { super::shortened(words, 30) }
    }
}

/// The contact of an address, if the person may read it.
pub(crate) async fn readable_contact(staff: &Staff, number: &str) -> Result<Contact, Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = numbered(&mut tx, &full_number(number)).await?.ok_or_else(Failure::not_found)?;
    let organisation = staff.city.organisation();
    if desk(staff, &organisation).may_read(&mut tx, &found).await? {
        Ok(found)
    } else {
        Err(Failure::new(StatusCode::FORBIDDEN))
    }
}

/// A name for a message, for forms without a script.
fn client_id(staff: &Staff) -> String {
    store::ids::new_id(staff.app.clock.as_ref(), (staff.app.entropy)().as_mut())
}

fn lang_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "日本語",
        Lang::Easy => "やさしい日本語",
        Lang::En => "英語",
    }
}

/// The page; `wrong` is a form that came back.
pub(crate) async fn page(
    staff: &Staff,
    contact: Contact,
    before: Option<i64>,
    search: Option<&str>,
    wrong: Wrong,
) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let organisation = staff.city.organisation();
    let desk = desk(staff, &organisation);
    let number = contact::contact::short_number(&contact.number).to_owned();
    let queue = queue_of(staff, &frame, &number).await?;
    let drafts = draft::of(desk, &contact.id).await?;
    let draft = |kind: &str| drafts.iter().find(|d| d.kind == kind).map(|d| d.body.clone()).unwrap_or_default();
    let is_mine = contact.state == State::Held && contact.holder.as_deref() == Some(staff.who.account.as_str());
    let mut tx = staff.city.db.read().await?;
    let transfers = transfers::of(&mut tx, &contact.id).await?;
    let questions = side_question::of(&mut tx, &contact.id).await?;
    let beside = Beside { transfers: &transfers, questions: &questions };
    let steps = timeline(&mut tx, &frame, &contact, beside, before).await?;
    let events = event::of(&mut tx, &contact.id).await?;
    let count = |kind: EventKind| events.iter().filter(|e| e.kind == kind).count();
    let (hops, again) = (count(EventKind::TransferAccepted), count(EventKind::ExplainedAgain));
    let holder = match &contact.holder {
        Some(account) if contact.state == State::Held => {
            names(&mut tx, [account.clone()].into()).await?.remove(account)
        }
        _ => None,
    };
    let incidents = incident::of(&mut tx, &contact.id).await?;
    let macros = macro_text::all(&mut tx).await?;
    let mut calls = Vec::new();
    for call in call_back::of(&mut tx, &contact.id).await? {
        // Whoever has the contact calls; others see that there is a number.
        let viewing = if is_mine { Viewing::deliver() } else { Viewing::of(Purpose::StaffScreen) };
        let phone = match people::address::get(&mut tx, &call.address).await {
            Ok(address) => phone_number::grouped(&address.value.reveal(viewing).to_string()),
            Err(PeopleError::NotFound | PeopleError::Erased) => "（消去されました）".into(),
            Err(other) => return Err(other.into()),
        };
        calls.push(CallView {
            when: format!("{}–{}", frame.moment(&call.window_from), words::time_of(Lang::Ja, call.window_to)),
            phone,
            is_open: call.state == "asked",
            state: match call.state.as_str() {
                "asked" => "約束",
                "kept" => "かけた",
                "given_up" => "つながらず",
                _ => "取り下げ",
            },
            id: call.id,
        });
    }
    let unsaid = match contact.channel {
        contact::Channel::Line => line_account::call::unsaid(&mut tx, &contact.id).await?,
        _ => Vec::new(),
    };
    drop(tx);
    let may_answer = desk.may(Action::ContactAnswer, &contact.section) && contact.state != State::Merged;
    let own = organisation.section(&contact.section, staff.visit.today());
    let hours = own.map(|s| words::open_status(Lang::Ja, &organisation, s, staff.visit.now).today).unwrap_or_default();
    let values = [
        ("番号", contact.number.as_str()),
        ("課", own.map_or("", |s| s.name.as_str())),
        ("電話", own.map_or("", |s| s.phone.as_str())),
        ("時間", hours.as_str()),
        ("市", organisation.profile.name.as_str()),
        ("今日", &words::day(Lang::Ja, staff.visit.today())),
    ];
    let fits = |m: &&macro_text::Macro| m.section.as_deref().is_none_or(|s| desk.may(Action::ContactAnswer, s));
    let macros = macros
        .iter()
        .filter(fits)
        .map(|m| MacroView { name: m.name.clone(), body: macro_text::fill(&m.body, &values) });
    let windows = call_back::windows(&organisation, &contact.section, staff.visit.now);
    let windows = windows
        .iter()
        .map(|(from, to)| (to.millis() - 1, format!("{}–{}", frame.moment(from), words::time_of(Lang::Ja, *to))));
    let title = steps.iter().find(|s| s.who == "citizen" && !s.text.is_empty()).map(|s| super::shortened(&s.text, 40));
    let open = transfers.iter().find(|t| t.state == "offered");
    let asked = open.filter(|t| desk.may(Action::ContactAnswer, &t.to_section));
    let suggestions = match search {
        Some(typed) => suggestions::of(staff, &contact, typed).await?,
        None => Suggestions::none(),
    };
    let first = steps.iter().map(|s| s.place).find(|p| *p > 0);
    let unprocessable = !wrong.reason.is_empty();
    let reply = match wrong.typed("reply", "words") {
        "" => draft("reply"),
        typed => typed.to_owned(),
    };
    let note = match wrong.typed("note", "words") {
        "" => draft("note"),
        typed => typed.to_owned(),
    };
    let mut response = show(&OnePage {
        tab: "contacts",
        presence: presence_of(staff).await?,
        full: contact.number.clone(),
        title: title.unwrap_or_else(|| contact.number.clone()),
        state: contact.state,
        state_name: named(STATES, contact.state.code()),
        channel: named(CHANNELS, contact.channel.code()),
        lang: lang_name(contact.lang()),
        section: frame.section(&contact.section),
        topic: contact.topic.as_deref().and_then(city::topic).map_or("", |t| t.name(Lang::Ja)),
        topics: topics(contact.topic.as_deref().unwrap_or("")),
        holder,
        is_mine,
        on_hold: contact.state == State::Held && event::is_on_hold(&events),
        may_answer,
        writes: staff.city.writing.is_some(),
        hops,
        on_line: contact.channel == contact::Channel::Line,
        unsaid: unsaid.iter().map(unsaid_words).collect(),
        many_hops: hops >= TOO_MANY_HOPS,
        again,
        due: contact.reply_due_at.map(|d| frame.moment(&d)),
        late: contact.reply_due_at.is_some_and(|d| d <= staff.visit.now),
        older: first.filter(|p| *p > 1),
        last: contact.last_seq,
        reply,
        reply_article: wrong.typed("reply", "article").to_owned(),
        note,
        client_id: client_id(staff),
        note_id: client_id(staff),
        macros: macros.collect(),
        sections: section_options(staff, |_| true, wrong.typed("transfer", "section")),
        open_transfer: open.map(|t| (t.id.clone(), frame.section(&t.to_section))),
        asked_of_me: asked.map(|t| (t.id.clone(), t.summary.clone(), frame.section(&t.from_section))),
        calls,
        incidents: incidents
            .into_iter()
            .map(|i| IncidentView {
                kind: named(incident::KINDS, &i.kind),
                is_open: i.decided_at.is_none(),
                warned: i.warned_at.is_some(),
                words: i.words,
                id: i.id,
            })
            .collect(),
        windows: windows.collect(),
        wrap_ups: choices(finish::WRAP_UPS, wrong.typed("resolution", "wrap_up")),
        kinds: choices(incident::KINDS, wrong.typed("incident", "kind")),
        reasons: choices(TAKE_OVER, ""),
        follow_up: contact.follow_up_on.map(|d| d.to_string()).unwrap_or_default(),
        submission: knowledge::question::new_submission((staff.app.entropy)().as_mut()),
        steps,
        suggestions,
        queue,
        number,
        wrong,
        accept: files::ACCEPT,
        frame,
    })?;
    if unprocessable {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// A contact.
pub(crate) async fn get(
    Path(number): Path<String>,
    staff: Staff,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let asked = Fields::from_pairs(asked);
    let before = asked.get("before").parse().ok();
    if headers.contains_key(PARTS) {
        // The page reads itself anew: it says by itself how far it was read, and asks for answers when it needs some.
        return page(&staff, contact, before, None, Wrong::default()).await;
    }
    if contact.staff_seen_seq < contact.last_seq
        && staff.who.may_in(Action::ContactAnswer, &staff.section_today(&contact.section))
    {
        let organisation = staff.city.organisation();
        contact::staff::reply::seen(desk(&staff, &organisation), &contact.id, contact.last_seq).await?;
    }
    page(&staff, contact, before, Some(asked.get("q")), Wrong::default()).await
}

/// A picture or file of a contact that the person may read.
pub(crate) async fn get_attachment(
    Path((number, id)): Path<(String, String)>,
    staff: Staff,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    files::serve(&staff.city, &contact, &id, &headers).await
}
