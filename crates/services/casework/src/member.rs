//! Who works at a sealed desk: their key, and the desk while it is open.
//!
//! The secret half of a key lies wrapped under its owner's passphrase. Unlocking puts it, for a session, under a secret
//! that only the desk's cookie holds: no process keeps it, and several processes serve one session. Without
//! [recovery] a forgotten passphrase loses access to every case that nobody else reads; the page says
//! so before the passphrase is chosen.

use std::time::Duration;

use ::store::audit::{self, Event};
use ::store::{Entropy, Tx, ids};
use calendar::{Clock, Instant};
use vault::passphrase::{Passphrase, Wrapped};
use vault::session::{self, SessionSecret};
use vault::{KeyPair, SecretKey, Zeroizing};

use crate::error::{field, rule};
use crate::store::member as rows;
use crate::{CaseError, House, Result, Unlocked, recovery};

/// An open desk locks itself after so long without a request.
pub const IDLE: Duration = Duration::from_secs(15 * 60);

/// What somebody is at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeskRole {
    /// 相談員: reads and writes cases.
    Consultant,
    /// 監督者: sees overdue clocks, without contents.
    Supervisor,
    /// 回復の担当者: holds a share of recovery, and of the glass.
    Officer,
    /// 連携先: somebody from outside, who takes part in single cases and reads what was disclosed to them.
    Partner,
}

impl DeskRole {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            DeskRole::Consultant => "consultant",
            DeskRole::Supervisor => "supervisor",
            DeskRole::Officer => "officer",
            DeskRole::Partner => "partner",
        }
    }

    /// The role of a code.
    pub fn from_code(code: &str) -> Option<DeskRole> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Every role.
    pub const ALL: [DeskRole; 4] = [DeskRole::Consultant, DeskRole::Supervisor, DeskRole::Officer, DeskRole::Partner];
}

pub(crate) async fn note(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    action: &str,
    account: &str,
    fields: &[&str],
) -> Result<()> {
    Ok(audit::record(tx, clock, Event { actor, action, object_kind: "desk", object: account, fields }).await?)
}

/// Longest reason for which somebody joins a desk, in characters.
pub const MAX_REASON: usize = 200;

/// Lets somebody work at a desk. It gives no key of any case that is there already: a reader does that. Everybody of the
/// desk reads the `reason`, 1 to [`MAX_REASON`] characters; the audit chain does not hold it.
pub async fn join(
    house: House<'_>,
    actor: &str,
    desk: &str,
    account: &str,
    role: DeskRole,
    reason: &str,
) -> Result<()> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => return Err(field("reason", "加える理由を書いてください。窓口の全員が読みます。")),
        n if n > MAX_REASON => return Err(field("reason", format!("{MAX_REASON}文字までにしてください。"))),
        _ => {}
    }
    let mut tx = house.db.write().await?;
    let joining = rows::Joining { desk, account, role: role.code(), now: house.clock.now(), reason };
    rows::join(&mut tx, joining).await?;
    note(&mut tx, house.clock, actor, "desk.join", account, &[desk, role.code()]).await?;
    Ok(tx.commit().await?)
}

/// Ends that; their open desks are locked at once. Their keys of cases are taken away by
/// [`crate::case::remove_reader`].
pub async fn leave(house: House<'_>, actor: &str, desk: &str, account: &str, role: DeskRole) -> Result<()> {
    let mut tx = house.db.write().await?;
    if !rows::leave(&mut tx, desk, account, role.code(), house.clock.now()).await? {
        return Err(CaseError::NotFound);
    }
    rows::close_sessions(&mut tx, account).await?;
    recovery::forget_leaver(&mut tx, desk, account).await?;
    note(&mut tx, house.clock, actor, "desk.leave", account, &[desk, role.code()]).await?;
    Ok(tx.commit().await?)
}

/// Whether somebody has a role at a desk now.
pub async fn has_role(tx: &mut Tx, desk: &str, account: &str, role: DeskRole) -> Result<bool> {
    Ok(rows::has_role(tx, desk, account, role.code()).await?)
}

/// What somebody is at which desks now.
pub async fn roles(tx: &mut Tx, account: &str) -> Result<Vec<(String, DeskRole)>> {
    let held = rows::roles(tx, account).await?;
    Ok(held.into_iter().filter_map(|held| Some((held.desk, DeskRole::from_code(&held.role)?))).collect())
}

