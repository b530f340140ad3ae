//! Logging in: password, then a code from the person's device, then a session.
//!
//! Whoever guesses is slowed down, and only they: failures are counted per log-in name *and* per known device
//! or network, so that nobody is locked out by somebody else's failures (the device cookies of the OWASP
//! Authentication Cheat Sheet).

use ::store::audit::{self, Event};
use ::store::secret::{hex, mac, same};
use ::store::{Db, Entropy, HouseKey, Tx, ids};
use calendar::{Clock, Instant};

use crate::store::session::{self as sessions, Failures, Session};
use crate::store::{account as rows, session};
use crate::{AccessError, Result, password, totp};

const MINUTE: i64 = 60_000;
/// A session that is not used ends after this time.
pub const IDLE: i64 = 60 * MINUTE;
/// Every session ends after this time: a working day.
pub const LONGEST: i64 = 12 * 60 * MINUTE;
/// The code must follow the password within this time.
const BETWEEN_FACTORS: i64 = 10 * MINUTE;
/// Failures that cost nothing.
const FREE_FAILURES: i64 = 5;
/// The longest wait.
const LONGEST_WAIT: i64 = 15 * MINUTE;
/// Failures are forgotten after this time without another.
pub const FORGET: i64 = 24 * 60 * MINUTE;

/// Who tries, as far as the server can tell.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// What the device cookie holds, if there is one.
    pub device: Option<&'a str>,
    /// Network of the address.
    pub network: &'a str,
    /// Browser and system in words.
    pub label: &'a str,
}

/// What a try led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Go on: the token for the cookie.
    Passed(String),
    /// Wrong; nothing more is told.
    Wrong,
    /// Too many failures from here; wait so many seconds.
    Wait(i64),
}

/// A device on which an account was once fully logged in is known by this value of its cookie.
pub fn device_cookie(key: &HouseKey, login: &str, entropy: Entropy<'_>) -> String {
    let mut nonce = [0u8; 16];
    entropy.fill_bytes(&mut nonce);
    let nonce = hex(&nonce);
    format!("{nonce}.{}", hex(&mac(&key.derive("device"), &[login.as_bytes(), nonce.as_bytes()])))
}

fn is_known(key: &HouseKey, login: &str, cookie: &str) -> bool {
    let Some((nonce, seal)) = cookie.split_once('.') else { return false };
    same(hex(&mac(&key.derive("device"), &[login.as_bytes(), nonce.as_bytes()])).as_bytes(), seal.as_bytes())
}

/// Where failures are counted. Digests, so that the table holds neither addresses nor log-in names.
fn bucket(key: &HouseKey, login: &str, client: Client<'_>, factor: &str) -> String {
    let place = match client.device.filter(|cookie| is_known(key, login, cookie)) {
        Some(cookie) => format!("device {cookie}"),
        None => format!("network {}", client.network),
    };
    hex(&mac(&key.derive("sign-in"), &[login.as_bytes(), place.as_bytes(), factor.as_bytes()])[..16])
}

/// Milliseconds to wait after failures in a row: nothing for the first ones, then a minute, doubling.
fn wait_after(failures: Option<Failures>, now: Instant) -> i64 {
    let Some(Failures { failures, last_at }) = failures else { return 0 };
    let since = now.millis() - last_at.millis();
    if failures < FREE_FAILURES || since > FORGET {
        return 0;
    }
    let wait = (MINUTE << (failures - FREE_FAILURES).min(10)).min(LONGEST_WAIT);
    (wait - since).max(0)
}

async fn waiting(tx: &mut Tx, bucket: &str, now: Instant) -> Result<Option<Outcome>> {
    let wait = wait_after(sessions::failures(tx, bucket).await?, now);
    Ok((wait > 0).then_some(Outcome::Wait((wait + 999) / 1000)))
}

