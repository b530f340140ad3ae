//! Files of a sealed case, encrypted as they arrive and in constant memory.
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance", CRYPTO 2015) over XChaCha20-Poly1305: `0x41 ‖ nonce prefix (19)`, then chunks of 64 KiB with a
//! tag of 16 bytes each. The nonce of a chunk is the prefix, a counter of 4 bytes and one byte that marks the last, so
//! a chunk that is missing, doubled, moved or appended does not open. Each file has its own key, so a chunk of another
//! file does not open either.
//!
//! In each chunk, the first 4 bytes (big endian) say how much of it is content; the rest is zeros. All chunks together
//! are padded ([`crate::file_size`]); the true length can be told only by who can open the file.
//!
//! Where bytes go is a `&mut dyn Write`, so that the ciphers are compiled here, with this crate's optimisation.

use std::io::{Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::Entropy;
use crate::aead::TAG;
use crate::bytes::form;
use crate::case_key::DataKey;
use crate::error::{Result, VaultError};
use crate::padding::file_plain_size;
use crate::record::{self, Place};
use crate::secret::Secret32;

/// Most bytes of content: 500 MiB.
pub const LONGEST: u64 = 500 << 20;
/// Bytes of a chunk before encryption.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Bytes of the leading byte and the nonce prefix.
pub(crate) const HEADER: usize = 1 + PREFIX;
const PREFIX: usize = 19;
/// Bytes in a chunk that say how much of it is content.
const USED: usize = 4;

/// The key of one file. It is stored sealed like a record of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKey(Secret32);

impl FileKey {
    /// A new key, for one file only.
    pub fn generate(rng: Entropy<'_>) -> Self {
        FileKey(Secret32::random(rng))
    }

    /// Seals the key in its place ([`record::seal`]). A new epoch seals it anew and leaves the file as it is, unless the
    /// policy wants the file encrypted anew.
    pub fn seal(&self, key: &DataKey, place: Place<'_>, rng: Entropy<'_>) -> Result<Vec<u8>> {
        record::seal(key, place, self.0.bytes(), rng)
    }

    /// Opens what [`FileKey::seal`] made; errors as [`record::open`].
    pub fn open(key: &DataKey, place: Place<'_>, sealed: &[u8]) -> Result<Self> {
        Secret32::from_slice(&record::open(key, place, sealed)?, "file key").map(FileKey)
    }

    /// The 32 bytes, for an entry that is sealed itself: sealed anew with it, the key follows a new epoch.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.bytes())
    }

    /// From such an entry; any length but 32 is [`VaultError::Form`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Secret32::from_slice(bytes, "file key").map(FileKey)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.bytes().into())
    }
}

/// Encrypts content that arrives piece by piece. After an error nothing more is written: what was written is worthless
/// and to be thrown away. A value dropped without [`Sealer::finish`] leaves a file that does not open.
pub struct Sealer {
    /// Taken at the end, or when something failed.
    stream: Option<EncryptorBE32<XChaCha20Poly1305>>,
    header: [u8; HEADER],
    /// The chunk that is being filled; it is kept back until it is known whether it is the last.
    chunk: Zeroizing<Vec<u8>>,
    content: u64,
    /// Bytes of whole chunks that were written, before encryption.
    written: u64,
}

impl Sealer {
    /// Begins a file.
    pub fn new(key: &FileKey, rng: Entropy<'_>) -> Self {
        let mut header = [form::FILE; HEADER];
        rng.fill_bytes(&mut header[1..]);
        let stream = EncryptorBE32::from_aead(key.cipher(), &prefix(&header).into());
        Sealer { stream: Some(stream), header, chunk: empty_chunk(), content: 0, written: 0 }
    }

