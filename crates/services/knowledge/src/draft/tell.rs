//! Who is told of a 原稿: those who may approve it, and its writer when it comes back.

use access::Action;
use access::telling::{self, Telling};
use serde_json::json;
use store::{Entropy, Tx};

use super::{Draft, get};
use crate::KnowledgeError;
use crate::desk::Desk;

const ABOUT: &str = "draft";

fn fields(desk: &Desk<'_>, draft: &Draft) -> serde_json::Value {
    let section = &draft.content.section;
    let name = desk.organisation.section(section, desk.today()).map_or(section, |s| &s.name);
    let title = &draft.content.text(city::Lang::Ja).0.question;
    json!({ "section": name, "title": title, "path": format!("/drafts/{}", draft.id) })
}

/// Tells the section's approvers that a 原稿 waits for them; returns how many. In the transaction of
/// [`super::submit`].
pub async fn tell_submitted(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
) -> Result<usize, KnowledgeError> {
    let draft = get(tx, desk, id).await?;
    let section = desk.organisation.section(&draft.content.section, desk.today());
    let section = section.map_or(draft.content.section.as_str(), |s| s.code.as_str());
    let telling = Telling {
        section,
        action: Action::ArticleApprove,
        template: "staff.draft_submitted",
        fields: &fields(desk, &draft),
        about: (ABOUT, id),
        dedupe: &format!("submitted {id} {}", draft.updated_at.millis()),
    };
    let (clock, organisation) = (desk.clock, desk.organisation);
    Ok(telling::tell_section(tx, clock, entropy, organisation, &desk.who.actor(), telling).await?)
}

/// Tells the writer that a 原稿 came back; `false` if there is no address. In the transaction of
/// [`super::send_back`].
pub async fn tell_returned(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
) -> Result<bool, KnowledgeError> {
    let draft = get(tx, desk, id).await?;
    let telling = Telling {
        section: &draft.content.section,
        action: Action::ArticleWrite,
        template: "staff.draft_returned",
        fields: &fields(desk, &draft),
        about: (ABOUT, id),
        dedupe: &format!("returned {id} {}", draft.updated_at.millis()),
    };
    Ok(telling::tell_account(tx, desk.clock, entropy, &desk.who.actor(), &draft.author, telling).await?)
}
