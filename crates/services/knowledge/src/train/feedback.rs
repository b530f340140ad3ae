//! Learning from what citizens said of answers, corrected by how likely they were to see them.
//!
//! What stands first is read most. Whoever counts only how often an article helped teaches the model to repeat the
//! order that it had. So each "helped" counts by the inverse of the probability that a place is looked at
//! (inverse propensity scoring): T. Joachims, A. Swaminathan, T. Schnabel, "Unbiased Learning-to-Rank with Biased
//! Feedback" (2017). The probability of place k is taken as (1 / k)^η, as there.

use std::collections::{BTreeMap, HashMap, HashSet};

use search::{Field, Texts};
use store::Tx;
use text::normal;

use super::{Set, even};
use crate::eval::{Judgements, QueryEntry};
use crate::{Article, KnowledgeError};

pub use crate::store::feedback::Seen;

/// The exponent η of how fast attention falls from place to place; 1 fits what was measured of result lists.
pub const EXAMINATION: f64 = 1.0;
/// Most that one word counts: a single "helped" far down must not outweigh all others.
const MOST: f64 = 10.0;
/// From this share of the best article's worth on, another one is fully right as well; below, it is related.
const ALSO_RIGHT: f64 = 0.5;
/// How often an article must have been said to help with a question, before anything is learnt from it.
const LEAST: usize = 2;

/// What citizens said, and what they said it of.
pub struct Feedback<'a> {
    /// The city's articles.
    pub articles: &'a [Article],
    /// Wordings that are used, by the id of their article.
    pub wordings: &'a HashMap<String, Vec<String>>,
    /// What was said.
    pub seen: &'a [Seen],
    /// η; see [`EXAMINATION`].
    pub examination: f64,
}

/// Reads what a city knows: its articles, their wordings, and what citizens said that still has their words.
pub async fn read(tx: &mut Tx) -> Result<(Vec<Article>, HashMap<String, Vec<String>>, Vec<Seen>), KnowledgeError> {
    let ids: Vec<String> = crate::store::article::heads(tx).await?.into_iter().map(|h| h.id).collect();
    let articles = crate::store::article::articles(tx, &ids).await?;
    Ok((articles, crate::store::wording::all(tx).await?, crate::store::feedback::seen(tx).await?))
}

/// What was said of one article for one question.
#[derive(Default)]
struct Said {
    helped: usize,
    not: usize,
    /// Sum of what each "helped" counts.
    worth: f64,
    /// Sum of what each "did not help" counts.
    against: f64,
}

/// How much a word on an article at a place counts; an article that was found without a list counts as if it had
/// stood first.
fn counts(rank: Option<i64>, examination: f64) -> f64 {
    (rank.unwrap_or(1).max(1) as f64).powf(examination).min(MOST)
}