/// Somebody who works at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their account.
    pub account: String,
    /// What they are there.
    pub role: DeskRole,
    /// Since when.
    pub since: Instant,
    /// Whether they have made a key.
    pub has_key: bool,
    /// Why they joined, in the words of whoever added them; empty for whoever joined before that was asked.
    pub reason: String,
}

/// Everybody who works at a desk now, by role and since when.
pub async fn of_desk(tx: &mut Tx, desk: &str) -> Result<Vec<Member>> {
    let all = rows::of_desk(tx, desk).await?;
    Ok(all
        .into_iter()
        .filter_map(|row| {
            let role = DeskRole::from_code(&row.role)?;
            Some(Member { account: row.account, role, since: row.since, has_key: row.has_key, reason: row.reason })
        })
        .collect())
}

/// Whether somebody has a key.
pub async fn has_key(tx: &mut Tx, account: &str) -> Result<bool> {
    Ok(rows::key(tx, account).await?.is_some())
}

pub(crate) fn chosen(text: &str, login: &str) -> Result<Passphrase> {
    use vault::passphrase::Refusal;
    Passphrase::chosen(text, login).map_err(|error| match error {
        vault::VaultError::Passphrase(Refusal::TooShort) => {
            field("passphrase", "16文字以上か、4つ以上の単語にしてください。")
        }
        vault::VaultError::Passphrase(_) => {
            field("passphrase", "ログイン名や短い繰り返しは使えません。200文字までです。")
        }
        other => other.into(),
    })
}

/// A derivation from a passphrase or a receipt takes a moment and 128 MiB; it never stands in the way of other requests.
pub(crate) async fn derive<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| CaseError::CutOff(error.to_string()))
}

/// Makes somebody's first key, under a passphrase of their choice.
pub async fn make_key(
    house: House<'_>,
    mut entropy: Box<dyn rand::Rng + Send>,
    account: &str,
    login: &str,
    passphrase: &str,
) -> Result<()> {
    let passphrase = chosen(passphrase, login)?;
    let (owner, cost) = (account.to_owned(), house.cost);
    let (pair, wrapped, mut entropy) = derive(move || {
        let pair = KeyPair::generate(entropy.as_mut());
        let wrapped = Wrapped::wrap(&pair.secret, &passphrase, &owner, cost, entropy.as_mut());
        (pair, wrapped, entropy)
    })
    .await?;
    let wrapped = wrapped?;
    let key = rows::Key {
        account: account.into(),
        public_half: pair.public.bytes().to_vec(),
        wrapped: wrapped.to_bytes(),
        version: 1,
        made_at: house.clock.now(),
    };
    let mut tx = house.db.write().await?;
    if !rows::make_key(&mut tx, &key).await? {
        return Err(rule("窓口の鍵は、もう作られています。"));
    }
    note(&mut tx, house.clock, &format!("account:{account}"), "desk.key-make", account, &[]).await?;
    recovery::cover(&mut tx, house, entropy.as_mut(), account, &pair.secret).await?;
    Ok(tx.commit().await?)
}

async fn secret_of(house: House<'_>, key: &rows::Key, passphrase: &str) -> Result<SecretKey> {
    let wrapped = Wrapped::from_bytes_at_least(&key.wrapped, house.cost)?;
    let (passphrase, owner) = (Passphrase::typed(passphrase), key.account.clone());
    derive(move || wrapped.unwrap(&passphrase, &owner)).await?.map_err(|error| match error {
        vault::VaultError::Opaque => CaseError::Wrong,
        other => other.into(),
    })
}

