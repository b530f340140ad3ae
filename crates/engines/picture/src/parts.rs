//! What is kept of a picture: ranges of its file, and what is put between them.

use std::ops::Range;

/// A part of the picture as it will be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Bytes of the file.
    Kept(Range<usize>),
    /// Bytes of our own.
    Made(Vec<u8>),
}

/// A picture whose form was read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Width as it is stored, in pixels.
    pub width: u32,
    /// Height as it is stored.
    pub height: u32,
    /// How it is to be turned (TIFF tag 274): 1 as it is, 5 to 8 on its side. 0 where nothing is said.
    pub(crate) orientation: u16,
    /// What stays, in order.
    pub(crate) parts: Vec<Part>,
}

impl Picture {
    /// Keeps a range of the file.
    pub(crate) fn keep(&mut self, range: Range<usize>) {
        self.parts.push(Part::Kept(range));
    }

    /// Width and height as they are shown.
    pub fn shown(&self) -> (u32, u32) {
        if (5..=8).contains(&self.orientation) { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Whether dropping the orientation would turn it.
    pub(crate) fn is_turned(&self) -> bool {
        (2..=8).contains(&self.orientation)
    }

    /// The file that is stored.
    pub fn assemble(self, file: &[u8]) -> Vec<u8> {
        let mut made = Vec::with_capacity(file.len());
        for part in self.parts {
            match part {
                Part::Kept(range) => made.extend_from_slice(file.get(range).unwrap_or_default()),
                Part::Made(bytes) => made.extend_from_slice(&bytes),
            }
        }
        made
    }
}

/// `N` bytes from a place on.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes, high one first.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Two bytes, low one first.
pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}
