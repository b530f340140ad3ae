//! Rings: the keys of a case, in epochs, and who holds them.
//!
//! A case has several rings, because not everybody who reads something of it may read all: `talk` is what the reporter
//! and the desk say to each other, `case` what the desk alone knows, `welfare` the background of a child, `partner` what
//! was disclosed to one participant from outside.

use std::collections::BTreeMap;

use ::store::{Entropy, Tx, ids};
use vault::{CaseKey, DataKey, OuterKey, PublicKey, SecretKey};

use crate::store::ring as rows;
use crate::{CaseError, Result, glass};

/// What a ring opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RingKind {
    /// What the desk knows.
    Case,
    /// What the reporter and the desk say to each other.
    Talk,
    /// What stands behind it at home, of one child.
    Welfare,
    /// What one participant from outside was told.
    Partner,
}

impl RingKind {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            RingKind::Case => "case",
            RingKind::Talk => "talk",
            RingKind::Welfare => "welfare",
            RingKind::Partner => "partner",
        }
    }

    fn from_code(code: &str) -> Result<Self> {
        [RingKind::Case, RingKind::Talk, RingKind::Welfare, RingKind::Partner]
            .into_iter()
            .find(|kind| kind.code() == code)
            .ok_or(CaseError::Unreadable)
    }
}

/// A member of the staff as a reader.
pub fn account(id: &str) -> String {
    format!("account:{id}")
}

/// The reporter of a case as a reader.
pub fn reporter(locator: &str) -> String {
    format!("reporter:{locator}")
}

/// Somebody who is to hold a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// [`account`] or [`reporter`].
    pub name: String,
    /// Their public half.
    pub public: PublicKey,
}

/// A ring that is open in this request: its keys by epoch.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) case: String,
    pub(crate) kind: RingKind,
    pub(crate) epoch: u32,
    /// Id of the participant or code of the child, as its entries say it; none until they were read.
    pub(crate) whose: Option<String>,
    /// Somebody who held it was taken away by one who did not: it wants a new epoch.
    pub(crate) is_stale: bool,
    by_epoch: BTreeMap<u32, (CaseKey, DataKey)>,
}

impl Keys {
    /// The key of an epoch; whoever does not hold it reads nothing of it.
    pub(crate) fn data(&self, epoch: u32) -> Result<&DataKey> {
        self.by_epoch.get(&epoch).map(|(_, data)| data).ok_or(CaseError::NotFound)
    }

    /// The key of the newest epoch, by which is sealed.
    pub(crate) fn newest(&self) -> Result<&DataKey> {
        self.data(self.epoch)
    }

    /// A ring of which one key is there without a reader's grant: what two officers combined.
    pub(crate) fn combined(ring: &rows::Ring, key: CaseKey, outer: &OuterKey) -> Result<Keys> {
        let (kind, epoch) = (RingKind::from_code(&ring.kind)?, epoch(ring.epoch)?);
        let mut keys = Keys::empty(ring, kind, epoch);
        keys.add(epoch, key, outer);
        Ok(keys)
    }

    fn empty(ring: &rows::Ring, kind: RingKind, epoch: u32) -> Keys {
        let (id, case, is_stale) = (ring.id.clone(), ring.sealed_case.clone(), ring.is_stale);
        Keys { id, case, kind, epoch, whose: None, is_stale, by_epoch: BTreeMap::new() }
    }

    /// The key of the newest epoch before the outer one is joined to it.
    pub(crate) fn newest_case_key(&self) -> Result<&CaseKey> {
        self.by_epoch.get(&self.epoch).map(|(key, _)| key).ok_or(CaseError::NotFound)
    }

    fn add(&mut self, epoch: u32, key: CaseKey, outer: &OuterKey) {
        let data = key.data_key(outer, &self.id, epoch);
        self.by_epoch.insert(epoch, (key, data));
    }
}

pub(crate) fn epoch(stored: i64) -> Result<u32> {
    u32::try_from(stored).map_err(|_| CaseError::Unreadable)
}

/// Makes a ring of a case, with its first epoch, for its first readers and the officers of its glass.
pub(crate) async fn make(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    case: &str,
    kind: RingKind,
    outer: &OuterKey,
    readers: &[Reader],
    officers: &[glass::Officer],
) -> Result<Keys> {
    let ring = rows::Ring {
        id: ids::opaque_id(entropy),
        sealed_case: case.into(),
        kind: kind.code().into(),
        epoch: 1,
        is_stale: false,
    };
    rows::insert(tx, &ring).await?;
    let mut keys = Keys::empty(&ring, kind, 1);
    keys.add(1, CaseKey::generate(entropy), outer);
    for reader in readers {
        grant(tx, entropy, &keys, reader).await?;
    }
    glass::split(tx, entropy, &keys, officers).await?;
    Ok(keys)
}

