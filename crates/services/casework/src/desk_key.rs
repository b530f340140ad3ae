//! The key of a desk whose cases the house keeps ([`Keeper::House`]): everybody with the role at the desk reads its
//! cases, so that its readers are one: the desk. The key lies with the outer keys, outside of the database and its
//! backups; a stolen database reads nothing of these cases either, a stolen server all.

use ::store::Entropy;
use vault::{KeyPair, OuterKey};

use crate::kind::Keeper;
use crate::member::{self, DeskRole};
use crate::ring::Reader;
use crate::{CaseError, House, Result, Unlocked, error, overview};

/// What stands before the desk's code in the name of a reader.
const READER: &str = "desk:";

/// The name of a desk as a reader.
pub(crate) fn name(desk: &str) -> String {
    format!("{READER}{desk}")
}

/// Where the key lies among the outer keys. Ids of cases do not begin so.
pub fn place(desk: &str) -> String {
    let digits: String = desk.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("de5c-{digits}")
}

fn pair(house: House<'_>, desk: &str) -> Result<KeyPair> {
    Ok(house.outer.get(&place(desk))?.ok_or_else(|| lost(desk))?.desk_pair(desk))
}

/// The desk as a reader of the cases that are opened there.
pub(crate) fn reader(house: House<'_>, desk: &str) -> Result<Reader> {
    Ok(Reader { name: name(desk), public: pair(house, desk)?.public })
}

fn lost(desk: &str) -> CaseError {
    CaseError::Outer(format!("the key of the desk {desk} is not there; put the folder back from its own copy"))
}

/// Makes the keys of the desks whose cases the house keeps, where there are none. Fails where a desk has changed hands:
/// what was sealed to its readers cannot be opened by the house, and the other way round.
pub async fn prepare(house: House<'_>, entropy: Entropy<'_>) -> Result<()> {
    let with_cases = overview::desks(&mut house.db.read().await?).await?;
    for kind in house.kinds.all() {
        let has_key = house.outer.get(&place(&kind.desk))?.is_some();
        let has_cases = with_cases.contains(&kind.desk);
        match (kind.keeper, has_key) {
            (Keeper::House, true) | (Keeper::Readers, false) => {}
            (Keeper::House, false) if has_cases => {
                return Err(error::rule(format!(
                    "the desk {} has cases that were sealed to their readers, or its key is lost; it cannot be kept by \
                     the house",
                    kind.desk
                )));
            }
            (Keeper::House, false) => make(house, entropy, &kind.desk)?,
            (Keeper::Readers, true) => {
                return Err(error::rule(format!(
                    "the cases of the desk {} are kept by the house; they cannot be sealed to readers afterwards",
                    kind.desk
                )));
            }
        }
    }
    Ok(())
}

fn make(house: House<'_>, entropy: Entropy<'_>, desk: &str) -> Result<()> {
    match house.outer.keep(&place(desk), &OuterKey::generate(entropy)) {
        Ok(()) => Ok(()),
        Err(error) => match house.outer.get(&place(desk)) {
            // Another process was faster.
            Ok(Some(_)) => Ok(()),
            _ => Err(error),
        },
    }
}

/// Opens such a desk for somebody who is a consultant there now. To all others it is not there.
pub async fn enter(house: House<'_>, account: &str, desk: &str) -> Result<Unlocked> {
    if house.kinds.get(desk).is_none_or(|kind| kind.keeper != Keeper::House) {
        return Err(CaseError::NotFound);
    }
    let mut tx = house.db.read().await?;
    if !member::has_role(&mut tx, desk, account, DeskRole::Consultant).await? {
        return Err(CaseError::NotFound);
    }
    let secret = pair(house, desk)?.secret;
    Ok(Unlocked { account: account.into(), secret, desk: Some(desk.into()) })
}

/// The refusal of what changes the readers of single cases.
pub(crate) fn read_by_all() -> CaseError {
    error::rule("この窓口の事案は、窓口の相談員がみな読みます。読む人を事案ごとに変えることはできません。")
}
