//! Files, as their entries hold them.

use serde::{Deserialize, Serialize};

/// To whom a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// To the reporter and the desk: it lies in the ring of the talk.
    Talk,
    /// To the desk alone: it lies in the ring of the case.
    Case,
    /// To one participant: a copy of a file of the case, in what was disclosed to them. It says nothing of who sees the
    /// file of which it is a copy.
    Participant,
}

/// What a file is, by its bytes and by nothing that its sender says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// Plain text in UTF-8.
    Text,
    /// Anything else; never shown within a page.
    Other,
}

/// A file (添付), as its entry holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// To whom it is shown.
    pub shown: Shown,
    /// Id of its bytes in the store of files.
    pub blob: String,
    /// Key of its bytes. The entry is sealed, so it stands here as it is, and follows the entry into a new epoch.
    #[serde(with = "key_text")]
    pub key: vault::file::FileKey,
    /// Name, tidied.
    pub name: String,
    /// True size, in bytes.
    pub bytes: u64,
    /// What it is.
    pub media: Media,
}

mod key_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vault::file::FileKey;
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(key: &FileKey, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&Zeroizing::new(store::secret::hex(&*key.to_bytes())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FileKey, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        let nibble = |at: usize| text.as_bytes().get(at).and_then(|b| char::from(*b).to_digit(16));
        let mut bytes = Zeroizing::new([0u8; 32]);
        for (at, byte) in bytes.iter_mut().enumerate() {
            let (Some(high), Some(low)) = (nibble(2 * at), nibble(2 * at + 1)) else {
                return Err(D::Error::custom("no file key"));
            };
            *byte = (high * 16 + low) as u8;
        }
        if text.len() != 64 {
            return Err(D::Error::custom("no file key"));
        }
        FileKey::from_bytes(&*bytes).map_err(|_| D::Error::custom("no file key"))
    }
}