/// The first factor. On success the token of a session in which nothing is allowed but the second.
pub async fn with_password(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    login: &str,
    typed: &str,
    client: Client<'_>,
) -> Result<Outcome> {
    let login = login.trim();
    let key = db.key()?.clone();
    let bucket = bucket(&key, login, client, "password");
    let mut tx = db.read().await?;
    if let Some(wait) = waiting(&mut tx, &bucket, clock.now()).await? {
        return Ok(wait);
    }
    let secrets = rows::secrets_of_login(&mut tx, login).await?;
    drop(tx);
    let stored = secrets.as_ref().filter(|s| s.state == "active").and_then(|s| s.password.as_deref());
    // Longer than any password: no work for it.
    let right = typed.chars().count() <= password::LONGEST && password::verify(typed, stored).await?;
    let mut tx = db.write().await?;
    let outcome = match secrets {
        Some(secrets) if right => {
            Outcome::Passed(begin(&mut tx, clock, entropy, &secrets.id, "password", client).await?)
        }
        secrets => {
            sessions::failed(&mut tx, &bucket, clock.now()).await?;
            if let Some(secrets) = secrets {
                note(&mut tx, clock, &secrets.id, "sign-in.wrong-password").await?;
            }
            Outcome::Wrong
        }
    };
    tx.commit().await?;
    Ok(outcome)
}

async fn note(tx: &mut Tx, clock: &dyn Clock, account: &str, action: &str) -> Result<()> {
    let actor = format!("account:{account}");
    let event = Event { actor: &actor, action, object_kind: "account", object: account, fields: &[] };
    Ok(audit::record(tx, clock, event).await?)
}

async fn begin(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    account: &str,
    state: &str,
    client: Client<'_>,
) -> Result<String> {
    let token = format!("{}{}", ids::new_key(entropy), ids::new_key(entropy)).replace('-', "");
    let now = clock.now();
    let lasts = if state == "full" { IDLE } else { BETWEEN_FACTORS };
    let session = Session {
        id: ids::digest(&token),
        account: account.to_owned(),
        state: state.to_owned(),
        client: client.label.chars().take(80).collect(),
        started_at: now,
        seen_at: now,
        ends_at: Instant::from_millis(now.millis() + lasts),
    };
    session::insert(tx, &session).await?;
    Ok(token)
}

/// The account and log-in name of a session that waits for its second factor.
pub async fn waiting_for_code(tx: &mut Tx, clock: &dyn Clock, token: &str) -> Result<(String, String)> {
    let session = session::get(tx, &ids::digest(token), clock.now()).await?;
    let session = session.filter(|s| s.state == "password").ok_or(AccessError::NotFound)?;
    let secrets = rows::secrets(tx, &session.account).await?.ok_or(AccessError::NotFound)?;
    Ok((secrets.id, secrets.login))
}

/// The second factor: on success a new token, since the old one was seen before the log-in was whole.
pub async fn with_code(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    token: &str,
    typed: &str,
    client: Client<'_>,
) -> Result<Outcome> {
    let key = db.key()?.clone();
    let now = clock.now();
    let mut tx = db.write().await?;
    let (account, login) = waiting_for_code(&mut tx, clock, token).await?;
    let secrets = rows::secrets(&mut tx, &account).await?.ok_or(AccessError::NotFound)?;
    // Only who knows the password comes here, so this count cannot be run up by a stranger.
    let bucket = bucket(&key, &login, Client { network: "any", ..client }, "code");
    if let Some(wait) = waiting(&mut tx, &bucket, now).await? {
        return Ok(wait);
    }
    let step = match &secrets.totp {
        Some(sealed) => totp::step_of(&totp::unseal(&key, &account, sealed)?, typed, now, secrets.totp_step)?,
        None => None,
    };
    let passed = match step {
        Some(step) => rows::use_step(&mut tx, &account, step).await?,
        None => false,
    };
    let outcome = if passed {
        session::end(&mut tx, &account, &ids::digest(token)).await?;
        sessions::succeeded(&mut tx, &bucket).await?;
        sessions::succeeded(&mut tx, &self::bucket(&key, &login, client, "password")).await?;
        note(&mut tx, clock, &account, "sign-in").await?;
        Outcome::Passed(begin(&mut tx, clock, entropy, &account, "full", client).await?)
    } else {
        sessions::failed(&mut tx, &bucket, now).await?;
        note(&mut tx, clock, &account, "sign-in.wrong-code").await?;
        Outcome::Wrong
    };
    tx.commit().await?;
    Ok(outcome)
}

