//! What an import would do, article by article, before it is done.

use std::collections::HashMap;

use city::Lang;

use super::Incoming;
use crate::revision::changed_fields;
use crate::{Article, Field};

/// An article that an import would add or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewLine {
    /// Code.
    pub code: String,
    /// Its question in Japanese, as the file has it.
    pub question: String,
    /// The fields that would change; empty for a new article.
    pub changed: Vec<Field>,
}

/// The articles of a file that are new or differ from those that are there, in the order of the file.
pub fn preview<'a>(incoming: &[Incoming], present: impl IntoIterator<Item = &'a Article>) -> Vec<PreviewLine> {
    let present: HashMap<&str, &Article> = present.into_iter().map(|a| (a.code.as_str(), a)).collect();
    let mut lines = Vec::new();
    for Incoming { code, content, .. } in incoming {
        let changed = match present.get(code.as_str()) {
            Some(article) if article.content.hash() == content.hash() => continue,
            Some(article) => changed_fields(&article.content, content),
            None => Vec::new(),
        };
        lines.push(PreviewLine { code: code.clone(), question: content.text(Lang::Ja).0.question.clone(), changed });
    }
    lines
}
