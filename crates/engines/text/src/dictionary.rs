//! The dictionary: NAIST-jdic, unidic-csj and the project's own words in one vibrato dictionary.
//!
//! File form: magic, format version, CRC-32 and length of the body (little endian), then the body as vibrato
//! writes it. The head is checked before the body is read, so a damaged file gets a sentence.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use vibrato::{Dictionary, SystemDictionaryBuilder};

use crate::TextError;

const MAGIC: &[u8; 14] = b"MADOGUCHI-DICT";
/// Goes up when the words, the sources or vibrato's form change; part of the file's name at set-up.
pub const FORMAT: u16 = 1;
/// SHA-256 of the archive that holds the sources.
pub const ARCHIVE_SHA256: &str = "20fdc6aeb6c757866034abc175820573db43e4284707c866fcd02c8ec18de71f";
/// Name of the archive.
pub const ARCHIVE: &str = "open-jtalk_1.11.orig.tar.gz";
/// File name that is searched for.
pub const FILE_NAME: &str = "madoguchi.dic";

/// Words that the sources lack.
const OWN_WORDS: &str = include_str!("../dictionary/words.csv");
/// The sources, in the order in which they are put together.
const LEXICONS: [&str; 2] = ["naist-jdic.csv", "unidic-csj.csv"];

/// What compiling did.
#[derive(Clone, Debug)]
pub struct BuildSummary {
    /// Entries that went in.
    pub entries: usize,
    /// Later entries of equal word, connection and cost that were left out.
    pub duplicates: usize,
    /// Words of the project.
    pub own_words: usize,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Compiles the dictionary from the folder `mecab-naist-jdic` of the archive into `target`.
/// The file appears whole or not at all.
pub fn build(sources: &Path, target: &Path) -> Result<BuildSummary, TextError> {
    let mut lexicon = Vec::new();
    let mut seen: HashSet<u128> = HashSet::new();
    let (mut entries, mut duplicates) = (0, 0);
    for name in LEXICONS {
        for line in BufReader::new(open(&sources.join(name))?).lines() {
            let line = line?;
            let key = entry_key(&line)
                .ok_or_else(|| TextError::Source { file: name.into(), reason: format!("{line:?} is not an entry") })?;
            // Of entries with equal cost vibrato keeps the last and MeCab the first; readings
            // follow MeCab's choice, so later ones are left out.
            if seen.insert(key) {
                lexicon.extend_from_slice(line.as_bytes());
                lexicon.push(b'\n');
                entries += 1;
            } else {
                duplicates += 1;
            }
        }
    }
    let own = own_entries(OWN_WORDS, "dictionary/words.csv")?;
    let own_words = own.lines().count();
    lexicon.extend_from_slice(own.as_bytes());
    let dictionary = SystemDictionaryBuilder::from_readers(
        lexicon.as_slice(),
        open(&sources.join("matrix.def"))?,
        open(&sources.join("char.def"))?,
        open(&sources.join("unk.def"))?,
    )
    .map_err(|e| TextError::Source { file: sources.display().to_string(), reason: e.to_string() })?;
    let bytes = write(&dictionary, target)?;
    Ok(BuildSummary { entries: entries + own_words, duplicates, own_words, bytes })
}

fn open(path: &Path) -> Result<std::fs::File, TextError> {
    std::fs::File::open(path).map_err(|source| TextError::Unreadable { path: path.display().to_string(), source })
}

/// Word, connection ids and cost of an entry as a 128-bit hash.
fn entry_key(line: &str) -> Option<u128> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let word_end = match line.strip_prefix('"') {
        Some(rest) => rest.find("\",")? + 2,
        None => line.find(',')?,
    };
    let mut commas = line[word_end + 1..].match_indices(',').map(|(at, _)| at + word_end + 1);
    let end = commas.nth(2)?;
    let hash = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        line[..end].hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Some(hash(1) << 64 | hash(2))
}

/// Entries in the dictionary's form from lines `word,reading,class` (class `noun`, `action` for
/// nouns that take する, `place` for names of places).
pub fn own_entries(csv: &str, file: &str) -> Result<String, TextError> {
    let mut out = String::new();
    for (number, line) in csv.lines().enumerate().skip(1) {
        let wrong =
            |reason: &str| TextError::Source { file: format!("{file}, line {}", number + 1), reason: reason.into() };
        let mut fields = line.split(',').map(str::trim);
        let (Some(word), Some(reading), Some(class), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong("a line is: word,reading,class"));
        };
        if word.is_empty() || !reading.chars().all(crate::normal::is_kana) || reading.is_empty() {
            return Err(wrong("the word must not be empty and the reading is written in katakana"));
        }
        // Connection ids of the NAIST dictionary for these classes of nouns.
        let (id, class) = match class {
            "noun" => (1345, "名詞,一般,*,*"),
            "action" => (1343, "名詞,サ変接続,*,*"),
            "place" => (1353, "名詞,固有名詞,地域,一般"),
            _ => return Err(wrong("the class is noun, action or place")),
        };
        let word = crate::normal::widen(word);
        // Cheap enough to win over its parts, which cost some 3,000 to 8,000 each.
        let cost = 3000 - 200 * i64::try_from(word.chars().count()).unwrap_or(0).min(10);
        out.push_str(&format!("{word},{id},{id},{cost},{class},*,*,{word},{reading},{reading},*/*,*\n"));
    }
    Ok(out)
}