    /// Takes the next piece, of any size, and writes the chunks that are full. More than [`LONGEST`] bytes in all are
    /// [`VaultError::TooLong`].
    pub fn update(&mut self, mut bytes: &[u8], out: &mut dyn Write) -> Result<()> {
        if self.stream.is_none() {
            return Err(VaultError::Failed);
        }
        self.content = self.content.saturating_add(bytes.len() as u64);
        if self.content > LONGEST {
            self.stream = None;
            return Err(VaultError::TooLong);
        }
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.write(out)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the rest with its padding; gives the true length in bytes.
    pub fn finish(mut self, out: &mut dyn Write) -> Result<u64> {
        let total = file_plain_size(self.content);
        while total - self.written > CHUNK as u64 {
            self.write(out)?;
        }
        let last = self.stream.take().ok_or(VaultError::Failed)?;
        self.begin(out)?;
        self.close_chunk((total - self.written) as usize);
        last.encrypt_last_in_place(&self.header, &mut *self.chunk).map_err(|_| VaultError::TooLong)?;
        out.write_all(&self.chunk)?;
        out.flush()?;
        Ok(self.content)
    }

    /// Writes a chunk that is not the last.
    fn write(&mut self, out: &mut dyn Write) -> Result<()> {
        // Put back only when the chunk went out whole.
        let mut stream = self.stream.take().ok_or(VaultError::Failed)?;
        self.begin(out)?;
        self.close_chunk(CHUNK);
        stream.encrypt_next_in_place(&self.header, &mut *self.chunk).map_err(|_| VaultError::TooLong)?;
        out.write_all(&self.chunk)?;
        self.written += CHUNK as u64;
        self.chunk.clear();
        self.chunk.resize(USED, 0);
        self.stream = Some(stream);
        Ok(())
    }

    fn begin(&self, out: &mut dyn Write) -> Result<()> {
        if self.written == 0 {
            out.write_all(&self.header)?;
        }
        Ok(())
    }

    /// Says in the chunk how much of it is content, and pads it.
    fn close_chunk(&mut self, size: usize) {
        let used = (self.chunk.len() - USED) as u32;
        self.chunk[..USED].copy_from_slice(&used.to_be_bytes());
        self.chunk.resize(size, 0);
    }
}

/// Decrypts a file that is read piece by piece. Each chunk is checked before it is written; that the file is whole is
/// known only when [`Opener::finish`] returns, so until then what was written is not to be taken for the file.
pub struct Opener {
    key: FileKey,
    /// Begun with the header; taken at the end, or when something failed.
    stream: Option<DecryptorBE32<XChaCha20Poly1305>>,
    header: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
    content: u64,
    plain: u64,
    /// A chunk was not full of content, so none can follow in later ones.
    ended: bool,
    failed: bool,
}

impl Opener {
    /// Begins to read a file.
    pub fn new(key: &FileKey) -> Self {
        Opener {
            key: key.clone(),
            stream: None,
            header: Vec::with_capacity(HEADER),
            chunk: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)),
            content: 0,
            plain: 0,
            ended: false,
            failed: false,
        }
    }

    /// Takes the next piece, of any size, and writes the content of chunks that are whole. After an error nothing more
    /// is written.
    pub fn update(&mut self, bytes: &[u8], out: &mut dyn Write) -> Result<()> {
        if self.failed {
            return Err(VaultError::Failed);
        }
        let done = self.take(bytes, out);
        self.failed = done.is_err();
        done
    }

    fn take(&mut self, bytes: &[u8], out: &mut dyn Write) -> Result<()> {
        let (header, mut bytes) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
        self.header.extend_from_slice(header);
        if self.header.first().is_some_and(|leading| *leading != form::FILE) {
            return Err(VaultError::Form("sealed file"));
        }
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK + TAG {
                let header = self.whole_header()?;
                let mut stream = self.begun(&header);
                stream.decrypt_next_in_place(&header, &mut *self.chunk).map_err(|_| VaultError::Opaque)?;
                self.stream = Some(stream);
                self.write(out)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK + TAG - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Opens the last chunk and says whether the file is whole; gives the true length in bytes. A file that was cut,
    /// lengthened or changed, and one of another key, is [`VaultError::Opaque`].
    pub fn finish(mut self, out: &mut dyn Write) -> Result<u64> {
        if self.failed {
            return Err(VaultError::Failed);
        }
        let header = self.whole_header()?;
        self.begun(&header).decrypt_last_in_place(&header, &mut *self.chunk).map_err(|_| VaultError::Opaque)?;
        self.write(out)?;
        // Whoever has the key can seal in other sizes; what is made here has one size for one length.
        if self.plain != file_plain_size(self.content) {
            return Err(VaultError::Opaque);
        }
        out.flush()?;
        Ok(self.content)
    }

    fn whole_header(&self) -> Result<[u8; HEADER]> {
        self.header.as_slice().try_into().map_err(|_| VaultError::Form("sealed file"))
    }

    fn begun(&mut self, header: &[u8; HEADER]) -> DecryptorBE32<XChaCha20Poly1305> {
        self.stream.take().unwrap_or_else(|| DecryptorBE32::from_aead(self.key.cipher(), &prefix(header).into()))
    }

    /// Writes the content of a chunk that was opened.
    fn write(&mut self, out: &mut dyn Write) -> Result<()> {
        let used = self.chunk.first_chunk::<USED>().map(|bytes| u32::from_be_bytes(*bytes) as usize);
        let end = used.ok_or(VaultError::Opaque)?.saturating_add(USED);
        if end > self.chunk.len() || (self.ended && end > USED) {
            return Err(VaultError::Opaque);
        }
        out.write_all(&self.chunk[USED..end])?;
        self.ended |= end < CHUNK;
        self.content += (end - USED) as u64;
        self.plain += self.chunk.len() as u64;
        self.chunk.clear();
        Ok(())
    }
}

/// Encrypts all that `from` gives; returns the true length in bytes.
pub fn seal(key: &FileKey, mut from: impl Read, mut to: impl Write, rng: Entropy<'_>) -> Result<u64> {
    let mut sealer = Sealer::new(key, rng);
    pump(&mut from, |piece| sealer.update(piece, &mut to))?;
    sealer.finish(&mut to)
}

/// Decrypts all that `from` gives; returns the true length in bytes. On an error, what was written is to be thrown away.
pub fn open(key: &FileKey, mut from: impl Read, mut to: impl Write) -> Result<u64> {
    let mut opener = Opener::new(key);
    pump(&mut from, |piece| opener.update(piece, &mut to))?;
    opener.finish(&mut to)
}

fn pump(from: &mut impl Read, mut to: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut piece = Zeroizing::new(vec![0; CHUNK]);
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => to(&piece[..length])?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn empty_chunk() -> Zeroizing<Vec<u8>> {
    let mut chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
    chunk.resize(USED, 0);
    chunk
}

fn prefix(header: &[u8; HEADER]) -> [u8; PREFIX] {
    let mut prefix = [0; PREFIX];
    prefix.copy_from_slice(&header[1..]);
    prefix
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
