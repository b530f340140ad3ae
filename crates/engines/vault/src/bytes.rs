//! Leading bytes of all forms, unambiguous lists of parts, and a reader of bytes.

use crate::error::{Result, VaultError};

/// The leading byte of each stored form: its kind in the high half, its version in the low half.
pub(crate) mod form {
    pub(crate) const WRAPPED: u8 = 0x11;
    pub(crate) const RECORD: u8 = 0x21;
    pub(crate) const HYBRID: u8 = 0x31;
    pub(crate) const FILE: u8 = 0x41;
    pub(crate) const LOCKED: u8 = 0x51;
    pub(crate) const SESSION: u8 = 0x61;
    pub(crate) const SHARE: u8 = 0x71;
    pub(crate) const WORK: u8 = 0x81;
}

/// A list of parts as bytes: the domain and each part with its length (8 bytes, big endian) before it, so that no two
/// lists are alike.
pub(crate) fn parts(domain: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in std::iter::once(&domain.as_bytes()).chain(parts) {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    all
}

/// Takes bytes from the front; running short is an error of the named form.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    form: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], form: &'static str) -> Self {
        Reader { rest: bytes, form }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (front, rest) = self.rest.split_first_chunk::<N>().ok_or(VaultError::Form(self.form))?;
        self.rest = rest;
        Ok(*front)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// The leading byte, which must be this one.
    pub(crate) fn leading(&mut self, byte: u8) -> Result<()> {
        if self.byte()? == byte { Ok(()) } else { Err(VaultError::Form(self.form)) }
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// That nothing is left.
    pub(crate) fn end(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(VaultError::Form(self.form)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_parts_are_alike() {
        let lists: [&[&[u8]]; 6] = [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"", b"ab"]];
        for (i, a) in lists.iter().enumerate() {
            for b in &lists[i + 1..] {
                assert_ne!(parts("domain", a), parts("domain", b), "{a:?} {b:?}");
            }
        }
        assert_ne!(parts("a", &[b"b"]), parts("b", &[b"a"]));
    }

    #[test]
    fn a_reader_refuses_what_is_short_and_what_is_left() {
        let mut reader = Reader::new(&[7, 1, 2], "test");
        assert_eq!(reader.leading(8), Err(VaultError::Form("test")));
        assert_eq!(reader.array::<3>(), Err(VaultError::Form("test")));
        assert_eq!(reader.array::<1>(), Ok([1]));
        assert_eq!(reader.end(), Err(VaultError::Form("test")));
    }
}