fn write(dictionary: &Dictionary, target: &Path) -> Result<u64, TextError> {
    let mut body = Vec::new();
    dictionary
        .write(&mut body)
        .map_err(|e| TextError::Source { file: target.display().to_string(), reason: e.to_string() })?;
    let part = target.with_extension("part");
    let mut out = BufWriter::new(std::fs::File::create(&part)?);
    out.write_all(MAGIC)?;
    out.write_all(&FORMAT.to_le_bytes())?;
    out.write_all(&crc32fast::hash(&body).to_le_bytes())?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(&body)?;
    let bytes = out.stream_position()?;
    out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
    std::fs::rename(&part, target)?;
    Ok(bytes)
}

/// Reads a dictionary file, checking that it is one, whole and of this version. Returns its CRC-32 as well.
pub fn read(path: &Path) -> Result<(Dictionary, u32), TextError> {
    let shown = || path.display().to_string();
    let wrong = |reason: &str| TextError::Wrong { path: path.display().to_string(), reason: reason.into() };
    let unreadable = |source| TextError::Unreadable { path: shown(), source };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let mut head = [0u8; 28];
    file.read_exact(&mut head).map_err(|_| wrong("it is too short"))?;
    if &head[..14] != MAGIC {
        return Err(wrong("it does not begin like one"));
    }
    if u16::from_le_bytes([head[14], head[15]]) != FORMAT {
        return Err(wrong("it has another format version"));
    }
    let mut crc = [0u8; 4];
    crc.copy_from_slice(&head[16..20]);
    let mut length = [0u8; 8];
    length.copy_from_slice(&head[20..28]);
    let mut body = Vec::new();
    file.read_to_end(&mut body).map_err(unreadable)?;
    if body.len() as u64 != u64::from_le_bytes(length) {
        return Err(wrong("it was cut off"));
    }
    if crc32fast::hash(&body) != u32::from_le_bytes(crc) {
        return Err(wrong("its check sum does not match, it is damaged"));
    }
    let dictionary = Dictionary::read(Cursor::new(body)).map_err(|e| wrong(&e.to_string()))?;
    Ok((dictionary, u32::from_le_bytes(crc)))
}

/// Where a dictionary is looked for, in order: configuration, `MADOGUCHI_DICT`, beside the
/// binary, the user's data folder.
pub fn places(configured: Option<&Path>) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = configured.map(Path::to_owned).into_iter().collect();
    places.extend(std::env::var_os("MADOGUCHI_DICT").map(PathBuf::from));
    if let Ok(binary) = std::env::current_exe()
        && let Some(folder) = binary.parent()
    {
        places.push(folder.join(FILE_NAME));
    }
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    places.extend(data.map(|data| data.join("madoguchi").join(FILE_NAME)));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_are_entries() {
        let rows = own_entries(OWN_WORDS, "words.csv").expect("well-formed");
        assert!(rows.lines().any(|r| r.starts_with("令和,1345,1345,")));
        assert!(own_entries("w\n令和,れ!わ,noun", "x").is_err());
        assert!(own_entries("w\n令和,レイワ", "x").is_err());
    }

    #[test]
    fn equal_word_connection_and_cost_make_one_key() {
        let a = entry_key("土,1,1,5,名詞,ツチ").expect("entry");
        assert_eq!(a, entry_key("土,1,1,5,名詞,ド").expect("entry"));
        assert_ne!(a, entry_key("土,1,1,6,名詞,ド").expect("entry"));
        assert_eq!(entry_key("\"a,b\",1,2,3,x"), entry_key("\"a,b\",1,2,3,y"));
        assert_eq!(entry_key("nothing"), None);
    }

    #[test]
    fn a_wrong_file_gets_a_sentence() {
        let folder = std::env::temp_dir().join(format!("madoguchi-text-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("folder");
        let file = folder.join("x.dic");
        for (bytes, said) in [
            (&b"short"[..], "too short"),
            (&[0u8; 64][..], "does not begin"),
            (b"MADOGUCHI-DICT\x01\x00....\xff\0\0\0\0\0\0\0body", "cut off"),
            (b"MADOGUCHI-DICT\x01\x00....\x04\0\0\0\0\0\0\0body", "check sum"),
        ] {
            std::fs::write(&file, bytes).expect("written");
            let error = read(&file).err().expect("refused").to_string();
            assert!(error.contains(said), "{error}");
        }
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
