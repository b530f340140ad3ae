//! Participants (参加者): people from outside — the board of education, a school, welfare, police, a lawyer — who take
//! part in one case and see of it what was disclosed to them (開示), item by item, and nothing else.
//!
//! Each has a ring of their own, which every reader of the case holds too. What is disclosed is a copy, in the words that
//! the consultant chose; the entry from which it came stays where it is. [`crate::partner`] is their side.

use ::store::{Entropy, Tx, ids};
use calendar::Instant;
use serde::{Deserialize, Serialize};
use vault::PublicKey;

use crate::case::{self, View};
use crate::entry::{Attached, Shown, What};
use crate::error::{field, rule};
use crate::file::{CaseFile, has_consent};
use crate::member::DeskRole;
use crate::pen::{self, Pen};
use crate::ring::{self, Reader, RingKind};
use crate::seal::Placed;
use crate::store::member as members;
use crate::{House, Result, Unlocked, attachment, glass};

/// From where a participant comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerKind {
    /// 教育委員会.
    BoardOfEducation,
    /// 学校.
    School,
    /// 福祉.
    Welfare,
    /// 警察.
    Police,
    /// 弁護士.
    Lawyer,
    /// その他.
    Other,
}

impl PartnerKind {
    /// All, in the order of the form.
    pub const ALL: [PartnerKind; 6] = [
        PartnerKind::BoardOfEducation,
        PartnerKind::School,
        PartnerKind::Welfare,
        PartnerKind::Police,
        PartnerKind::Lawyer,
        PartnerKind::Other,
    ];

    /// What people see.
    pub const fn name(self) -> &'static str {
        match self {
            PartnerKind::BoardOfEducation => "教育委員会",
            PartnerKind::School => "学校",
            PartnerKind::Welfare => "福祉",
            PartnerKind::Police => "警察",
            PartnerKind::Lawyer => "弁護士",
            PartnerKind::Other => "その他",
        }
    }

    /// Whether what they know is known to the school.
    pub const fn reaches_school(self) -> bool {
        matches!(self, PartnerKind::BoardOfEducation | PartnerKind::School)
    }
}

/// How somebody came to take part, as its entry holds it. They read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Id of the participant in this case.
    pub id: String,
    /// Their account.
    pub account: String,
    /// From where they come.
    pub kind: PartnerKind,
    /// Whether the school would know by them, though they are not of it.
    #[serde(default)]
    pub reaches_school: bool,
    /// What for.
    pub purpose: String,
    /// Who consented, when, in which words.
    pub consent: String,
}

/// What a participant was told, as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosed {
    /// Its id in this case.
    pub id: String,
    /// Id of the participant.
    pub participant: String,
    /// Id of the entry of which it is a copy, perhaps in other words.
    #[serde(default)]
    pub from_entry: Option<String>,
    /// What it is about; of a file, the name under which they get it.
    pub title: String,
    /// The words; may be empty beside a file.
    pub words: String,
    /// A file of the case, with its key and under the chosen name: who opens the ring opens its bytes and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Attached>,
}

/// What was taken back from a participant, for the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// What they had been told.
    pub disclosed: Disclosed,
    /// When they had been told.
    pub disclosed_at: Instant,
    /// Why it was taken back.
    pub reason: String,
}

/// What a participant was told, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// What.
    pub disclosed: Disclosed,
    /// When.
    pub at: Instant,
    /// When and why it was taken back.
    pub withdrawn: Option<(Instant, String)>,
}

/// Words of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// When.
    pub at: Instant,
    /// What.
    pub words: String,
}

/// Somebody who takes or took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Their id in this case.
    pub id: String,
    /// Their account.
    pub account: String,
    /// How they came to it.
    pub invitation: Invitation,
    /// Since when.
    pub since: Instant,
    /// When and why they left.
    pub left: Option<(Instant, String)>,
    /// What they were told, in order.
    pub disclosures: Vec<Disclosure>,
    /// What they said, in order.
    pub said: Vec<Words>,
}

impl Participant {
    /// Whether what they know is known to the school.
    pub fn reaches_school(&self) -> bool {
        self.invitation.kind.reaches_school() || self.invitation.reaches_school
    }

    /// Whether they see a copy of an entry now.
    pub fn sees(&self, entry: &str) -> bool {
        let of_entry = |told: &&Disclosure| told.disclosed.from_entry.as_deref() == Some(entry);
        self.disclosures.iter().filter(of_entry).any(|told| told.withdrawn.is_none())
    }
}

