//! Joining a user of LINE with a person of the city, and the pages that they reach from LINE.
//!
//! A person gets a slip of paper with a code that works once. Whoever has it tells it to the account; LINE's own
//! dialogue then asks them whether they want it, and its `accountLink` event carries the nonce back
//! (<https://developers.line.biz/en/docs/messaging-api/linking-accounts/>). A nonce works once, for ten minutes, and only
//! for the user who told the code.

use std::time::Duration;

use calendar::{Clock, Instant};
use line::message::flex::Style;
use line::message::{Action, Block, Bubble, Container, Message};
use outreach::recipient::{self, Recipient};
use store::worker::JobContext;
use store::{Entropy, FromRow, Tx, audit, ids, number};

use crate::AccountError;
use crate::account::Account;
use crate::say::Tone;
use crate::store::invitation as rows;

pub use crate::store::invitation::of_person;

/// How long the code of a slip works.
pub const INVITATION_LIFE: Duration = Duration::from_secs(60 * 86_400);
/// How long a nonce works: as long as LINE's link token.
const NONCE_LIFE: Duration = Duration::from_secs(600);
/// How long a page of one's own choices can be opened.
pub const PASS_LIFE: Duration = Duration::from_secs(3600);
/// Kind of the numbers of slips.
const NUMBER_KIND: &str = "招待";

/// A slip of paper that was made for a person.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Invitation {
    /// Id.
    pub id: String,
    /// Number, such as `招待-2026-0007`.
    pub number: String,
    /// The person.
    pub person: String,
    /// When it was made.
    pub made_at: Instant,
    /// Until when its code works.
    pub expires_at: Instant,
    /// `open`, `used` or `withdrawn`.
    pub state: String,
    /// The recipient that used it.
    pub recipient: Option<String>,
    /// When it was used or withdrawn.
    pub ended_at: Option<Instant>,
}

/// Makes a slip for a person; open ones of the same person end, so that a lost slip opens nothing. Gives the slip and
/// its code, which is stored nowhere.
pub async fn invite(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    person: &str,
    actor: &str,
) -> Result<(Invitation, String), AccountError> {
    let (code, now) = (ids::new_key(entropy), clock.now());
    rows::withdraw_open(tx, person, now).await?;
    let invitation = Invitation {
        id: ids::new_id(clock, entropy),
        number: number::next(tx, NUMBER_KIND, now).await?,
        person: person.to_owned(),
        made_at: now,
        expires_at: now.plus(INVITATION_LIFE),
        state: "open".into(),
        recipient: None,
        ended_at: None,
    };
    rows::insert(tx, &invitation, &ids::digest(&ids::tidy_key(&code)), actor).await?;
    record(tx, clock, actor, "line.invite", &invitation.id).await?;
    Ok((invitation, code))
}

/// Ends the open slips of a person.
pub async fn withdraw(tx: &mut Tx, clock: &dyn Clock, person: &str, actor: &str) -> Result<bool, AccountError> {
    let ended = rows::withdraw_open(tx, person, clock.now()).await?;
    if ended > 0 {
        record(tx, clock, actor, "line.withdraw_invitation", person).await?;
    }
    Ok(ended > 0)
}

async fn record(tx: &mut Tx, clock: &dyn Clock, actor: &str, action: &str, object: &str) -> Result<(), AccountError> {
    let event = audit::Event { actor, action, object_kind: "line_invitation", object, fields: &["state"] };
    Ok(audit::record(tx, clock, event).await?)
}

/// The open slip with a code.
pub async fn by_code(tx: &mut Tx, clock: &dyn Clock, code: &str) -> Result<Option<Invitation>, AccountError> {
    let found = rows::by_code(tx, &ids::digest(&ids::tidy_key(code))).await?;
    Ok(found.filter(|i| i.state == "open" && i.expires_at > clock.now()))
}

/// What is written before a code in a talk.
const WORDS: [&str; 2] = ["連携", "link"];

/// The code in words such as `連携 7K3D-…`: it is no question, and is not stored as one.
pub fn code_in(text: &str) -> Option<String> {
    let normal = text::normal::normalise(text.trim()).to_lowercase();
    let rest = WORDS.iter().find_map(|word| normal.strip_prefix(word))?;
    let code = ids::tidy_key(rest);
    (code.len() == 19).then_some(code)
}

/// Words that ask for the page of choices, whoever has no menu to tap.
const CHOICES: [&str; 7] =
    ["設定", "お知らせ", "お知らせを選ぶ", "お知らせの設定", "連携をやめる", "settings", "notices"];

/// Whether somebody asks for the page on which they choose, and nothing else.
pub fn asks_for_choices(text: &str) -> bool {
    let normal = text::normal::normalise(text.trim()).to_lowercase();
    CHOICES.contains(&normal.as_str())
}

