//! Values sealed for the database by [`store::secret::seal`], as text, under keys derived from the house key.
//!
//! The place names column and row, so that a sealed value cannot be moved to another row.
//! The row keeps its id when it moves to another person, so that a merge needs no new sealing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use store::{Entropy, Tx, secret};

use crate::{PeopleError, Result};

/// Before the value, so that another way of sealing can follow.
const FORM: &str = "x1.";

/// A sealed column.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    /// `address.value_sealed`.
    Address,
    /// `place.text_sealed`.
    Place,
    /// `person.name_sealed`.
    Name,
    /// `household.label_sealed`.
    Label,
    /// `message.fields_sealed`.
    Fields,
    /// `simulated_mail.recipient_sealed`.
    Recipient,
    /// `simulated_mail.subject_sealed`.
    Subject,
    /// `simulated_mail.body_sealed`.
    Body,
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Column::Address => "address.value",
            Column::Place => "place.text",
            Column::Name => "person.name",
            Column::Label => "household.label",
            Column::Fields => "message.fields",
            Column::Recipient => "simulated_mail.recipient",
            Column::Subject => "simulated_mail.subject",
            Column::Body => "simulated_mail.body",
        }
    }

    /// Which key: one for what a person is, one for what was written to them.
    const fn purpose(self) -> &'static str {
        match self {
            Column::Fields | Column::Subject | Column::Body => "people-message-fields",
            _ => "people-address-value",
        }
    }

    fn key(self, tx: &Tx) -> Result<[u8; 32]> {
        Ok(tx.key()?.derive(self.purpose()))
    }
}

/// Seals a value for a row.
pub(crate) fn seal(tx: &Tx, entropy: Entropy<'_>, column: Column, row: &str, plain: &str) -> Result<String> {
    let place = format!("{}/{row}", column.name());
    let sealed = secret::seal(&column.key(tx)?, &place, plain.as_bytes(), entropy).map_err(|_| PeopleError::Sealed)?;
    Ok(format!("{FORM}{}", BASE64.encode(sealed)))
}

/// Opens the sealed value of a row.
pub(crate) fn open(tx: &Tx, column: Column, row: &str, sealed: &str) -> Result<String> {
    let coded = sealed.strip_prefix(FORM).ok_or(PeopleError::Sealed)?;
    let bytes = BASE64.decode(coded).map_err(|_| PeopleError::Sealed)?;
    let place = format!("{}/{row}", column.name());
    let plain = secret::unseal(&column.key(tx)?, &place, &bytes).map_err(|_| PeopleError::Sealed)?;
    String::from_utf8(plain).map_err(|_| PeopleError::Sealed)
}

/// The digest under which a value is found again without being readable: HMAC of its normal form.
pub(crate) fn hash(tx: &Tx, purpose: &str, parts: &[&str]) -> Result<String> {
    let parts: Vec<&[u8]> = parts.iter().map(|p| p.as_bytes()).collect();
    Ok(secret::hex(&secret::mac(&tx.key()?.derive(purpose), &parts)))
}