/// Takes an entry into the participants of a case.
pub(crate) fn take(all: &mut Vec<Participant>, placed: &Placed) {
    let at = placed.entry.at;
    let find = |all: &mut Vec<Participant>, id: &str| all.iter().position(|known| known.id == id);
    match &placed.entry.what {
        What::Invited(invitation) => all.push(Participant {
            id: invitation.id.clone(),
            account: invitation.account.clone(),
            invitation: invitation.clone(),
            since: at,
            left: None,
            disclosures: Vec::new(),
            said: Vec::new(),
        }),
        What::Uninvited { id, reason } => {
            if let Some(found) = find(all, id) {
                all[found].left = Some((at, reason.clone()));
            }
        }
        What::Disclosed(disclosed) => {
            if let Some(found) = find(all, &disclosed.participant) {
                all[found].disclosures.push(Disclosure { disclosed: disclosed.clone(), at, withdrawn: None });
            }
        }
        What::DisclosureWithdrawn(Withdrawn { disclosed, disclosed_at, reason }) => {
            if let Some(found) = find(all, &disclosed.participant) {
                let withdrawn = Some((at, reason.clone()));
                let told = Disclosure { disclosed: disclosed.clone(), at: *disclosed_at, withdrawn };
                all[found].disclosures.push(told);
            }
        }
        What::PartnerSaid { words } => {
            if let Some(found) = placed.whose.as_deref().and_then(|id| find(all, id)) {
                all[found].said.push(Words { at, words: words.clone() });
            }
        }
        _ => {}
    }
}

pub(crate) fn may_invite(file: &CaseFile, invitation: &Invitation) -> Result<()> {
    has_consent(&invitation.consent)?;
    if file.participants.iter().any(|known| known.account == invitation.account && known.left.is_none()) {
        return Err(rule("この人は、もうこの事案に加わっています。"));
    }
    if invitation.kind.reaches_school() || invitation.reaches_school { file.may_reach_school() } else { Ok(()) }
}

pub(crate) fn may_disclose(file: &CaseFile, disclosed: &Disclosed) -> Result<()> {
    let participant = file.taking_part(&disclosed.participant)?;
    if participant.reaches_school() {
        // The wish may have changed since they came.
        file.may_reach_school()?;
    }
    let Some(from) = &disclosed.from_entry else { return Ok(()) };
    match file.entries.iter().find(|placed| placed.id == *from) {
        None => Err(rule("その記録は、この事案にありません。")),
        // A copy would be read by whoever does not hold the guarded ring.
        Some(placed) if placed.ring == RingKind::Welfare => {
            Err(rule("家庭や生活の背景は、記録から選んで開示することはできません。"))
        }
        Some(_) => Ok(()),
    }
}

/// Whom to invite.
#[derive(Clone, Copy, Debug)]
pub struct Invite<'a> {
    /// Their account.
    pub account: &'a str,
    /// From where they come.
    pub kind: PartnerKind,
    /// Whether the school would know by them, though they are not of it.
    pub reaches_school: bool,
    /// What for. They read it.
    pub purpose: &'a str,
    /// Who consented, when, in which words. They read it.
    pub consent: &'a str,
}

/// Something to be disclosed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Id of the entry; none for words of their own.
    pub from_entry: Option<String>,
    /// What it is about; of a file, the name under which it is given.
    pub title: String,
    /// Other words than those of the entry, as with names masked; none for the entry's own. A file needs none.
    pub words: Option<String>,
}

/// Accounts that can be invited at a desk: partners with a key, in order. Whether one stands on the wall of a case is told
/// when they are invited.
pub async fn candidates(tx: &mut Tx, desk: &str) -> Result<Vec<String>> {
    let keys = members::keys(tx, desk, DeskRole::Partner.code()).await?;
    Ok(keys.into_iter().map(|key| key.account).collect())
}

async fn able(tx: &mut Tx, house: House<'_>, pen: &Pen<'_>, account: &str) -> Result<Reader> {
    if pen::stands_on_wall(tx, house, &pen.clear.id, account).await? {
        return Err(rule("この人は、この事案の当事者か、当事者の課の職員です。参加者にはなれません。"));
    }
    if !members::has_role(tx, &pen.clear.desk, account, DeskRole::Partner.code()).await? {
        return Err(field("account", "この窓口の連携先として登録された人だけが、参加者になれます。"));
    }
    match members::key(tx, account).await? {
        Some(key) => Ok(Reader { name: ring::account(account), public: PublicKey::from_bytes(&key.public_half)? }),
        None => Err(field("account", "この人は、まだ自分の鍵を作っていません。")),
    }
}