/// What is said to somebody who told a code: where to go on, or that the code opens nothing.
pub(crate) async fn begin(
    context: &JobContext,
    account: &Account,
    tone: Tone<'_>,
    recipient: &Recipient,
    code: &str,
) -> Result<Vec<Message>, AccountError> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.read().await?;
    let found = by_code(&mut tx, clock, code).await?;
    drop(tx);
    let Some(invitation) = found else { return Ok(vec![Message::text(tone.t("line-code-wrong"))]) };
    let token = account.client.link_token(recipient.address.reveal_to_channel()).await?.value;
    // 160 bits of chance; LINE asks for at least 128 (10 to 255 characters).
    let nonce = format!("{}{}", ids::new_key((context.entropy)().as_mut()), ids::new_key((context.entropy)().as_mut()));
    let mut tx = context.db.write().await?;
    let until = clock.now().plus(NONCE_LIFE);
    rows::begin_try(&mut tx, &ids::digest(&nonce), &invitation.id, &recipient.id, until).await?;
    tx.commit().await?;
    let url = tone.url(&format!("/line/link?linkToken={token}&nonce={nonce}"));
    Ok(vec![button(tone, "line-link-text", "line-link-button", &url)])
}

/// LINE says how its dialogue ended. Gives the name of the sentence that is said to it.
pub(crate) async fn finish(
    context: &JobContext,
    user: &Recipient,
    ok: bool,
    nonce: &str,
) -> Result<&'static str, AccountError> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let Some(invitation) = rows::end_try(&mut tx, &ids::digest(nonce), &user.id, clock.now()).await? else {
        // The same event, carried out again, or a nonce that is not theirs.
        return Ok(if user.person.is_some() { "line-linked" } else { "line-link-failed" });
    };
    if !ok || !rows::r#use(&mut tx, &invitation, &user.id, clock.now()).await? {
        tx.commit().await?;
        return Ok("line-link-failed");
    }
    let person = rows::person_of(&mut tx, &invitation).await?.ok_or(AccountError::NotFound)?;
    recipient::link(&mut tx, clock, "citizen", &user.id, Some(&person)).await?;
    record(&mut tx, clock, "citizen", "line.link", &invitation).await?;
    tx.commit().await?;
    Ok("line-linked")
}

/// The link to a person ends.
pub async fn unlink(context: &JobContext, user: &Recipient) -> Result<(), AccountError> {
    let mut tx = context.db.write().await?;
    recipient::link(&mut tx, context.clock.as_ref(), "citizen", &user.id, None).await?;
    Ok(tx.commit().await?)
}

/// The address of the page on which a recipient sees what is stored of them, and chooses.
pub(crate) async fn pass(context: &JobContext, tone: Tone<'_>, user: &Recipient) -> Result<String, AccountError> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let key = new_pass(&mut tx, clock, (context.entropy)().as_mut(), &user.id).await?;
    tx.commit().await?;
    Ok(tone.url(&format!("/line/choices/{key}")))
}

/// Makes a key to the page of a recipient's choices.
pub async fn new_pass(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    recipient: &str,
) -> Result<String, AccountError> {
    let (key, now) = (ids::new_key(entropy), clock.now());
    rows::add_pass(tx, &ids::digest(&ids::tidy_key(&key)), recipient, now, now.plus(PASS_LIFE)).await?;
    Ok(key)
}

/// The recipient to whose page a key leads.
pub async fn by_pass(tx: &mut Tx, clock: &dyn Clock, key: &str) -> Result<Option<Recipient>, AccountError> {
    let found = rows::by_pass(tx, &ids::digest(&ids::tidy_key(key)), clock.now()).await?;
    match found {
        Some(id) => Ok(recipient::get(tx, &id).await?),
        None => Ok(None),
    }
}

/// A sentence with a button that opens a page.
pub(crate) fn button(tone: Tone<'_>, text: &str, label: &str, url: &str) -> Message {
    let text = tone.t(text);
    let bubble =
        Bubble::new([Block::text(text.clone())], [Block::button(Action::uri(tone.t(label), url), Style::Primary)]);
    Message::flex(text, Container::Bubble(bubble))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_choices_is_found_by_its_name_alone() {
        assert!(asks_for_choices(" 設定 ") && asks_for_choices("Settings"));
        assert!(!asks_for_choices("給付金のお知らせ") && !asks_for_choices("印鑑登録の設定"));
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = ids::tidy_key("7k3d-9m2p-0abc-wxyz");
        for text in ["連携 7K3D-9M2P-0ABC-WXYZ", "連携７ｋ３ｄ－９ｍ２ｐ－０ａｂｃ－ｗｘｙｚ", " link 7k3d9m2p0abcwxyz"]
        {
            assert_eq!(code_in(text).as_deref(), Some(code.as_str()), "{text}");
        }
        for text in ["連携したい", "連携", "住民票 7K3D-9M2P-0ABC-WXYZ", "連携 7K3D-9M2P"] {
            assert_eq!(code_in(text), None, "{text}");
        }
    }
}
