//! Writing into a case: the case is locked, its rings are open, each entry is asked for, and all comes to be or nothing.

use ::store::{Entropy, Tx};
use calendar::Instant;
use vault::PublicKey;

use crate::case::{self, Clear, View};
use crate::entry::{By, Party, What};
use crate::file::{CaseFile, Home, entry};
use crate::glass::Officer;
use crate::ring::{Keys, Reader, RingKind};
use crate::seal::Placed;
use crate::store::{member as members, ring as ring_rows};
use crate::welfare::Child;
use crate::{CaseError, House, Result, Unlocked, desk_key, error, glass, recommendation, ring, seal, wall};

/// A case that is being written on.
pub(crate) struct Pen<'a> {
    house: House<'a>,
    who: &'a Unlocked,
    pub(crate) clear: Clear,
    pub(crate) keys: Vec<Keys>,
    entries: Vec<Placed>,
    pub(crate) file: CaseFile,
    /// Somebody was put onto the wall.
    walled: bool,
}

impl<'a> Pen<'a> {
    /// Opens a case for writing. `version` is the one that the writer saw: whoever writes over another's change is told.
    pub(crate) async fn take(
        tx: &mut Tx,
        house: House<'a>,
        entropy: Entropy<'_>,
        who: &'a Unlocked,
        case: &str,
        version: i64,
    ) -> Result<Pen<'a>> {
        let (clear, keys, entries) = case::unlock(tx, house, who, case).await?;
        if clear.version != version {
            return Err(CaseError::Changed);
        }
        Pen::with(tx, house, entropy, who, (clear, keys, entries)).await
    }

    /// The same, for what does not depend on what the writer saw.
    pub(crate) async fn with(
        tx: &mut Tx,
        house: House<'a>,
        entropy: Entropy<'_>,
        who: &'a Unlocked,
        (mut clear, mut keys, entries): (Clear, Vec<Keys>, Vec<Placed>),
    ) -> Result<Pen<'a>> {
        case::must_hold_all(tx, &clear.id, &keys).await?;
        clear.version += 1;
        for ring in keys.iter_mut().filter(|ring| ring.is_stale) {
            renew(tx, house, entropy, ring, None, &[]).await?;
        }
        let file = fold(house, &clear.desk, &entries)?;
        Ok(Pen { house, who, clear, keys, entries, file, walled: false })
    }

    fn by(&self) -> By {
        By::Account(self.who.account.clone())
    }

    /// Whether an entry may come next.
    pub(crate) fn allows(&self, what: &What) -> Result<()> {
        let today = self.house.clock.now().jst_date();
        match what {
            What::Recommended(said) => recommendation::day_is_ahead(said, today)?,
            What::HandedOver { until: Some(day), .. } if *day < today => {
                return Err(error::field("until", "きょうか、それよりあとの日にしてください。"));
            }
            _ => {}
        }
        self.file.allows(&self.by(), what)
    }

    /// The ring of a child, if the writer holds one.
    pub(crate) fn child_ring(&self, child: Child) -> Option<&Keys> {
        self.owned(RingKind::Welfare, child.code())
    }

    /// The ring of a participant.
    pub(crate) fn participant_ring(&self, id: &str) -> Option<&Keys> {
        self.owned(RingKind::Partner, id)
    }

    fn owned(&self, kind: RingKind, whose: &str) -> Option<&Keys> {
        self.keys.iter().find(|ring| ring.kind == kind && ring.whose.as_deref() == Some(whose))
    }

    /// The ring of the desk.
    pub(crate) fn desk_ring(&self) -> Result<&Keys> {
        case::of_kind(&self.keys, RingKind::Case)
    }

    fn home(&self, what: &What) -> Result<&Keys> {
        match self.file.home(what) {
            Home::Talk => case::of_kind(&self.keys, RingKind::Talk),
            Home::Case => self.desk_ring(),
            Home::Child(child) => self.child_ring(child).ok_or(CaseError::NotFound),
            Home::Participant(id) => self.participant_ring(&id).ok_or(CaseError::NotFound),
        }
    }

    /// Writes an entry into the ring where it belongs, if it may come next.
    pub(crate) async fn write(&mut self, tx: &mut Tx, entropy: Entropy<'_>, what: What) -> Result<Placed> {
        self.allows(&what)?;
        let now = self.house.clock.now();
        match &what {
            What::Party(party) => self.walled |= build_wall(tx, self.house, &self.clear.id, party).await?,
            What::HandedOver { to, .. } => self.must_read(tx, to).await?,
            _ => {}
        }
        follow(&mut self.clear, self.house, &what, now);
        case::note(tx, self.house, &self.clear.id, &self.who.actor(), "case.write", &[what.kind()]).await?;
        let next = entry(now, self.by(), what);
        self.clear.records += 1;
        let placed = seal::write(tx, entropy, self.home(&next.what)?, self.clear.records, &next).await?;
        self.entries.push(placed.clone());
        self.file = fold(self.house, &self.clear.desk, &self.entries)?;
        Ok(placed)
    }

    /// Whoever of the staff reads the case.
    pub(crate) async fn reading(&self, tx: &mut Tx) -> Result<Vec<String>> {
        reading(tx, self.house, &self.clear, self.desk_ring()?).await
    }

    async fn must_read(&self, tx: &mut Tx, account: &str) -> Result<()> {
        if self.reading(tx).await?.iter().any(|held| held == account) {
            return Ok(());
        }
        Err(error::field(
            "to",
            "引き継ぐ相手は、この事案を読める相談員でなければなりません。先に読む人に加えてください。",
        ))
    }

    /// Removes an entry from the ring in which it lies.
    pub(crate) async fn strike(&mut self, tx: &mut Tx, id: &str) -> Result<Placed> {
        let at = self.entries.iter().position(|placed| placed.id == id).ok_or(CaseError::NotFound)?;
        let placed = self.entries.remove(at);
        let ring = self.keys.iter().find(|ring| ring.kind == placed.ring && ring.whose == placed.whose);
        if !crate::store::record::remove(tx, &ring.ok_or(CaseError::NotFound)?.id, id).await? {
            return Err(CaseError::NotFound);
        }
        self.file = fold(self.house, &self.clear.desk, &self.entries)?;
        Ok(placed)
    }

    /// The entries so far.
    pub(crate) fn entries(&self) -> &[Placed] {
        &self.entries
    }

    /// A new epoch of a participant's ring, without them.
    pub(crate) async fn part(&mut self, tx: &mut Tx, entropy: Entropy<'_>, id: &str, account: &str) -> Result<()> {
        let officers = glass::shared(tx, self.house, &self.clear, self.desk_ring()?).await?;
        let mut rings = self.keys.iter_mut();
        let ring = rings.find(|ring| ring.kind == RingKind::Partner && ring.whose.as_deref() == Some(id));
        renew(tx, self.house, entropy, ring.ok_or(CaseError::NotFound)?, Some(account), &officers).await
    }

    /// Brings summary, clocks, wall and the clear row to what the case says now.
    pub(crate) async fn finish(mut self, tx: &mut Tx, entropy: Entropy<'_>) -> Result<View> {
        if self.walled {
            self.part_walled(tx, entropy).await?;
        }
        let Pen { house, mut clear, keys, entries, .. } = self;
        let desk_ring = case::of_kind(&keys, RingKind::Case)?;
        let file = case::settle(tx, house, entropy, &mut clear, desk_ring, entries).await?;
        Ok(View { clear, file })
    }

    /// Takes away from readers and participants whoever stands on the wall now.
    async fn part_walled(&mut self, tx: &mut Tx, entropy: Entropy<'_>) -> Result<()> {
        if self.is_walled(tx, &self.who.account).await? {
            return Err(error::rule(
                "あなた自身か、あなたの課が当事者になります。ほかの相談員に引き継いでから、その人が登録してください。",
            ));
        }
        for account in holders(tx, self.desk_ring()?).await? {
            if !self.is_walled(tx, &account).await? {
                continue;
            }
            take_away(tx, self.house, entropy, &self.clear, &mut self.keys, &account).await?;
            case::note(tx, self.house, &self.clear.id, &self.who.actor(), "case.reader-remove", &["wall"]).await?;
        }
        for participant in self.file.participants.clone().into_iter().filter(|known| known.left.is_none()) {
            if !self.is_walled(tx, &participant.account).await? {
                continue;
            }
            self.part(tx, entropy, &participant.id, &participant.account).await?;
            let reason = "この事案の当事者か、当事者の課の職員になったため".into();
            self.write(tx, entropy, What::Uninvited { id: participant.id, reason }).await?;
            case::note(tx, self.house, &self.clear.id, &self.who.actor(), "case.participant-remove", &["wall"]).await?;
        }
        // An officer who came onto the wall holds a share until there is a new key.
        if let Some(officer) = glass::walled(tx, self.house, self.desk_ring()?).await? {
            take_away(tx, self.house, entropy, &self.clear, &mut self.keys, &officer).await?;
        }
        Ok(())
    }

    async fn is_walled(&self, tx: &mut Tx, account: &str) -> Result<bool> {
        stands_on_wall(tx, self.house, &self.clear.id, account).await
    }
}