/// Unlocks a desk. Returns what the desk's cookie holds: the id of the session and its secret. A wrong passphrase is
/// [`CaseError::Wrong`], and stands in the audit stream.
pub async fn unlock(
    house: House<'_>,
    entropy: Entropy<'_>,
    account: &str,
    passphrase: &str,
) -> Result<Zeroizing<String>> {
    let mut tx = house.db.read().await?;
    let key = rows::key(&mut tx, account).await?.ok_or(CaseError::NotFound)?;
    drop(tx);
    let actor = format!("account:{account}");
    let secret = match secret_of(house, &key, passphrase).await {
        Ok(secret) => secret,
        Err(error) => {
            let mut tx = house.db.write().await?;
            note(&mut tx, house.clock, &actor, "desk.unlock-fail", account, &[]).await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    let (id, own) = (ids::opaque_id(entropy), SessionSecret::generate(entropy));
    let wrapped = session::wrap(&secret, &own, account, &id, entropy)?;
    let mut tx = house.db.write().await?;
    let open = rows::Session { id: id.clone(), account: account.into(), wrapped, seen_at: house.clock.now() };
    rows::open_session(&mut tx, &open).await?;
    note(&mut tx, house.clock, &actor, "desk.unlock", account, &[]).await?;
    recovery::cover(&mut tx, house, entropy, account, &secret).await?;
    tx.commit().await?;
    Ok(Zeroizing::new(format!("{id}.{}", own.to_cookie().as_str())))
}

/// The member whose desk a cookie has open. `account`: who is logged in; a cookie of somebody else opens nothing.
/// After [`IDLE`] without a request the desk is locked, and its key gone from the database.
pub async fn unlocked(house: House<'_>, account: &str, cookie: &str) -> Result<Unlocked> {
    let (id, text) = cookie.split_once('.').ok_or(CaseError::Locked)?;
    let own = SessionSecret::from_cookie(text).map_err(|_| CaseError::Locked)?;
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let open = rows::session(&mut tx, id).await?.ok_or(CaseError::Locked)?;
    if open.account != account {
        return Err(CaseError::Locked);
    }
    if open.seen_at.plus(IDLE) <= now {
        rows::close_session(&mut tx, id).await?;
        note(&mut tx, house.clock, "job:casework", "desk.lock", account, &["idle"]).await?;
        tx.commit().await?;
        return Err(CaseError::Locked);
    }
    let secret = session::unwrap(&open.wrapped, &own, account, id).map_err(|_| CaseError::Locked)?;
    rows::see(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(Unlocked { account: account.into(), secret, desk: None })
}

/// How long the desk that a cookie has open stays open without another request; none where it is locked. A look
/// prolongs nothing.
pub async fn open_for(tx: &mut Tx, now: Instant, account: &str, cookie: &str) -> Result<Option<Duration>> {
    let Some((id, text)) = cookie.split_once('.') else { return Ok(None) };
    let Ok(own) = SessionSecret::from_cookie(text) else { return Ok(None) };
    let Some(open) = rows::session(tx, id).await?.filter(|open| open.account == account) else { return Ok(None) };
    let left = open.seen_at.plus(IDLE).millis_since(now);
    if left <= 0 || session::unwrap(&open.wrapped, &own, account, id).is_err() {
        return Ok(None);
    }
    Ok(Some(Duration::from_millis(left.unsigned_abs())))
}

/// Locks a desk: what was kept of its key is gone.
pub async fn lock(house: House<'_>, account: &str, cookie: &str) -> Result<()> {
    let Some((id, _)) = cookie.split_once('.') else { return Ok(()) };
    let mut tx = house.db.write().await?;
    if rows::session(&mut tx, id).await?.is_some_and(|open| open.account == account) {
        rows::close_session(&mut tx, id).await?;
        note(&mut tx, house.clock, &format!("account:{account}"), "desk.lock", account, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Puts the same key under another passphrase, and locks every open desk of its owner.
pub async fn change_passphrase(
    house: House<'_>,
    mut entropy: Box<dyn rand::Rng + Send>,
    account: &str,
    login: &str,
    old: &str,
    new: &str,
) -> Result<()> {
    let passphrase = chosen(new, login)?;
    let mut tx = house.db.read().await?;
    let key = rows::key(&mut tx, account).await?.ok_or(CaseError::NotFound)?;
    drop(tx);
    let secret = secret_of(house, &key, old).await?;
    let (owner, cost) = (account.to_owned(), house.cost);
    let wrapped = derive(move || Wrapped::wrap(&secret, &passphrase, &owner, cost, entropy.as_mut())).await??;
    let mut tx = house.db.write().await?;
    if !rows::rewrap(&mut tx, account, key.version, wrapped.to_bytes()).await? {
        return Err(CaseError::Changed);
    }
    rows::close_sessions(&mut tx, account).await?;
    note(&mut tx, house.clock, &format!("account:{account}"), "desk.passphrase", account, &[]).await?;
    Ok(tx.commit().await?)
}

/// Locks every desk that was idle for [`IDLE`]. For a job of every minute. Returns how many.
pub async fn lock_idle(house: House<'_>) -> Result<u64> {
    let mut tx = house.db.write().await?;
    let locked = rows::sweep(&mut tx, house.clock.now().minus(IDLE)).await?;
    tx.commit().await?;
    Ok(locked)
}
