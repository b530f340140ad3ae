//! The addresses at which a person is reached.

use calendar::{Clock, Instant};
use store::{Entropy, Tx, ids};

use crate::guarded::{ChannelAddress, Guard};
use crate::person::{self, Person};
use crate::seal::{self, Column};
use crate::store::address as rows;
use crate::{PeopleError, Result, mail_address, phone_number};

/// Key under which the digests of addresses are made.
const HASH: &str = "people-address";

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Mail over SMTP.
    Mail,
    /// LINE.
    Line,
    /// Telephone.
    Phone,
    /// Letters.
    Post,
}

impl Channel {
    /// All channels.
    pub const ALL: [Channel; 4] = [Channel::Mail, Channel::Line, Channel::Phone, Channel::Post];

    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Line => "line",
            Channel::Phone => "phone",
            Channel::Post => "post",
        }
    }

    /// The channel with a code.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|c| c.code() == code)
    }
}

/// Whether an address is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In use.
    Active,
    /// Mail to it came back for good.
    Bounced,
    /// The person took it back.
    Withdrawn,
}

impl State {
    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Bounced => "bounced",
            State::Withdrawn => "withdrawn",
        }
    }

    fn from_code(code: &str) -> State {
        [State::Active, State::Bounced].into_iter().find(|s| s.code() == code).unwrap_or(State::Withdrawn)
    }
}

/// An address of a person.
#[derive(Clone, Debug)]
pub struct Address {
    /// Id.
    pub id: String,
    /// Whose.
    pub person: String,
    /// Which channel.
    pub channel: Channel,
    /// The address; comes out through the policy.
    pub value: ChannelAddress,
    /// When the person showed that it is theirs.
    pub verified_at: Option<Instant>,
    /// The person says that this one is safe also under secrecy.
    pub safe: bool,
    /// Whether it is used.
    pub state: State,
    /// When it was added.
    pub created_at: Instant,
}

/// The normal form of an address as typed, or what is wrong with it.
fn normal(channel: Channel, typed: &str) -> Result<String> {
    match channel {
        Channel::Mail => mail_address::parse(typed)
            .map_err(|e| PeopleError::Invalid { field: "mail", reason: e.sentence().to_owned() }),
        Channel::Phone => phone_number::parse(typed)
            .map_err(|sentence| PeopleError::Invalid { field: "phone", reason: sentence.to_owned() }),
        Channel::Line | Channel::Post => Err(PeopleError::Invalid {
            field: "channel",
            reason: "この連絡方法はまだ登録できません。メールアドレスか電話番号を登録してください。".into(),
        }),
    }
}

/// The digest of a normal form. Servers may tell upper case from lower case before the `@`; people do not.
fn hash(tx: &Tx, channel: Channel, normal: &str) -> Result<String> {
    seal::hash(tx, HASH, &[channel.code(), &normal.to_lowercase()])
}

/// Adds an address; returns its id. One that the person has already stays; it becomes active again,
/// and must be verified again, if it was withdrawn or had bounced.
pub async fn add(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    person: &str,
    channel: Channel,
    typed: &str,
) -> Result<String> {
    let value = normal(channel, typed)?;
    let person = person::held(tx, person).await?;
    let id = ids::new_id(clock, entropy);
    let sealed = seal::seal(tx, entropy, Column::Address, &id, &value)?;
    let hash = hash(tx, channel, &value)?;
    let kept = rows::upsert(tx, &id, &person.id, channel.code(), &sealed, &hash, clock.now()).await?.unwrap_or(id);
    person::record(tx, clock, actor, "person.address.add", &person.id, &["address"]).await?;
    Ok(kept)
}

/// One address with the guard of its owner.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Address> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    let owner = person::get(tx, &row.person).await?;
    read(tx, &owner, row)
}

/// The addresses of a person: verified ones first, the newest of them first.
pub async fn of_person(tx: &mut Tx, person: &str) -> Result<Vec<Address>> {
    let owner = person::followed(tx, person).await?;
    let found = rows::of_person(tx, &owner.id).await?;
    found.into_iter().map(|row| read(tx, &owner, row)).collect()
}

fn read(tx: &Tx, owner: &Person, row: rows::Row) -> Result<Address> {
    let guard = match owner.guard() {
        Guard::Open => Guard::Open,
        _ if row.safe => Guard::SecretSafe,
        _ => Guard::Secret,
    };
    let value = seal::open(tx, Column::Address, &row.id, &row.value_sealed)?;
    Ok(Address {
        value: ChannelAddress::new(value, guard),
        channel: Channel::from_code(&row.channel).ok_or(PeopleError::State)?,
        verified_at: row.verified_at,
        safe: row.safe,
        state: State::from_code(&row.state),
        created_at: row.created_at,
        person: row.person,
        id: row.id,
    })
}

/// The persons who have an address, by its digest; merged records count as the one they point to. An
/// address that cannot be read is nobody's.
pub async fn find(tx: &mut Tx, channel: Channel, typed: &str) -> Result<Vec<String>> {
    let Ok(value) = normal(channel, typed) else { return Ok(Vec::new()) };
    let hash = hash(tx, channel, &value)?;
    let mut found = Vec::new();
    for id in rows::persons_with(tx, channel.code(), &hash).await? {
        let person = person::followed(tx, &id).await?;
        if !found.contains(&person.id) {
            found.push(person.id);
        }
    }
    Ok(found)
}

/// The person showed that the address is theirs. Fails with [`PeopleError::State`] if it is not in use.
pub async fn verify(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<()> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    if !rows::set_verified(tx, id, clock.now()).await? {
        return Err(PeopleError::State);
    }
    person::record(tx, clock, actor, "person.address.verify", &row.person, &["address"]).await
}

/// The person says that an address is safe also under secrecy, or no longer.
pub async fn set_safe(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, safe: bool) -> Result<()> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    rows::set_safe(tx, id, safe, clock.now()).await?;
    person::record(tx, clock, actor, "person.address.safe", &row.person, &["safe"]).await
}

/// The person takes an address back.
pub async fn withdraw(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<()> {
    put(tx, clock, actor, id, State::Withdrawn, "person.address.withdraw").await
}

/// Mail to it came back for good.
pub(crate) async fn bounce(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str) -> Result<()> {
    put(tx, clock, actor, id, State::Bounced, "person.address.bounce").await
}

async fn put(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, state: State, action: &str) -> Result<()> {
    let row = rows::get(tx, id).await?.ok_or(PeopleError::NotFound)?;
    if rows::set_state(tx, id, state.code(), clock.now()).await? {
        person::record(tx, clock, actor, action, &row.person, &["address"]).await?;
    }
    Ok(())
}
