//! What is kept of a picture: ranges of its file, and what is put between them.

use std::ops::Range;

/// A part of the picture as it will be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Bytes of the file.
    Kept(Range<usize>),
    /// Bytes of our own.
    Made(Vec<u8>),
}

/// A picture whose form was read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    /// Width as it is stored, in pixels.
    pub(super) width: u32,
    /// Height as it is stored.
    pub(super) height: u32,
    /// How it is to be turned (TIFF tag 274): 1 as it is, 5 to 8 on its side. 0 where nothing is said.
    pub(super) orientation: u16,
    /// What stays, in order.
    pub(super) parts: Vec<Part>,
}

impl Picture {
    /// Keeps a range of the file.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        self.parts.push(Part::Kept(range));
    }

    /// Width and height as they are shown.
    pub(super) fn shown(&self) -> (u32, u32) {
        if (5..=8).contains(&self.orientation) { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Whether dropping the orientation would turn it.
    pub(super) fn is_turned(&self) -> bool {
        (2..=8).contains(&self.orientation)
    }

    /// The file that is stored.
    pub(super) fn assemble(self, file: &[u8]) -> Vec<u8> {
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
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes, high one first.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Two bytes, low one first.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}
