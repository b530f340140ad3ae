//! Cases: opened, read, written on, closed, shredded.

use ::store::audit::{self, Event};
use ::store::{Entropy, Tx, ids, number};
use vault::{OuterKey, PublicKey};

use crate::entry::{By, Channel, Speaker, What, Wishes};
use crate::file::{CaseFile, entry};
use crate::pen::{self, Pen};
use crate::ring::{Keys, Reader, RingKind};
use crate::seal::Placed;
use crate::store::{case as rows, member as members, ring as ring_rows};
use crate::{CaseError, House, Kind, Result, Unlocked, clock, desk_key, error, glass, ring, seal, wall};

pub use crate::listing::{Listed, Why, gather, list};
pub use crate::store::case::Clear;

/// Code of the bullying desk.
pub const BULLYING: &str = "bullying";

/// A case on its way.
#[derive(Clone, Debug)]
pub struct NewCase<'a> {
    /// Code of its desk.
    pub desk: &'a str,
    /// How it came in.
    pub channel: Channel,
    /// Who speaks.
    pub speaker: Speaker,
    /// School, as far as it was named.
    pub school: &'a str,
    /// The first words.
    pub words: &'a str,
    /// What is wanted.
    pub wishes: Wishes,
    /// Danger signs that the city's rules saw in the words: name and why.
    pub signs: Vec<(String, String)>,
    /// Who writes it down.
    pub by: By,
}

/// A case that a reader has open.
#[derive(Clone, Debug)]
pub struct View {
    /// What is clear of it.
    pub clear: Clear,
    /// What it is now.
    pub file: CaseFile,
}

fn stream(case: &str) -> String {
    format!("case/{case}")
}

/// An event in the chain of a case: ids and kinds, never a word.
pub(crate) async fn note(
    tx: &mut Tx,
    house: House<'_>,
    case: &str,
    actor: &str,
    action: &str,
    fields: &[&str],
) -> Result<()> {
    let event = Event { actor, action, object_kind: "case", object: case, fields };
    Ok(audit::record_in(tx, house.clock, &stream(case), event).await?)
}

/// The outer key of a case; a case whose key was destroyed is not there.
pub(crate) fn outer_key(house: House<'_>, case: &str) -> Result<OuterKey> {
    house.outer.get(case)?.ok_or(CaseError::NotFound)
}

/// Whoever works at a desk and can be given keys; where the house keeps its cases, the desk itself.
async fn desk_readers(tx: &mut Tx, house: House<'_>, kind: &Kind) -> Result<Vec<Reader>> {
    let desk = &kind.desk;
    if !kind.is_sealed() {
        return Ok(vec![desk_key::reader(house, desk)?]);
    }
    let mut readers = Vec::new();
    for key in members::keys(tx, desk, "consultant").await? {
        let public = PublicKey::from_bytes(&key.public_half)?;
        readers.push(Reader { name: ring::account(&key.account), public });
    }
    if readers.is_empty() {
        return Err(error::rule("この窓口には、鍵を作った相談員がまだいません。ほかの窓口に相談してください。"));
    }
    Ok(readers)
}

