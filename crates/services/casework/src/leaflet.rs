//! Leaflets (チラシ): one for each school, with an address that leads to the room, and how many came by it.
//!
//! An arrival adds one to a day's number and is forgotten. Nothing leads from it to a case or to whoever came; still,
//! where few come, a number of one beside a case of the same day may say something. The numbers are for the desk alone.

use ::store::audit::{self, Event};
use ::store::{Entropy, Tx, ids};
use calendar::Date;

use crate::error::field;
use crate::member::{self, DeskRole};
use crate::store::leaflet as rows;
use crate::{CaseError, House, Result};

pub use crate::store::leaflet::{Arrivals, Leaflet};

/// Longest name of a school, in characters.
pub const MAX_SCHOOL: usize = 60;
/// Most leaflets of a desk.
pub const MAX_LEAFLETS: usize = 500;
/// Characters of a code: without those that are read for others.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Length of a code: 32⁸ of them, so that nobody finds one by trying.
const LENGTH: usize = 8;

fn new_code(entropy: Entropy<'_>) -> String {
    let mut bytes = [0u8; LENGTH];
    entropy.fill_bytes(&mut bytes);
    bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
}

/// Who works on leaflets: consultants and supervisors of the desk; to all others there are none.
async fn may(tx: &mut Tx, desk: &str, account: &str) -> Result<()> {
    for role in [DeskRole::Consultant, DeskRole::Supervisor] {
        if member::has_role(tx, desk, account, role).await? {
            return Ok(());
        }
    }
    Err(CaseError::NotFound)
}

/// Makes a leaflet for a school. A school may have several: one for each year, say.
pub async fn make(house: House<'_>, entropy: Entropy<'_>, account: &str, desk: &str, school: &str) -> Result<Leaflet> {
    let school = school.trim();
    match school.chars().count() {
        0 => return Err(field("school", "学校の名前を書いてください。")),
        n if n > MAX_SCHOOL => return Err(field("school", format!("{MAX_SCHOOL}文字までにしてください。"))),
        _ => {}
    }
    let mut tx = house.db.write().await?;
    may(&mut tx, desk, account).await?;
    if rows::all(&mut tx, desk).await?.len() >= MAX_LEAFLETS {
        return Err(field("school", format!("チラシは{MAX_LEAFLETS}枚までです。")));
    }
    let mut leaflet = Leaflet {
        id: ids::new_id(house.clock, entropy),
        code: new_code(entropy),
        school: school.into(),
        made_at: house.clock.now(),
        ended_at: None,
    };
    while !rows::insert(&mut tx, desk, &leaflet).await? {
        leaflet.code = new_code(entropy);
    }
    note(&mut tx, house, account, "leaflet.make", &leaflet.id).await?;
    tx.commit().await?;
    Ok(leaflet)
}

async fn note(tx: &mut Tx, house: House<'_>, account: &str, action: &str, leaflet: &str) -> Result<()> {
    let actor = format!("account:{account}");
    let event = Event { actor: &actor, action, object_kind: "leaflet", object: leaflet, fields: &[] };
    Ok(audit::record(tx, house.clock, event).await?)
}

/// Ends a leaflet: whoever comes by it still comes to the room, and is not counted any more.
pub async fn end(house: House<'_>, account: &str, desk: &str, id: &str) -> Result<()> {
    let mut tx = house.db.write().await?;
    may(&mut tx, desk, account).await?;
    rows::get(&mut tx, desk, id).await?.ok_or(CaseError::NotFound)?;
    if rows::end(&mut tx, id, house.clock.now()).await? {
        note(&mut tx, house, account, "leaflet.end", id).await?;
    }
    Ok(tx.commit().await?)
}

/// A leaflet of a desk.
pub async fn get(tx: &mut Tx, desk: &str, id: &str) -> Result<Option<Leaflet>> {
    Ok(rows::get(tx, desk, id).await?)
}

/// All leaflets of a desk by school.
pub async fn all(tx: &mut Tx, desk: &str) -> Result<Vec<Leaflet>> {
    Ok(rows::all(tx, desk).await?)
}

/// How many came by the leaflets of a desk, day by day.
pub async fn arrivals(tx: &mut Tx, desk: &str) -> Result<Vec<Arrivals>> {
    Ok(rows::arrivals(tx, desk).await?)
}

/// Somebody came to the room by a leaflet. Returns whether it was counted: an unknown code, or one that has ended, is
/// not, and the room opens all the same.
pub async fn arrived(tx: &mut Tx, code: &str, day: Date) -> Result<bool> {
    let code = code.trim().to_ascii_lowercase();
    if code.len() != LENGTH || !code.bytes().all(|byte| DIGITS.contains(&byte)) {
        return Ok(false);
    }
    Ok(rows::count(tx, &code, day).await?)
}

/// Name of the setting with the address of the citizens' pages, as it stands on leaflets.
const ADDRESS: &str = "leaflet.pages";
/// Longest address, in characters.
const MAX_ADDRESS: usize = 120;

/// The address of the citizens' pages as the desk wrote it down, without a slash at its end.
pub async fn address(tx: &mut Tx) -> Result<Option<String>> {
    Ok(city::store::setting(tx, ADDRESS).await.map_err(access::AccessError::from)?)
}

/// Writes down the address of the citizens' pages; later leaflets show it.
pub async fn set_address(house: House<'_>, account: &str, desk: &str, address: &str) -> Result<()> {
    let address = address.trim().trim_end_matches('/');
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://localhost"));
    let plain = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>?#".contains(&byte));
    if !host.is_some_and(|rest| plain(rest) && address.len() <= MAX_ADDRESS) || address == "https://" {
        return Err(field(
            "address",
            "https:// からはじまるアドレスを入れてください。例: https://madoguchi.example.lg.jp",
        ));
    }
    let mut tx = house.db.write().await?;
    may(&mut tx, desk, account).await?;
    city::store::save_setting(&mut tx, ADDRESS, address).await.map_err(access::AccessError::from)?;
    note(&mut tx, house, account, "leaflet.address", desk).await?;
    Ok(tx.commit().await?)
}
