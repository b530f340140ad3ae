//! Heads of all chains, kept in a file outside the database.
//!
//! One line of JSON for each export. A line carries an HMAC of its own, so that a forged line is noticed;
//! of each stream the farthest head over all lines counts, so that an export made after a cut hides nothing.

use std::collections::BTreeMap;
use std::io::BufRead;

use calendar::Instant;
use serde::{Deserialize, Serialize};

use super::Head;
use crate::secret::{hex, mac, same};
use crate::{HouseKey, Result, StoreError};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: Instant,
    heads: Vec<Head>,
    mac: String,
}

/// What a file of heads says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many exports there are.
    pub lines: usize,
    /// Instant of the last one.
    pub at: Option<Instant>,
    /// The farthest head of each stream, by the streams' names.
    pub heads: Vec<Head>,
}

fn line_mac(key: &HouseKey, at: Instant, heads: &[Head]) -> String {
    let at = at.millis().to_be_bytes();
    let events: Vec<[u8; 8]> = heads.iter().map(|head| head.events.to_be_bytes()).collect();
    let mut parts: Vec<&[u8]> = vec![&at];
    for (head, events) in heads.iter().zip(&events) {
        parts.extend([head.stream.as_bytes(), events, head.mac.as_bytes()]);
    }
    hex(&mac(&key.derive("audit-heads"), &parts))
}

/// The line of one export, with its end of line.
pub fn to_line(key: &HouseKey, at: Instant, heads: Vec<Head>) -> Result<String> {
    let mac = line_mac(key, at, &heads);
    let text = serde_json::to_string(&Line { at, heads, mac }).map_err(std::io::Error::from)?;
    Ok(text + "\n")
}

/// Reads a file of heads. A line that is cut off, damaged or made with another key is an error with its number.
pub fn read(key: &HouseKey, mut input: impl BufRead) -> Result<Exported> {
    let mut farthest: BTreeMap<String, Head> = BTreeMap::new();
    let mut found = Exported::default();
    let mut text = Vec::new();
    while input.read_until(b'\n', &mut text)? > 0 {
        let line = found.lines + 1;
        let read = one(key, &text).map_err(|reason| StoreError::Heads { line, reason })?;
        for head in read.heads {
            if farthest.get(&head.stream).is_none_or(|known| known.events < head.events) {
                farthest.insert(head.stream.clone(), head);
            }
        }
        found.at = found.at.max(Some(read.at));
        found.lines = line;
        text.clear();
    }
    found.heads = farthest.into_values().collect();
    Ok(found)
}

fn one(key: &HouseKey, text: &[u8]) -> Result<Line, String> {
    if text.last() != Some(&b'\n') {
        return Err("it was cut off while it was written; remove it, the lines before it count".into());
    }
    let line: Line = serde_json::from_slice(text).map_err(|e| format!("it is damaged or no export of heads ({e})"))?;
    if !same(line_mac(key, line.at, &line.heads).as_bytes(), line.mac.as_bytes()) {
        return Err("its seal is wrong: it was changed, or made with another city's key".into());
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> HouseKey {
        HouseKey::new([3; 32])
    }

    fn head(stream: &str, events: i64) -> Head {
        Head { stream: stream.into(), events, mac: format!("mac of {stream} {events}") }
    }

    fn two_lines() -> String {
        let first = to_line(&key(), Instant::from_millis(1000), vec![head("a", 9), head("b", 2)]);
        let second = to_line(&key(), Instant::from_millis(2000), vec![head("a", 4), head("b", 3)]);
        first.expect("a line") + &second.expect("a line")
    }

    #[test]
    fn of_each_stream_the_farthest_head_counts() {
        let exported = read(&key(), two_lines().as_bytes()).expect("read");
        assert_eq!(exported.heads, [head("a", 9), head("b", 3)]);
        assert_eq!((exported.lines, exported.at), (2, Some(Instant::from_millis(2000))));
        assert_eq!(read(&key(), &b""[..]).expect("empty"), Exported::default());
    }

    #[test]
    fn whatever_is_changed_is_told_with_its_line() {
        let whole = two_lines();
        let first = whole.lines().next().map_or(0, |line| line.len() + 1);
        for at in 0..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            let expected = if at < first { 1 } else { 2 };
            match read(&key(), bytes.as_slice()) {
                Err(StoreError::Heads { line, .. }) => assert_eq!(line, expected, "byte {at}"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
        for length in (1..whole.len()).filter(|length| *length != first) {
            let cut = read(&key(), &whole.as_bytes()[..length]).expect_err("cut");
            assert!(cut.to_string().contains("cut off"), "{length}: {cut}");
        }
        let other = read(&HouseKey::new([4; 32]), whole.as_bytes()).expect_err("another key").to_string();
        assert!(other.starts_with("line 1: ") && other.contains("another city's key"), "{other}");
    }
}