impl Set {
    /// Of what citizens said. Questions are taken together that are written alike; wordings that say the same as one
    /// of them are left out, so that no question is found by itself.
    pub fn fed_back(name: &str, feedback: &Feedback<'_>) -> Self {
        let codes: HashMap<&str, &str> = feedback.articles.iter().map(|a| (a.id.as_str(), a.code.as_str())).collect();
        let mut said: BTreeMap<String, BTreeMap<&str, Said>> = BTreeMap::new();
        for seen in feedback.seen {
            let Some(code) = codes.get(seen.article.as_str()) else { continue };
            let of = said.entry(normal::normalise(&seen.query)).or_default().entry(code).or_default();
            let worth = counts(seen.rank, feedback.examination);
            if seen.helped {
                (of.helped, of.worth) = (of.helped + 1, of.worth + worth);
            } else {
                (of.not, of.against) = (of.not + 1, of.against + worth);
            }
        }
        let (mut queries, mut judgements, mut weights) = (Vec::new(), Judgements::new(), Vec::new());
        for (query, of) in &said {
            let worth = |s: &Said| s.worth - s.against;
            let helped = || of.iter().filter(|(_, s)| s.helped >= LEAST && s.helped > s.not && worth(s) > 0.0);
            let Some(best) = helped().map(|(_, s)| worth(s)).max_by(f64::total_cmp) else { continue };
            let right =
                |(code, s): (&&str, &Said)| ((*code).to_owned(), if worth(s) >= ALSO_RIGHT * best { 2 } else { 1 });
            judgements.insert(query.clone(), helped().map(right).collect());
            queries.push(QueryEntry { id: query.clone(), query: query.clone() });
            // What many asked counts more, but not by as much as it was asked more.
            weights.push(best.sqrt());
        }
        let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
        let base = even(queries.len());
        let asked: HashSet<&str> = queries.iter().map(|q| q.query.as_str()).collect();
        let texts = |article: &Article| -> Texts {
            let mut texts = crate::library::texts(&article.content);
            let others = feedback.wordings.get(&article.id).into_iter().flatten();
            for wording in others.filter(|w| !asked.contains(normal::normalise(w).as_str())) {
                texts.push(Field::Asked, wording);
            }
            texts
        };
        Set {
            name: name.into(),
            ids: feedback.articles.iter().map(|a| a.code.clone()).collect(),
            texts: feedback.articles.iter().map(texts).collect(),
            kin: queries.iter().map(|q| q.id.clone()).collect(),
            weights: weights.into_iter().map(|w| base * w / mean.max(1e-9)).collect(),
            queries,
            judgements,
            labels: HashMap::new(),
            vectors: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(code: &str) -> Article {
        let content = crate::Content::empty("gomi", "2026-04-01".parse().expect("day"));
        Article {
            id: format!("id-{code}"),
            code: code.into(),
            version: 1,
            updated_at: calendar::Instant::from_millis(0),
            content,
        }
    }

    /// What is said of an article that helps with a probability and stands at a place, where the place is looked at
    /// as often as is assumed.
    fn said(article: &str, helps: f64, rank: i64) -> Vec<Seen> {
        let times = (200.0 * helps / rank as f64).round() as usize;
        let seen =
            Seen { query: "ごみの日".into(), article: format!("id-{article}"), rank: Some(rank), helped: true };
        vec![seen; times]
    }

    fn judged(seen: &[Seen], examination: f64) -> HashMap<String, u32> {
        let articles = [article("a"), article("b"), article("c")];
        let feedback = Feedback { articles: &articles, wordings: &HashMap::new(), seen, examination };
        Set::fed_back("feedback", &feedback).judgements.remove("ごみの日").unwrap_or_default()
    }

    #[test]
    fn what_stands_low_and_helps_is_right_although_fewer_said_so() {
        // a helps nine of ten and stands fifth, b helps three of ten and stands first.
        let seen: Vec<Seen> = said("a", 0.9, 5).into_iter().chain(said("b", 0.3, 1)).collect();
        let corrected = judged(&seen, EXAMINATION);
        assert_eq!((corrected["a"], corrected["b"]), (2, 1));
        // Counted as they come, b would be as right as a.
        let counted = judged(&seen, 0.0);
        assert_eq!((counted["a"], counted["b"]), (2, 2));
    }

    #[test]
    fn what_one_said_or_more_denied_is_not_learnt() {
        let mut seen = said("a", 0.9, 1)[..1].to_vec();
        assert!(judged(&seen, EXAMINATION).is_empty());
        seen.extend(said("b", 0.1, 1));
        let against: Vec<Seen> = said("b", 0.2, 1).into_iter().map(|s| Seen { helped: false, ..s }).collect();
        seen.extend(against);
        assert!(judged(&seen, EXAMINATION).is_empty());
    }

    #[test]
    fn no_question_is_found_by_itself() {
        let articles = [article("a")];
        let wordings = HashMap::from([("id-a".to_owned(), vec!["ごみの日".to_owned(), "収集日".to_owned()])]);
        let seen = said("a", 0.5, 1);
        let feedback = Feedback { articles: &articles, wordings: &wordings, seen: &seen, examination: 1.0 };
        let set = Set::fed_back("feedback", &feedback);
        assert_eq!(set.texts[0].fields[Field::Asked as usize], ["収集日"]);
        assert_eq!(set.weights, [1.0]);
    }
}
