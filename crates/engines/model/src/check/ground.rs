//! What is true: the texts of a source, cut into segments and made ready for comparing.

use std::collections::HashSet;

use text::Analyzer;

use super::plain::{flat, plain, sentences};
use super::polarity::{Predicate, predicates};
use super::quantity::{Quantity, quantities, with_parts};
use super::support::{self, Content};
use super::swap::{Anchored, anchored};
use crate::prompt::Task;
use crate::source::{Source, SourceArticle};
use crate::suspect;

/// A sentence or a line of a source.
pub(crate) struct Segment {
    pub(crate) content: Content,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) anchored: Vec<Anchored>,
}

/// One article, or what belongs to all of them.
pub(crate) struct Piece {
    pub(crate) segments: Vec<Segment>,
    /// Everything in one line, to look for names in.
    pub(crate) flat: String,
    /// Latin words.
    pub(crate) latin: HashSet<String>,
    /// In [`plain`] form, spaces kept between Latin words.
    pub(crate) plain: String,
    pub(crate) quantities: Vec<Quantity>,
    /// Key, what it is called, quantities of its value.
    pub(crate) facts: Vec<(String, String, Vec<Quantity>)>,
    /// Values of facts: what may hold an address.
    pub(crate) values: String,
}

/// Pieces of the articles in their order, then what may be said of any of them.
pub(crate) struct Ground {
    pub(crate) articles: Vec<Piece>,
    pub(crate) common: Option<Piece>,
}

impl Ground {
    pub(crate) fn new(task: &Task, source: &Source, words: &Analyzer) -> Self {
        let articles = source.articles.iter().map(|a| Piece::of_article(a, words)).collect();
        let common: Vec<String> = match task {
            Task::Rephrase { .. } => Vec::new(),
            Task::AskBack { choices, .. } => choices.clone(),
            Task::Condense { thread } => thread.iter().map(|t| t.text.clone()).collect(),
        };
        let common = (!common.is_empty()).then(|| Piece::new(&common, Vec::new(), words));
        Ground { articles, common }
    }

    /// The pieces that a sentence may rest on: those articles, and what belongs to all.
    pub(crate) fn pieces<'a>(&'a self, articles: &'a [usize]) -> impl Iterator<Item = &'a Piece> {
        articles.iter().filter_map(|n| self.articles.get(*n)).chain(&self.common)
    }
}

impl Piece {
    fn of_article(article: &SourceArticle, words: &Analyzer) -> Self {
        let mut texts = vec![article.question.clone(), article.summary.clone(), article.answer.clone()];
        // A label stands with its value, so that 手数料は300円 is found in one segment.
        texts.extend(article.facts.iter().map(|f| format!("{}は{}", f.label, f.value)));
        texts.extend([article.section.clone(), article.phone.clone()]);
        texts.extend(article.also.iter().cloned());
        let facts = article.facts.iter();
        let facts = facts.map(|f| (f.key.clone(), f.label.clone(), with_parts(quantities(&f.value)))).collect();
        let mut piece = Piece::new(&texts, facts, words);
        let values: Vec<&str> = article.facts.iter().map(|f| f.value.as_str()).collect();
        piece.values = plain(&values.join("\n"));
        piece
    }

    fn new(texts: &[String], facts: Vec<(String, String, Vec<Quantity>)>, words: &Analyzer) -> Self {
        let all: Vec<String> = texts.iter().flat_map(|t| sentences(t)).collect();
        // A sentence that speaks to a machine is no statement of the city.
        let trusted: Vec<String> = all.into_iter().filter(|s| suspect::speaks_to_model(s).is_none()).collect();
        let segments = trusted.iter().map(|s| Segment::new(s, words)).collect();
        let joined = trusted.join("\n");
        let latin = words.tokens(&joined).into_iter().filter(|t| t.class == text::Class::Latin);
        let flat = trusted.iter().map(|s| flat(s)).collect::<Vec<_>>().join("\n");
        let quantities = trusted.iter().flat_map(|s| with_parts(quantities(s))).collect();
        Piece {
            segments,
            flat,
            latin: latin.flat_map(|t| [t.surface, t.base]).collect(),
            plain: trusted.iter().map(|s| plain(s)).collect::<Vec<_>>().join("\n"),
            quantities,
            facts,
            values: String::new(),
        }
    }

    /// How much of a sentence stands here.
    pub(crate) fn support(&self, content: &Content) -> f64 {
        let segments: Vec<&Content> = self.segments.iter().map(|s| &s.content).collect();
        support::score(content, &segments)
    }
}

impl Segment {
    fn new(sentence: &str, words: &Analyzer) -> Self {
        Segment {
            content: Content::of(sentence, words),
            predicates: predicates(sentence, words),
            anchored: anchored(sentence, words),
        }
    }
}
