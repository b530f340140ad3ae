//! A talk while its reporter has it open, without a cookie; and forms that count once however often they are sent.
//!
//! Typing the receipt costs a slow derivation. What it opens is put, for [`IDLE`], under a secret that only a hidden field
//! of the page holds: the table of sessions says neither whose they are nor of which case. A form has a token of its own.
//! The receipt of a first report is drawn from it, so that the same form sent again shows the same receipt, which is
//! stored nowhere; whoever sends a token of their own choosing endangers their own report only.

use std::time::Duration;

use ::store::{Entropy, Tx, ids};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use vault::Zeroizing;
use vault::receipt::Receipt;
use vault::session::{self, SessionSecret};

use crate::attachment::{self, Arrived, Blobs};
use crate::case::NewCase;
use crate::entry::What;
use crate::error::{field, rule};
use crate::report::{self, Reporter};
use crate::store::{member as members, receipt as receipts, session as rows};
use crate::{CaseError, House, Result, ring};

/// An open talk closes itself after so long without a request.
pub const IDLE: Duration = Duration::from_secs(15 * 60);
/// How long it is known that a form was sent.
pub const FORM_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// The token of a form: 32 random bytes, shown by nothing but [`FormToken::shown`].
#[derive(Clone)]
pub struct FormToken(Zeroizing<String>);

impl FormToken {
    /// For a new form.
    pub fn new(entropy: Entropy<'_>) -> Self {
        FormToken(SessionSecret::generate(entropy).to_cookie())
    }

    /// As a form brought it; anything else than [`FormToken::shown`] gives is an error of the field `form`.
    pub fn parse(text: &str) -> Result<Self> {
        let token = SessionSecret::from_cookie(text)
            .map_err(|_| field("form", "この画面は古くなっています。はじめからやりなおしてください。"))?;
        Ok(FormToken(token.to_cookie()))
    }

    /// The value of a hidden field.
    pub fn shown(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> String {
        ids::digest(&format!("madoguchi room form {}", self.shown()))
    }

    /// The receipts of this form, in the order in which they are tried.
    fn receipts(&self) -> ChaCha20Rng {
        let digest = Zeroizing::new(ids::digest(&format!("madoguchi room receipt {}", self.shown())));
        let mut seed = Zeroizing::new([0u8; 32]);
        for (byte, pair) in seed.iter_mut().zip(digest.as_bytes().chunks(2)) {
            let nibble = |c: u8| char::from(c).to_digit(16).unwrap_or(0) as u8;
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        ChaCha20Rng::from_seed(*seed)
    }

    /// The receipt that was drawn as the nth, from 0.
    fn receipt(&self, draw: i64) -> Receipt {
        let mut rng = self.receipts();
        for _ in 0..draw.clamp(0, report::DRAWS as i64) {
            Receipt::generate(&mut rng);
        }
        Receipt::generate(&mut rng)
    }
}

impl std::fmt::Debug for FormToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormToken(hidden)")
    }
}

/// Begins a case, as [`report::begin`] does, once for each form: sent again, the same receipt comes back.
pub async fn begin(
    house: House<'_>,
    entropy: Box<dyn rand::Rng + Send>,
    form: &FormToken,
    new: NewCase<'_>,
) -> Result<Receipt> {
    let digest = form.digest();
    let mut tx = house.db.read().await?;
    if let Some(draw) = rows::sent(&mut tx, &digest).await? {
        return Ok(form.receipt(draw));
    }
    let (mut rng, mut draw) = (form.receipts(), 0);
    let receipt = loop {
        let receipt = Receipt::generate(&mut rng);
        if receipts::is_free(&mut tx, &receipt.locator()).await? {
            break receipt;
        }
        draw += 1;
        if draw == report::DRAWS as i64 {
            return Err(report::no_locator());
        }
    };
    drop(tx);
    let (receipt, locked, mut entropy) = report::lock(house, receipt, entropy).await?;
    let mut tx = house.db.write().await?;
    if !rows::send_form(&mut tx, &digest, draw, house.clock.now()).await? {
        // The same form came a second time while this one was derived.
        let draw = rows::sent(&mut tx, &digest).await?.ok_or(CaseError::Changed)?;
        return Ok(form.receipt(draw));
    }
    report::open_in(&mut tx, house, entropy.as_mut(), new, (&receipt, &locked)).await?;
    tx.commit().await?;
    Ok(receipt)
}