/// Opens a case in the caller's transaction, for everybody who works at its desk, and for the reporter if there is a
/// receipt. Returns its id and number.
///
/// The process needs no key for it: it makes new ones, seals them to the readers' public halves, and forgets them.
pub(crate) async fn open_in(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    new: NewCase<'_>,
    reporter: Option<Reader>,
) -> Result<(String, String)> {
    let now = house.clock.now();
    let kind = house.kinds.of(new.desk)?;
    let staff = desk_readers(tx, house, kind).await?;
    let id = ids::opaque_id(entropy);
    let outer = OuterKey::generate(entropy);
    // Kept before anything is sealed under it; a key without a case does no harm, a case without its key is lost.
    house.outer.keep(&id, &outer)?;
    let number = number::next(tx, &kind.number, now).await?;
    let accountable = match &new.by {
        By::Account(account) => Some(account.clone()),
        By::Reporter => None,
    };
    let mut clear = Clear {
        id: id.clone(),
        desk: new.desk.into(),
        accountable,
        version: 1,
        records: 0,
        has_news: new.by == By::Reporter,
        is_open: true,
        retain_until: None,
        has_hold: false,
        shredded_at: None,
    };
    rows::insert(tx, &clear).await?;
    let officers = glass::officers(tx, house, &clear).await?;
    let desk_ring = ring::make(tx, entropy, &id, RingKind::Case, &outer, &staff, &officers).await?;
    let mut talkers = staff;
    talkers.extend(reporter);
    let talk_ring = ring::make(tx, entropy, &id, RingKind::Talk, &outer, &talkers, &officers).await?;
    let opened = What::Opened {
        number: number.clone(),
        channel: new.channel,
        speaker: new.speaker,
        school: new.school.trim().into(),
    };
    let mut first = vec![opened, What::Said { words: new.words.trim().into() }];
    if new.wishes != Wishes::default() {
        first.push(What::Wished(new.wishes));
    }
    first.extend(new.signs.into_iter().map(|(rule, why)| What::Sign { rule, why }));
    let mut placed = Vec::new();
    for what in first {
        crate::file::looks_right(&what)?;
        let keys = if what.is_talk() { &talk_ring } else { &desk_ring };
        clear.records += 1;
        let next = entry(now, new.by.clone(), what);
        placed.push(seal::write(tx, entropy, keys, clear.records, &next).await?);
    }
    settle(tx, house, entropy, &mut clear, &desk_ring, placed).await?;
    let actor = actor(&new.by);
    note(tx, house, &id, &actor, "case.open", &["opened"]).await?;
    Ok((id, number))
}

fn actor(by: &By) -> String {
    match by {
        By::Reporter => "reporter".into(),
        By::Account(id) => format!("account:{id}"),
    }
}

/// Opens a case that somebody of the desk writes down: a call, a letter, a visit. The receipt for whoever spoke is
/// made by [`crate::report`].
pub async fn open(house: House<'_>, entropy: Entropy<'_>, new: NewCase<'_>) -> Result<(String, String)> {
    let mut tx = house.db.write().await?;
    let made = open_in(&mut tx, house, entropy, new, None).await?;
    tx.commit().await?;
    Ok(made)
}

/// Brings summary, clocks and the clear row to what the entries say. `desk_ring` opens the ring of the desk.
pub(crate) async fn settle(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    clear: &mut Clear,
    desk_ring: &Keys,
    entries: Vec<Placed>,
) -> Result<CaseFile> {
    let now = house.clock.now();
    let file = CaseFile::of(entries, house.kinds.of(&clear.desk)?, house.calendar)?.ok_or(CaseError::Unreadable)?;
    seal::write_summary(tx, entropy, desk_ring, clear.version, &file.summary(now)).await?;
    clock::write(tx, entropy, &clear.id, house.kinds.of(&clear.desk)?, &file.clocks, now).await?;
    clear.accountable = file.accountable_on(now.jst_date()).map(str::to_owned);
    rows::save(tx, clear).await?;
    Ok(file)
}

/// Reads a case. The view stands in its chain before anything is shown, and ends what was news in it.
///
/// Whoever is no reader, or stands on the wall, gets the same answer as for a case that is not there.
pub async fn view(house: House<'_>, who: &Unlocked, case: &str) -> Result<View> {
    let mut tx = house.db.write().await?;
    let (mut clear, _, entries) = unlock(&mut tx, house, who, case).await?;
    let file = CaseFile::of(entries, house.kinds.of(&clear.desk)?, house.calendar)?.ok_or(CaseError::NotFound)?;
    let seen: &[&str] = if file.backgrounds.is_empty() { &["entries"] } else { &["entries", "welfare"] };
    note(&mut tx, house, case, &who.actor(), "case.view", seen).await?;
    let accountable = file.accountable_on(house.clock.now().jst_date()).map(str::to_owned);
    // What an officer reads through the glass is no news to the desk the less.
    let ends_news = clear.has_news && !glass::is_guest(&mut tx, case, &who.account).await?;
    // A deputy's time may have ended since somebody last wrote.
    if ends_news || clear.accountable != accountable {
        clear.has_news &= !ends_news;
        clear.accountable = accountable;
        rows::save(&mut tx, &clear).await?;
    }
    tx.commit().await?;
    Ok(View { clear, file })
}