/// Gives a reader every key of a ring that the giver holds.
pub(crate) async fn grant(tx: &mut Tx, entropy: Entropy<'_>, keys: &Keys, reader: &Reader) -> Result<()> {
    for (epoch, (key, _)) in &keys.by_epoch {
        seal_to(tx, entropy, &keys.id, *epoch, key, reader).await?;
    }
    Ok(())
}

async fn seal_to(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    ring: &str,
    epoch: u32,
    key: &CaseKey,
    reader: &Reader,
) -> Result<()> {
    let context = vault::Context { case: ring, epoch, reader: &reader.name };
    let sealed = key.seal_to(&reader.public, context, entropy)?;
    let public_half = reader.public.bytes().to_vec();
    let grant = rows::Grant { epoch: i64::from(epoch), reader: reader.name.clone(), public_half, sealed };
    Ok(rows::grant(tx, ring, &grant).await?)
}

/// Opens a ring with a reader's secret key. Whoever holds no key of it finds nothing.
pub(crate) async fn open(
    tx: &mut Tx,
    ring: &rows::Ring,
    reader: &str,
    secret: &SecretKey,
    outer: &OuterKey,
) -> Result<Keys> {
    let grants = rows::held(tx, &ring.id, reader).await?;
    opened(ring, grants.iter().map(|grant| (grant.epoch, grant.sealed.as_slice())), reader, secret, outer)
}

/// A ring by the keys that a reader holds of it: epochs with what was sealed to them.
pub(crate) fn opened<'a>(
    ring: &rows::Ring,
    held: impl Iterator<Item = (i64, &'a [u8])>,
    reader: &str,
    secret: &SecretKey,
    outer: &OuterKey,
) -> Result<Keys> {
    let mut keys = Keys::empty(ring, RingKind::from_code(&ring.kind)?, epoch(ring.epoch)?);
    for (stored, sealed) in held {
        let epoch = epoch(stored)?;
        let context = vault::Context { case: &ring.id, epoch, reader };
        keys.add(epoch, CaseKey::open_with(secret, context, sealed)?, outer);
    }
    if keys.by_epoch.is_empty() { Err(CaseError::NotFound) } else { Ok(keys) }
}

/// Opens every ring of a case that a reader holds.
pub(crate) async fn open_all(
    tx: &mut Tx,
    case: &str,
    reader: &str,
    secret: &SecretKey,
    outer: &OuterKey,
) -> Result<Vec<Keys>> {
    let mut all = Vec::new();
    for ring in rows::of_reader(tx, case, reader).await? {
        all.push(open(tx, &ring, reader, secret, outer).await?);
    }
    if all.is_empty() { Err(CaseError::NotFound) } else { Ok(all) }
}

/// Begins a new epoch, for all readers but the one who is taken away, if there is one. What was sealed before must be sealed anew by the caller, and then
/// [`forget`] ends the old keys.
pub(crate) async fn renew(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    keys: &mut Keys,
    without: Option<&str>,
    outer: &OuterKey,
    officers: &[glass::Officer],
) -> Result<()> {
    let holders = rows::holders(tx, &keys.id, i64::from(keys.epoch)).await?;
    if let Some(reader) = without {
        rows::withdraw(tx, &keys.id, reader).await?;
    }
    let next = keys.epoch + 1;
    let key = CaseKey::generate(entropy);
    for holder in holders.into_iter().filter(|h| Some(h.reader.as_str()) != without) {
        let reader = Reader { name: holder.reader, public: PublicKey::from_bytes(&holder.public_half)? };
        seal_to(tx, entropy, &keys.id, next, &key, &reader).await?;
    }
    rows::next_epoch(tx, &keys.id, i64::from(next)).await?;
    keys.add(next, key, outer);
    keys.epoch = next;
    keys.is_stale = false;
    glass::split(tx, entropy, keys, officers).await
}

/// Ends the keys of earlier epochs, under which nothing is sealed any more.
pub(crate) async fn forget(tx: &mut Tx, keys: &mut Keys) -> Result<()> {
    rows::forget_before(tx, &keys.id, i64::from(keys.epoch)).await?;
    glass::forget(tx, keys).await?;
    let newest = keys.epoch;
    keys.by_epoch.retain(|epoch, _| *epoch == newest);
    Ok(())
}
