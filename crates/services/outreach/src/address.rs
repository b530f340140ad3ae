//! Where somebody is reached: personal data that no page, log or error can show by accident, and that stands sealed in
//! the database and in its backups.
//!
//! ```
//! fn to_the_channel(address: &outreach::Address) -> &str {
//!     address.reveal_to_channel()
//! }
//! ```
//! ```compile_fail,E0277
//! fn leak(address: &outreach::Address) -> String { format!("{address}") }
//! ```
//! ```compile_fail,E0277
//! fn leak(address: &outreach::Address) -> serde_json::Value { serde_json::json!(address) }
//! ```
//! ```compile_fail,E0614
//! fn leak(address: outreach::Address) -> String { *address }
//! ```

use std::fmt;

use store::{Entropy, StoreError, Tx, secret};

use crate::Channel;

/// An address of a channel, such as a user id of LINE. It has no `Display`, no `Serialize` and no `Deref`; its `Debug`
/// shows nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl Address {
    /// Wraps what a channel told.
    pub fn new(value: impl Into<String>) -> Self {
        Address(value.into())
    }

    /// The value, for the channel that sends to it and for nobody else.
    pub fn reveal_to_channel(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Seals addresses for the database, under keys that are not there. Taken once for many addresses, since keys are
/// derived anew each time.
pub(crate) struct Vault {
    seal: [u8; 32],
    hash: [u8; 32],
}

impl Vault {
    /// With the city's keys. Fails without them.
    pub(crate) fn of(tx: &Tx) -> store::Result<Vault> {
        let key = tx.key()?;
        Ok(Vault { seal: key.derive("outreach-address-value"), hash: key.derive("outreach-address-hash") })
    }

    /// Under which an address is found again without being readable.
    pub(crate) fn hash(&self, channel: Channel, address: &Address) -> String {
        secret::hex(&secret::mac(&self.hash, &[channel.code().as_bytes(), address.0.as_bytes()]))
    }

    /// The address of a row, sealed; it opens in this row alone.
    pub(crate) fn seal(&self, row: &str, address: &Address, entropy: Entropy<'_>) -> store::Result<Vec<u8>> {
        secret::seal(&self.seal, &place(row), address.0.as_bytes(), entropy)
    }

    /// The address of a row.
    pub(crate) fn open(&self, row: &str, sealed: &[u8]) -> store::Result<Address> {
        let plain = secret::unseal(&self.seal, &place(row), sealed)?;
        String::from_utf8(plain).map(Address).map_err(|_| StoreError::Key("a sealed address is no text".into()))
    }
}

fn place(row: &str) -> String {
    format!("outreach_recipient.address/{row}")
}
