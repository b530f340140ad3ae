//! What a person asked, as terms with weights.

use text::{Analyzer, Class, Token, normal};

use crate::document::{Space, Vocabulary, pairs, weight};

/// Longest question that is analysed, in characters; what comes after says little more.
const MAX_CHARS: usize = 400;

/// A word of the question.
#[derive(Clone, Debug)]
pub struct QueryTerm {
    /// As it was written.
    pub surface: String,
    /// Base form.
    pub base: String,
    /// Reading.
    pub reading: String,
    /// How much it says, 0 to 1.
    pub weight: f32,
    pub(crate) word: Option<u32>,
    pub(crate) read: Option<u32>,
}

/// An analysed question.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words, each base form once.
    pub terms: Vec<QueryTerm>,
    pub(crate) pairs: Vec<u32>,
    /// Pairs of characters in the question, known or not.
    pub(crate) pair_count: usize,
}

impl Query {
    /// Analyses a question of any length and form.
    pub fn new(analyzer: &Analyzer, vocabulary: &Vocabulary, asked: &str) -> Self {
        let asked: String = asked.chars().take(MAX_CHARS).collect();
        let core = text::strip_boilerplate(&normal::normalise(&asked));
        let mut query = Query::default();
        for token in joined(analyzer.tokens_of_normal(&core), vocabulary) {
            let weight = weight(&token);
            if weight <= 0.0 || query.terms.iter().any(|t| t.base == token.base) {
                continue;
            }
            query.terms.push(QueryTerm {
                word: vocabulary.get(Space::Words, &token.base),
                read: vocabulary.get(Space::Readings, &token.reading),
                surface: token.surface,
                base: token.base,
                reading: token.reading,
                weight,
            });
        }
        let mut seen = pairs(&core);
        seen.sort_unstable();
        seen.dedup();
        query.pair_count = seen.len();
        query.pairs = seen.iter().filter_map(|p| vocabulary.get(Space::Pairs, p)).collect();
        query
    }

    /// Whether nothing in the question says anything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.pair_count == 0
    }
}

/// Words written in kana are often cut too small (イン｜カン for 印鑑): neighbours that are nouns in
/// kana become one word where the city's articles know a word of that sound.
pub(crate) fn joined(tokens: Vec<Token>, vocabulary: &Vocabulary) -> Vec<Token> {
    let in_kana = |t: &Token| t.class == Class::Noun && t.surface.chars().all(normal::is_kana);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        let run = rest.iter().take(4).take_while(|t| in_kana(t)).count();
        let word = (2..=run).rev().find_map(|n| {
            let sound: String = rest[..n].iter().map(|t| normal::fold_kana(&t.surface)).collect();
            vocabulary.get(Space::Readings, &sound).map(|_| (n, sound))
        });
        match word {
            Some((n, sound)) => {
                let surface = rest[..n].iter().map(|t| t.surface.as_str()).collect();
                out.push(Token { surface, base: sound.clone(), reading: sound, class: Class::Noun });
                rest = &rest[n..];
            }
            None => {
                out.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    out
}