fn fold(house: House<'_>, desk: &str, entries: &[Placed]) -> Result<CaseFile> {
    CaseFile::of(entries.to_vec(), house.kinds.of(desk)?, house.calendar)?.ok_or(CaseError::NotFound)
}

/// What an entry changes in the clear row.
fn follow(clear: &mut Clear, house: House<'_>, what: &What, now: Instant) {
    match what {
        What::Closed { .. } => {
            clear.is_open = false;
            clear.retain_until = Some(now.plus(house.kept));
        }
        What::Reopened { .. } => {
            clear.is_open = true;
            clear.retain_until = None;
        }
        _ => {}
    }
}

async fn build_wall(tx: &mut Tx, house: House<'_>, case: &str, party: &Party) -> Result<bool> {
    wall::build(tx, case, &case::outer_key(house, case)?, party).await?;
    Ok(party.account.is_some() || party.section.is_some())
}

/// Whether somebody stands on the wall of a case.
pub(crate) async fn stands_on_wall(tx: &mut Tx, house: House<'_>, case: &str, account: &str) -> Result<bool> {
    let outer = case::outer_key(house, case)?;
    wall::stands_on(tx, case, &outer, account, &(house.sections)(account)).await
}

/// The members of the staff who hold the newest key of a ring.
pub(crate) async fn holders(tx: &mut Tx, ring: &Keys) -> Result<Vec<String>> {
    let all = ring_rows::holders(tx, &ring.id, i64::from(ring.epoch)).await?;
    Ok(all.into_iter().filter_map(|grant| grant.reader.strip_prefix("account:").map(str::to_owned)).collect())
}

