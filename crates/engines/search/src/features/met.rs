//! Where the words of a question and a document meet.

use super::asked::{Asked, Here};
use super::{BY_SOUND, SUMMARY};
use crate::Index;
use crate::document::{ASKED, BODY, Counts, OWN, TITLE};

fn in_any(counts: &Counts, fields: std::ops::Range<usize>) -> bool {
    counts[fields].iter().any(|n| *n > 0)
}

fn in_head(counts: &Counts) -> bool {
    in_any(counts, TITLE) || in_any(counts, SUMMARY)
}

/// Where the question and a document meet.
#[derive(Default)]
pub(super) struct Met {
    /// BM25F of the words: in all that it says, in the title, in the body, in the summary, in what people asked.
    pub(super) words: [f32; 5],
    pub(super) readings: [f32; 2],
    /// The more of words and readings: in all that it says, in the title.
    pub(super) either: [f32; 2],
    /// How far each term is met anywhere and in the title, 0 to 1.
    pub(super) anywhere: Vec<f32>,
    pub(super) title: Vec<f32>,
    /// The same with what may stand for it; and in title or summary.
    pub(super) anywhere_or: Vec<f32>,
    pub(super) title_or: Vec<f32>,
    pub(super) head_or: Vec<f32>,
    /// By slot: how much a word counts of the question's and of substitutes' that stand here.
    pub(super) matched: Vec<f32>,
}

pub(super) fn meet(index: &Index, asked: &Asked<'_>, here: &Here, number: u32) -> Met {
    let n = asked.terms.len();
    let mut met = Met {
        anywhere: vec![0.0; n],
        title: vec![0.0; n],
        head_or: vec![0.0; n],
        matched: vec![0.0; asked.words.len()],
        ..Met::default()
    };
    for (i, term) in asked.terms.iter().enumerate() {
        let mut either = [0.0f32; 2];
        if let Some(counts) = here.word(term.word) {
            for (sum, fields) in met.words.iter_mut().zip([OWN, TITLE, BODY, SUMMARY, ASKED]) {
                *sum += term.by_word * index.saturated(number, &counts, fields);
            }
            either = [OWN, TITLE].map(|fields| term.by_word * index.saturated(number, &counts, fields));
            met.anywhere[i] = if in_any(&counts, OWN) { 1.0 } else { 0.0 };
            met.title[i] = if in_any(&counts, TITLE) { 1.0 } else { 0.0 };
            met.head_or[i] = if in_head(&counts) { 1.0 } else { 0.0 };
        }
        if let Some(counts) = here.reading(term.read) {
            let by_sound = [OWN, TITLE].map(|fields| term.by_sound * index.saturated(number, &counts, fields));
            for at in 0..2 {
                met.readings[at] += by_sound[at];
                either[at] = either[at].max(BY_SOUND * by_sound[at]);
            }
            let heard = |known: f32, here: bool| if here { known.max(BY_SOUND) } else { known };
            met.anywhere[i] = heard(met.anywhere[i], in_any(&counts, OWN));
            met.title[i] = heard(met.title[i], in_any(&counts, TITLE));
            met.head_or[i] = heard(met.head_or[i], in_head(&counts));
        }
        for (sum, value) in met.either.iter_mut().zip(either) {
            *sum += value;
        }
        if let Some(slot) = term.word {
            met.matched[slot] = 1.0;
        }
    }
    met.anywhere_or = met.anywhere.clone();
    met.title_or = met.title.clone();
    substitute(asked, here, &mut met);
    met
}

/// Adds what stands for words of the question.
fn substitute(asked: &Asked<'_>, here: &Here, met: &mut Met) {
    for substitute in &asked.substitutes {
        let (mut anywhere, mut title, mut head) = (0.0f32, 0.0f32, 0.0f32);
        for part in &substitute.parts {
            let Some(counts) = here.own_word(part.word).or_else(|| here.own_reading(part.read)) else { continue };
            anywhere += part.idf;
            title += if in_any(&counts, TITLE) { part.idf } else { 0.0 };
            head += if in_head(&counts) { part.idf } else { 0.0 };
            if let Some(slot) = part.word {
                met.matched[slot] = met.matched[slot].max(substitute.weight);
            }
        }
        if substitute.mass <= 0.0 || anywhere <= 0.0 {
            continue;
        }
        // Half a phrase is less than half of it.
        let share = |mass: f32| (mass / substitute.mass).powi(2) * substitute.weight;
        let (anywhere, title, head) = (share(anywhere), share(title), share(head));
        for i in substitute.terms() {
            met.anywhere_or[i] = met.anywhere_or[i].max(anywhere);
            met.title_or[i] = met.title_or[i].max(title);
            met.head_or[i] = met.head_or[i].max(head);
        }
    }
}