/// The desk of a case, if there is such a case; it stands clear.
pub async fn desk_of(tx: &mut Tx, case: &str) -> Result<Option<String>> {
    Ok(rows::get(tx, case).await?.map(|clear| clear.desk))
}

/// Locks a case and opens all that a reader holds of it.
pub(crate) async fn unlock(
    tx: &mut Tx,
    house: House<'_>,
    who: &Unlocked,
    case: &str,
) -> Result<(Clear, Vec<Keys>, Vec<Placed>)> {
    let clear = rows::lock(tx, case).await?.ok_or(CaseError::NotFound)?;
    let outer = outer_key(house, case)?;
    if wall::stands_on(tx, case, &outer, &who.account, &(house.sections)(&who.account)).await? {
        return Err(CaseError::NotFound);
    }
    let mut keys = ring::open_all(tx, case, &who.reader(), &who.secret, &outer).await?;
    // Whoever holds another ring alone, as a participant does, is no reader of the case.
    of_kind(&keys, RingKind::Case)?;
    let mut entries = Vec::new();
    for ring in &mut keys {
        entries.extend(seal::read(tx, ring).await?);
    }
    entries.sort_by_key(|placed| placed.seq);
    Ok((clear, keys, entries))
}

/// Whoever writes must see what participants were told and said: else summary and clocks would forget it. Readers hold
/// their rings; somebody who came through the glass may not.
pub(crate) async fn must_hold_all(tx: &mut Tx, case: &str, keys: &[Keys]) -> Result<()> {
    let rings = ring_rows::of_case(tx, case).await?;
    let mut partners = rings.iter().filter(|ring| ring.kind == RingKind::Partner.code());
    if partners.all(|ring| keys.iter().any(|held| held.id == ring.id)) {
        return Ok(());
    }
    Err(error::rule("この事案の一部を読めないため、書けません。ほかの相談員に書いてもらってください。"))
}

pub(crate) fn of_kind(keys: &[Keys], kind: RingKind) -> Result<&Keys> {
    keys.iter().find(|ring| ring.kind == kind).ok_or(CaseError::NotFound)
}