/// Lets somebody from outside take part. Returns also their id in the case.
pub async fn invite(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    invite: Invite<'_>,
) -> Result<(View, String)> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let id = ids::opaque_id(entropy);
    let what = What::Invited(Invitation {
        id: id.clone(),
        account: invite.account.into(),
        kind: invite.kind,
        reaches_school: invite.reaches_school,
        purpose: invite.purpose.trim().into(),
        consent: invite.consent.trim().into(),
    });
    pen.allows(&what)?;
    let partner = able(&mut tx, house, &pen, invite.account).await?;
    if pen.reading(&mut tx).await?.iter().any(|account| account == invite.account) {
        return Err(field("account", "この人は、この事案を読む相談員です。参加者にはなれません。"));
    }
    let mut readers = pen::case_readers(&mut tx, case).await?;
    readers.push(partner);
    let officers = glass::shared(&mut tx, house, &pen.clear, pen.desk_ring()?).await?;
    let outer = case::outer_key(house, case)?;
    let mut ring = ring::make(&mut tx, entropy, case, RingKind::Partner, &outer, &readers, &officers).await?;
    ring.whose = Some(id.clone());
    pen.keys.push(ring);
    pen.write(&mut tx, entropy, what).await?;
    case::note(&mut tx, house, case, &who.actor(), "case.participant-add", &[invite.account]).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok((view, id))
}

/// Writes copies of what was picked into a participant's ring.
pub(crate) async fn tell(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    pen: &mut Pen<'_>,
    participant: &str,
    items: &[Item],
) -> Result<()> {
    for item in items {
        let from = item.from_entry.as_ref().and_then(|id| pen.entries().iter().find(|placed| placed.id == *id));
        let of_entry = from.and_then(|placed| placed.entry.what.text()).map(str::to_owned);
        let file = from.and_then(|placed| copy(&placed.entry.what, &item.title));
        let own = item.words.as_deref().map(str::trim).filter(|words| !words.is_empty()).map(str::to_owned);
        let of_file = file.as_ref().map(|_| String::new());
        let Some(words) = own.or(of_entry).or(of_file) else {
            return Err(field(
                "words",
                "この記録には、そのまま見せられる文章がありません。見せることばを書いてください。",
            ));
        };
        let disclosed = Disclosed {
            id: ids::opaque_id(entropy),
            participant: participant.into(),
            from_entry: item.from_entry.clone(),
            title: file.as_ref().map_or_else(|| item.title.trim().to_owned(), |file| file.name.clone()),
            words,
            file,
        };
        pen.write(tx, entropy, What::Disclosed(disclosed)).await?;
    }
    Ok(())
}

/// A file of an entry as a participant gets it: its own key, and the name that was chosen for them. Nothing of the copy
/// says what it is called at the desk, or whether the reporter sees it.
fn copy(what: &What, name: &str) -> Option<Attached> {
    let What::Attached(file) = what else { return None };
    let name = match name.trim() {
        "" => String::new(),
        chosen => attachment::renamed(chosen, &file.name),
    };
    Some(Attached { shown: Shown::Participant, name, ..file.clone() })
}

/// Discloses to a participant what was picked, all or nothing.
pub async fn disclose(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (participant, items): (&str, &[Item]),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    if items.is_empty() {
        return Err(rule("開示するものを、一つ以上えらんでください。"));
    }
    tell(&mut tx, entropy, &mut pen, participant, items).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// Takes back what was disclosed: it is gone from the participant's ring, and stands in the case with the reason. What
/// they read before they have read.
pub async fn withdraw(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (disclosure, reason): (&str, &str),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let found = pen.entries().iter().find_map(|placed| match &placed.entry.what {
        What::Disclosed(told) if told.id == disclosure => Some((placed.id.clone(), told.clone(), placed.entry.at)),
        _ => None,
    });
    let Some((entry, disclosed, disclosed_at)) = found else {
        return Err(rule("その開示は、もう取り消されているか、ありません。"));
    };
    pen.strike(&mut tx, &entry).await?;
    let withdrawn = Withdrawn { disclosed, disclosed_at, reason: reason.trim().into() };
    pen.write(&mut tx, entropy, What::DisclosureWithdrawn(withdrawn)).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}

/// Ends somebody's taking part: their keys go, and what was in their ring is sealed anew without them.
pub async fn uninvite(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    version: i64,
    (participant, reason): (&str, &str),
) -> Result<View> {
    let mut tx = house.db.write().await?;
    let mut pen = Pen::take(&mut tx, house, entropy, who, case, version).await?;
    let account = pen.file.taking_part(participant)?.account.clone();
    let what = What::Uninvited { id: participant.into(), reason: reason.trim().into() };
    pen.write(&mut tx, entropy, what).await?;
    pen.part(&mut tx, entropy, participant, &account).await?;
    case::note(&mut tx, house, case, &who.actor(), "case.participant-remove", &[&account]).await?;
    let view = pen.finish(&mut tx, entropy).await?;
    tx.commit().await?;
    Ok(view)
}
