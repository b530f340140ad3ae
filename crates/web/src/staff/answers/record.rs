//! `/answers/{id}`: one automatic answer, with all that it came from, and what would be answered now.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use contact::answer_record::{self, Cited, Record};
use contact::bot::{self, Means, Thread};
use contact::clarification;

use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Titles;

#[derive(Template)]
#[template(path = "staff/answers/record.html")]
struct RecordPage {
    frame: Frame,
    tab: &'static str,
    record: Record,
    /// Number of the contact.
    contact: Option<String>,
    cited: Vec<Cited>,
    titles: Titles,
    /// Whether the articles and the ranking model are those of then.
    same_state: bool,
    /// The article that would be answered now, if one would.
    now: Option<String>,
    at: String,
}

impl RecordPage {
    fn is_same_now(&self) -> bool {
        self.cited.first().is_some_and(|c| Some(&c.article) == self.now.as_ref())
    }
}

/// `/answers/{id}`
pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let record = answer_record::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    let contact = contact::contact::get(&mut tx, &record.contact).await?;
    let lang = contact.as_ref().map_or(city::Lang::Ja, contact::Contact::lang);
    let clarifications = clarification::of_language(&mut tx, lang.code()).await?;
    drop(tx);
    let library = &staff.city.library;
    library.prepare(&record.question).await;
    let means =
        Means { library, clarifications: &clarifications, is_live: &|_| true, today: staff.visit.today(), lang };
    let now = bot::reply(means, &Thread::default(), &record.question).article.map(|a| a.code.clone());
    let same_state =
        record.index_version == library.snapshot().version && record.ranking_model == library.ranking_model();
    let cited = record.cited()?;
    let at = frame.moment(&record.at);
    let contact = contact.map(|c| c.number);
    show(&RecordPage {
        tab: "answers",
        contact,
        cited,
        titles: Titles::of_city(&staff),
        same_state,
        now,
        at,
        record,
        frame,
    })
}