/// Opens a talk for a page. Returns the value of its hidden field; nothing else opens it again.
pub async fn open(house: House<'_>, entropy: Entropy<'_>, who: &Reporter) -> Result<Zeroizing<String>> {
    let (id, own) = (ids::opaque_id(entropy), SessionSecret::generate(entropy));
    let wrapped = session::wrap(&who.secret, &own, &ring::reporter(&who.locator), &id, entropy)?;
    let mut tx = house.db.write().await?;
    rows::open(&mut tx, &id, wrapped, house.clock.now()).await?;
    tx.commit().await?;
    Ok(Zeroizing::new(format!("{id}.{}.{}", who.locator, own.to_cookie().as_str())))
}

/// Id of the session, locator, secret.
fn parts(token: &str) -> Option<(&str, &str, &str)> {
    let (id, rest) = token.split_once('.')?;
    let (locator, secret) = rest.split_once('.')?;
    Some((id, locator, secret))
}

/// Whoever holds an open talk. [`CaseError::Locked`] after [`IDLE`] without a request, after [`close`], and for
/// whatever opens nothing.
pub async fn reporter(house: House<'_>, token: &str) -> Result<Reporter> {
    let (id, locator, text) = parts(token).ok_or(CaseError::Locked)?;
    let own = SessionSecret::from_cookie(text).map_err(|_| CaseError::Locked)?;
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let open = rows::get(&mut tx, id).await?.ok_or(CaseError::Locked)?;
    if open.seen_at.plus(IDLE) <= now {
        rows::close(&mut tx, id).await?;
        tx.commit().await?;
        return Err(CaseError::Locked);
    }
    let secret = session::unwrap(&open.wrapped, &own, &ring::reporter(locator), id).map_err(|_| CaseError::Locked)?;
    let kept = receipts::get(&mut tx, locator).await?.ok_or(CaseError::Locked)?;
    rows::see(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(Reporter { case: kept.sealed_case, locator: locator.into(), secret })
}

/// Closes a talk: what was kept of the reporter's key is gone. Doing it again does nothing.
pub async fn close(house: House<'_>, token: &str) -> Result<()> {
    // Only with its secret, or whoever reads the database could end the talks of others.
    if reporter(house, token).await.is_err() {
        return Ok(());
    }
    let Some((id, ..)) = parts(token) else { return Ok(()) };
    let mut tx = house.db.write().await?;
    rows::close(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Whether a form was sent before.
pub async fn was_sent(house: House<'_>, form: &FormToken) -> Result<bool> {
    let mut tx = house.db.read().await?;
    Ok(rows::sent(&mut tx, &form.digest()).await?.is_some())
}

/// Says something, all of it or nothing, once for each form. Whether this was the first time.
pub async fn say(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Reporter,
    form: &FormToken,
    what: Vec<What>,
) -> Result<bool> {
    let mut tx = house.db.write().await?;
    if !rows::send_form(&mut tx, &form.digest(), 0, house.clock.now()).await? {
        return Ok(false);
    }
    for one in what {
        report::say_in(&mut tx, house, entropy, who, one).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Puts files that arrived into the talk, all or none, once for each form, with words where there are any. The second
/// time nothing of them stays.
pub async fn attach(
    house: House<'_>,
    entropy: Entropy<'_>,
    blobs: &dyn Blobs,
    who: &Reporter,
    form: &FormToken,
    (words, files): (&str, Vec<Arrived>),
) -> Result<bool> {
    if files.is_empty() {
        return Err(rule("ファイルがありません。"));
    }
    let ids: Vec<String> = files.iter().map(|file| file.blob().to_owned()).collect();
    let done = attach_all(house, entropy, who, form, (words, files)).await;
    if !matches!(done, Ok(true)) {
        for id in ids {
            attachment::abort(house, blobs, &id).await?;
        }
    }
    done
}

async fn attach_all(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Reporter,
    form: &FormToken,
    (words, files): (&str, Vec<Arrived>),
) -> Result<bool> {
    let mut tx = house.db.write().await?;
    if !rows::send_form(&mut tx, &form.digest(), 0, house.clock.now()).await? {
        return Ok(false);
    }
    if !words.trim().is_empty() {
        let words = words.trim().into();
        report::say_in(&mut tx, house, entropy, who, What::Said { words }).await?;
    }
    for file in files {
        attachment::attach_by_reporter_in(&mut tx, house, entropy, who, file).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Closes every talk that was idle for [`IDLE`], and forgets forms that were sent longer than [`FORM_KEPT`] ago. For a
/// job of every minute. Returns how many talks.
pub async fn sweep(house: House<'_>) -> Result<u64> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let closed = rows::sweep(&mut tx, now.minus(IDLE), now.minus(FORM_KEPT)).await?;
    tx.commit().await?;
    Ok(closed)
}

/// Whether somebody is at a desk who could read what comes in: a consultant who has made a key.
pub async fn is_open(tx: &mut Tx, desk: &str) -> Result<bool> {
    Ok(!members::keys(tx, desk, "consultant").await?.is_empty())
}
