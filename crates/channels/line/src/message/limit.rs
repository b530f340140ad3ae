//! Where in a request something is, and what is wrong with it.

use unicode_segmentation::UnicodeSegmentation;

/// Something that LINE would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {sentence}")]
pub struct Invalid {
    /// Where, as LINE writes it: `messages[0].text`.
    pub place: String,
    /// What is wrong, in a sentence that does not repeat the text itself.
    pub sentence: String,
}

/// A place in a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place(String);

/// Length as JavaScript counts it.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Length as a reader counts it.
pub(crate) fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Whether a text is an address of the web of at most `most` characters.
pub(crate) fn web_address(text: &str, schemes: &[&str], most: usize) -> bool {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    units(text) <= most
        && rest.is_some_and(|r| !r.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

impl Place {
    pub(crate) fn then(&self, name: &str) -> Place {
        Place(if self.0.is_empty() { name.to_owned() } else { format!("{}.{name}", self.0) })
    }

    pub(crate) fn item(&self, name: &str, index: usize) -> Place {
        Place(format!("{}[{index}]", self.then(name).0))
    }

    pub(crate) fn wrong(&self, name: &str, sentence: String) -> Invalid {
        Invalid { place: self.then(name).0, sentence }
    }

    /// A text that must be there, counted in UTF-16 code units.
    pub(crate) fn text(&self, name: &str, text: &str, most: usize) -> Result<(), Invalid> {
        self.counted(name, units(text), most)
    }

    /// A text that must be there, counted in grapheme clusters.
    pub(crate) fn label(&self, name: &str, text: &str, most: usize) -> Result<(), Invalid> {
        self.counted(name, graphemes(text), most)
    }

    fn counted(&self, name: &str, count: usize, most: usize) -> Result<(), Invalid> {
        match count {
            0 => Err(self.wrong(name, "it may not be empty".into())),
            n if n > most => Err(self.wrong(name, format!("it has {n} characters, at most {most} are allowed"))),
            _ => Ok(()),
        }
    }

    /// An address by https of at most 2,000 characters.
    pub(crate) fn https(&self, name: &str, text: &str) -> Result<(), Invalid> {
        let sentence = || "it must begin with https:// and have at most 2,000 characters".to_owned();
        if web_address(text, &["https://"], 2_000) { Ok(()) } else { Err(self.wrong(name, sentence())) }
    }
}