/// Writes entries into a case, all or none. `version` is the one that the writer saw: whoever writes over another's
/// change is told. What is said to a participant comes into their ring too ([`What::Referred`], [`What::Recommended`]).
pub async fn add(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    what: Vec<What>,
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    for what in what {
        if what.is_written_apart() {
            return Err(error::rule("この記録は、その手続きの欄から書いてください。"));
        }
        pen.write(&mut tx, entropy, what).await?;
    }
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// Lets another member of the desk read a case, with what participants were told and said. Nobody who stands on its
/// wall or takes part in it from outside. What stands behind it at home is not with it.
pub async fn add_reader(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    account: &str,
) -> Result<()> {
    add_reader_with(house, entropy, who, case, account, false).await
}

/// The same, and `with_welfare` also what stands behind it at home, as far as the giver reads it.
pub async fn add_reader_with(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    account: &str,
    with_welfare: bool,
) -> Result<()> {
    let mut tx = house.db.write().await?;
    let (clear, keys, entries) = unlock(&mut tx, house, who, case).await?;
    let reader = pen::consultant(&mut tx, house, &clear, account).await?;
    let file = CaseFile::of(entries, house.kinds.of(&clear.desk)?, house.calendar)?.ok_or(CaseError::NotFound)?;
    if file.participants.iter().any(|known| known.account == account && known.left.is_none()) {
        return Err(error::rule("この人は、参加者としてこの事案に加わっています。読む人にはなれません。"));
    }
    for ring in keys.iter().filter(|ring| with_welfare || ring.kind != RingKind::Welfare) {
        ring::grant(&mut tx, entropy, ring, &reader).await?;
    }
    note(&mut tx, house, case, &who.actor(), "case.reader-add", &[account]).await?;
    if with_welfare && keys.iter().any(|ring| ring.kind == RingKind::Welfare) {
        note(&mut tx, house, case, &who.actor(), "case.welfare-reader-add", &[account]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Who reads a case, for somebody who does: accounts, in order.
pub async fn readers(house: House<'_>, who: &Unlocked, case: &str) -> Result<Vec<String>> {
    let mut tx = house.db.write().await?;
    let (clear, keys, _) = unlock(&mut tx, house, who, case).await?;
    pen::reading(&mut tx, house, &clear, of_kind(&keys, RingKind::Case)?).await
}

/// Takes a member's keys of a case away. What was written before is sealed anew under a key that they never had.
pub async fn remove_reader(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    account: &str,
) -> Result<()> {
    let mut tx = house.db.write().await?;
    let opened = unlock(&mut tx, house, who, case).await?;
    if account == who.account {
        return Err(error::rule("自分を外すことはできません。ほかの相談員に頼んでください。"));
    }
    if !house.kinds.of(&opened.0.desk)?.is_sealed() {
        return Err(desk_key::read_by_all());
    }
    if !pen::holders(&mut tx, of_kind(&opened.1, RingKind::Case)?).await?.iter().any(|held| held == account) {
        return Err(CaseError::NotFound);
    }
    let mut pen = Pen::with(&mut tx, house, entropy, who, opened).await?;
    let is_named = pen.clear.accountable.as_deref() == Some(account);
    if is_named || pen.file.answers(account, house.clock.now().jst_date()) {
        return Err(error::rule("この人がこの事案の担当です。先にほかの相談員に引き継いでください。"));
    }
    if pen::holds_alone(&mut tx, case, account).await? {
        return Err(error::rule(
            "この人だけが読める記録があります。ほかの相談員も読めるようにしてもらってから、外してください。",
        ));
    }
    pen::take_away(&mut tx, house, entropy, &pen.clear, &mut pen.keys, account).await?;
    note(&mut tx, house, case, &who.actor(), "case.reader-remove", &[account]).await?;
    pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps a case beyond its time (legal hold), or ends that. The reason stands in the case.
pub async fn hold(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    holds: bool,
    reason: &str,
) -> Result<()> {
    let mut tx = house.db.write().await?;
    let (mut clear, keys, mut entries) = unlock(&mut tx, house, who, case).await?;
    must_hold_all(&mut tx, case, &keys).await?;
    let what = What::Note { words: reason.trim().into() };
    crate::file::looks_right(&what)?;
    clear.has_hold = holds;
    clear.version += 1;
    clear.records += 1;
    let ring = of_kind(&keys, RingKind::Case)?;
    let next = entry(house.clock.now(), By::Account(who.account.clone()), what);
    entries.push(seal::write(&mut tx, entropy, ring, clear.records, &next).await?);
    settle(&mut tx, house, entropy, &mut clear, ring, entries).await?;
    note(&mut tx, house, case, &who.actor(), "case.hold", &[if holds { "on" } else { "off" }]).await?;
    tx.commit().await?;
    Ok(())
}

/// Shreds every case whose time of keeping is over and that nobody holds back: first its outer key, so that no backup
/// opens it any more, then its rows. Cut off in between, the next run goes on. Returns how many.
pub async fn shred_due(house: House<'_>) -> Result<usize> {
    let mut tx = house.db.read().await?;
    let due = rows::to_shred(&mut tx, house.clock.now()).await?;
    drop(tx);
    let mut shredded = 0;
    for id in due {
        let mut tx = house.db.write().await?;
        let Some(mut clear) = rows::lock(&mut tx, &id).await? else { continue };
        let is_due = clear.retain_until.is_some_and(|until| until <= house.clock.now());
        if !is_due || clear.has_hold || clear.is_open {
            continue;
        }
        house.outer.destroy(&id)?;
        rows::remove_contents(&mut tx, &id).await?;
        clear.shredded_at = Some(house.clock.now());
        clear.has_news = false;
        rows::save(&mut tx, &clear).await?;
        note(&mut tx, house, &id, "job:casework", "case.shred", &[]).await?;
        tx.commit().await?;
        shredded += 1;
    }
    Ok(shredded)
}