/// Whoever of the staff reads a case: the holders of a key, or, where the house keeps it, the consultants of the desk
/// who do not stand on its wall.
pub(crate) async fn reading(tx: &mut Tx, house: House<'_>, clear: &Clear, ring: &Keys) -> Result<Vec<String>> {
    if house.kinds.of(&clear.desk)?.is_sealed() {
        return holders(tx, ring).await;
    }
    let mut reading = Vec::new();
    for account in members::accounts(tx, &clear.desk, "consultant").await? {
        if !stands_on_wall(tx, house, &clear.id, &account).await? {
            reading.push(account);
        }
    }
    Ok(reading)
}

/// Everybody who reads a case: who holds the newest key of the ring of its desk.
pub(crate) async fn case_readers(tx: &mut Tx, case: &str) -> Result<Vec<Reader>> {
    let mut readers = Vec::new();
    for ring in ring_rows::of_case(tx, case).await?.iter().filter(|ring| ring.kind == RingKind::Case.code()) {
        for grant in ring_rows::holders(tx, &ring.id, ring.epoch).await? {
            readers.push(Reader { public: PublicKey::from_bytes(&grant.public_half)?, name: grant.reader });
        }
    }
    Ok(readers)
}

/// A consultant of the desk who may be given keys of a case.
pub(crate) async fn consultant(tx: &mut Tx, house: House<'_>, clear: &Clear, account: &str) -> Result<Reader> {
    if stands_on_wall(tx, house, &clear.id, account).await? {
        return Err(error::rule("この人は、この事案の当事者か、当事者の課の職員です。読む人にはなれません。"));
    }
    if !members::has_role(tx, &clear.desk, account, "consultant").await? {
        return Err(error::rule("この窓口の相談員だけが、読む人になれます。"));
    }
    if !house.kinds.of(&clear.desk)?.is_sealed() {
        return Err(desk_key::read_by_all());
    }
    match members::key(tx, account).await? {
        Some(key) => Ok(Reader { name: ring::account(account), public: PublicKey::from_bytes(&key.public_half)? }),
        None => Err(error::rule("この人は、まだ窓口の鍵を作っていません。")),
    }
}

/// A new epoch of a ring, without an account where one is named, and everything in it sealed anew.
pub(crate) async fn renew(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    ring: &mut Keys,
    without: Option<&str>,
    officers: &[Officer],
) -> Result<()> {
    let outer = case::outer_key(house, &ring.case)?;
    let without = without.map(ring::account);
    ring::renew(tx, entropy, ring, without.as_deref(), &outer, officers).await?;
    seal::write_anew(tx, entropy, ring).await?;
    ring::forget(tx, ring).await
}

/// Takes a reader away: new epochs of every ring that the writer holds. Of a guarded ring that the writer does not hold,
/// the reader's keys go, and its next holder seals it anew when they write.
pub(crate) async fn take_away(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    clear: &Clear,
    keys: &mut [Keys],
    account: &str,
) -> Result<()> {
    let officers = glass::officers(tx, house, clear).await?;
    for ring in keys.iter_mut() {
        let is_guarded = ring.kind == RingKind::Welfare;
        if !is_guarded || holders(tx, ring).await?.iter().any(|held| held == account) {
            renew(tx, house, entropy, ring, Some(account), &officers).await?;
        }
    }
    for ring in ring_rows::of_case(tx, &clear.id).await? {
        if keys.iter().all(|held| held.id != ring.id)
            && ring_rows::withdraw(tx, &ring.id, &ring::account(account)).await?
        {
            ring_rows::mark_stale(tx, &ring.id).await?;
        }
    }
    Ok(())
}

/// Whether somebody is the only one who holds a guarded ring of a case: taken away, they would take it with them.
pub(crate) async fn holds_alone(tx: &mut Tx, case: &str, account: &str) -> Result<bool> {
    let own = ring::account(account);
    for ring in ring_rows::of_case(tx, case).await?.iter().filter(|ring| ring.kind == RingKind::Welfare.code()) {
        let all = ring_rows::holders(tx, &ring.id, ring.epoch).await?;
        if all.iter().any(|grant| grant.reader == own) && all.len() == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}