/// The session of a cookie's token, if it is whole and open. Its use is noted at most once a minute.
pub async fn session_of(db: &Db, clock: &dyn Clock, token: &str) -> Result<Option<Session>> {
    let now = clock.now();
    let mut tx = db.read().await?;
    let found = session::get(&mut tx, &ids::digest(token), now).await?.filter(|s| s.state == "full");
    drop(tx);
    if let Some(session) = &found
        && now.millis() - session.seen_at.millis() > MINUTE
    {
        let end = (now.millis() + IDLE).min(session.started_at.millis() + LONGEST);
        let mut tx = db.write().await?;
        session::seen(&mut tx, &session.id, now, Instant::from_millis(end)).await?;
        tx.commit().await?;
    }
    Ok(found)
}

/// Ends a session.
pub async fn out(tx: &mut Tx, clock: &dyn Clock, actor: &str, account: &str, session_id: &str) -> Result<()> {
    if session::end(tx, account, session_id).await? {
        let event = Event { actor, action: "session.end", object_kind: "account", object: account, fields: &[] };
        audit::record(tx, clock, event).await?;
    }
    Ok(())
}

/// Opens an account by its invitation: password and second factor, proved by one code.
pub async fn enrol(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    invitation: &str,
    new_password: &str,
    secret: &[u8],
    typed_code: &str,
) -> Result<()> {
    let key = db.key()?.clone();
    let mut tx = db.read().await?;
    let account = crate::account::invited(&mut tx, clock, invitation).await?;
    drop(tx);
    password::check(new_password, &account.login)?;
    let Some(step) = totp::step_of(secret, typed_code, clock.now(), 0)? else {
        return Err(AccessError::Invalid {
            field: "code",
            reason: "コードがちがいます。アプリに出ている6けたの数字を、変わらないうちに入れてください。".into(),
        });
    };
    let hash = password::hash(new_password, entropy).await?;
    let sealed = totp::seal(&key, &account.id, secret, entropy)?;
    let mut tx = db.write().await?;
    // Of two enrolments with one invitation only the first counts.
    crate::account::invited(&mut tx, clock, invitation).await?;
    rows::enrol(&mut tx, &account.id, &hash, sealed, step, clock.now()).await?;
    session::end_others(&mut tx, &account.id, "").await?;
    note(&mut tx, clock, &account.id, "account.enrol").await?;
    tx.commit().await?;
    Ok(())
}

/// Changes one's own password; all other sessions of the account end.
pub async fn change_password(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    session: &Session,
    old: &str,
    new: &str,
) -> Result<()> {
    let mut tx = db.read().await?;
    let secrets = rows::secrets(&mut tx, &session.account).await?.ok_or(AccessError::NotFound)?;
    drop(tx);
    if !password::verify(old, secrets.password.as_deref()).await? {
        return Err(AccessError::Invalid {
            field: "old", reason: "いまのパスワードがちがいます。".into()
        });
    }
    password::check(new, &secrets.login)?;
    let hash = password::hash(new, entropy).await?;
    let mut tx = db.write().await?;
    rows::set_password(&mut tx, &session.account, &hash, clock.now()).await?;
    session::end_others(&mut tx, &session.account, &session.id).await?;
    note(&mut tx, clock, &session.account, "account.change-password").await?;
    tx.commit().await?;
    Ok(())
}

/// The code that the account's device shows now, or the next one if this one was used. Only where simulators are on: there nobody has a device.
pub async fn simulated_code(tx: &mut Tx, clock: &dyn Clock, account: &str) -> Result<Option<String>> {
    let secrets = rows::secrets(tx, account).await?.ok_or(AccessError::NotFound)?;
    let key = tx.key()?;
    match &secrets.totp {
        Some(sealed) => {
            let unused = Instant::from_millis((secrets.totp_step + 1) * totp::STEP_MILLIS);
            Ok(Some(totp::code(&totp::unseal(key, account, sealed)?, clock.now().max(unused))?))
        }
        None => Ok(None),
    }
}
