//! Learning an order from judged questions: gradient-boosted trees on the gradient of nDCG (LambdaMART).
//!
//! Sources: Burges, "From RankNet to LambdaRank to LambdaMART: An Overview" (2010); the scaling of gradients per
//! question as in LightGBM's `lambdarank` objective. Trees grow leaf by leaf over binned features.

use crate::forest::{LEAF, Node};
use crate::model::Model;
use crate::{FEATURES, Features};

/// The candidates of one question with how right each is: 2 is fully right, 1 related, 0 neither.
#[derive(Clone, Debug)]
pub struct Group {
    /// Features.
    pub features: Vec<Features>,
    /// Relevance, in the same order.
    pub relevance: Vec<u8>,
    /// How much the question counts against others.
    pub weight: f64,
}

/// How it is learnt.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Trees of one bag.
    pub trees: usize,
    /// Bags, each on other questions and features; their values are added up.
    pub bags: u64,
    /// Leaves of a tree.
    pub leaves: usize,
    /// Least candidates in a leaf.
    pub least: usize,
    /// How much of each tree counts.
    pub rate: f64,
    /// Share of the features that a tree sees.
    pub features: f64,
    /// Share of the questions that a tree sees.
    pub questions: f64,
    /// Holds leaves back that few candidates speak for.
    pub ridge: f64,
    /// Down to which rank an exchange counts.
    pub depth: usize,
}

impl Default for Parameters {
    /// Chosen by cross-validation on 380 judged questions to another city.
    fn default() -> Self {
        Parameters {
            trees: 100,
            bags: 4,
            leaves: 16,
            least: 100,
            rate: 0.05,
            features: 0.4,
            questions: 0.8,
            ridge: 5.0,
            depth: 15,
        }
    }
}

/// What an exchange is worth by relevance.
const GAINS: [f64; 3] = [0.0, 1.0, 3.0];
/// Most bins of a feature.
const BINS: usize = 128;

/// All candidates of all questions, one after the other, with binned features.
struct Table {
    /// Per feature: the largest value of each bin but the last.
    edges: Vec<Vec<f32>>,
    /// Per feature: the bin of each candidate.
    bins: Vec<Vec<u8>>,
    /// Where the candidates of each question begin; one more at the end.
    starts: Vec<usize>,
    relevance: Vec<u8>,
    weights: Vec<f64>,
}

impl Table {
    fn new(groups: &[&Group]) -> Self {
        let mut starts = vec![0];
        let mut relevance = Vec::new();
        for group in groups {
            relevance.extend(group.relevance.iter().map(|r| (*r).min(2)));
            starts.push(relevance.len());
        }
        let rows = || groups.iter().flat_map(|g| g.features.iter());
        let mut edges = Vec::with_capacity(FEATURES);
        let mut bins = Vec::with_capacity(FEATURES);
        for feature in 0..FEATURES {
            let mut values: Vec<f32> = rows().map(|f| f[feature]).collect();
            let column = values.clone();
            values.sort_by(f32::total_cmp);
            let mut cuts: Vec<f32> = (1..BINS).filter_map(|i| values.get(i * values.len() / BINS).copied()).collect();
            cuts.dedup();
            // Nothing lies beyond the largest value.
            if cuts.last() == values.last() {
                cuts.pop();
            }
            bins.push(column.iter().map(|v| cuts.partition_point(|cut| cut < v) as u8).collect());
            edges.push(cuts);
        }
        Table { edges, bins, starts, relevance, weights: groups.iter().map(|g| g.weight).collect() }
    }

    fn questions(&self) -> usize {
        self.starts.len() - 1
    }
}

/// Numbers that look random and are the same on every machine (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `share` of the numbers below `n`, in order.
    fn some(&mut self, n: usize, share: f64) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        let keep = ((n as f64 * share).round() as usize).clamp(1.min(n), n);
        for i in 0..keep {
            let j = i + (self.next() % (n - i) as u64) as usize;
            all.swap(i, j);
        }
        all.truncate(keep);
        all.sort_unstable();
        all
    }
}

/// Gradient and curvature of each candidate.
#[derive(Clone, Copy, Debug, Default)]
struct Slope {
    first: f64,
    second: f64,
}

fn discount(rank: usize) -> f64 {
    1.0 / (2.0 + rank as f64).log2()
}

/// The slopes of one question's candidates.
fn slopes(relevance: &[u8], scores: &[f64], weight: f64, depth: usize, out: &mut [Slope]) {
    let mut ideal: Vec<u8> = relevance.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let gain = |r: u8| GAINS[usize::from(r)];
    let best: f64 = ideal.iter().take(depth).enumerate().map(|(rank, r)| gain(*r) * discount(rank)).sum();
    if best <= 0.0 {
        return;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let apart = order.first().map(|i| scores[*i]) != order.last().map(|i| scores[*i]);
    let mut sum = 0.0;
    for i in 0..order.len().min(depth) {
        for j in i + 1..order.len() {
            let (a, b) = (order[i], order[j]);
            if relevance[a] == relevance[b] {
                continue;
            }
            let (high, low) = if relevance[a] > relevance[b] { (a, b) } else { (b, a) };
            let between = scores[high] - scores[low];
            let mut worth = (gain(relevance[high]) - gain(relevance[low])) * (discount(i) - discount(j)).abs() / best;
            if apart {
                worth /= 0.01 + between.abs();
            }
            let wrong = 1.0 / (1.0 + between.exp());
            let (first, second) = (wrong * worth, wrong * (1.0 - wrong) * worth);
            out[high].first -= first;
            out[low].first += first;
            out[high].second += second;
            out[low].second += second;
            sum += 2.0 * first;
        }
    }
    if sum > 0.0 {
        let scale = weight * (1.0 + sum).log2() / sum;
        for slope in out {
            slope.first *= scale;
            slope.second *= scale;
        }
    }
}

/// A leaf that may be split.
struct Open {
    node: usize,
    rows: Vec<u32>,
    sum: Slope,
    split: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    bin: u8,
}

fn worth(sum: Slope, ridge: f64) -> f64 {
    sum.first * sum.first / (sum.second + ridge)
}

/// The best split of some rows.
fn split(table: &Table, slopes: &[Slope], rows: &[u32], sum: Slope, seen: &[usize], p: &Parameters) -> Option<Split> {
    if rows.len() < 2 * p.least {
        return None;
    }
    let mut best: Option<Split> = None;
    for feature in seen {
        let cuts = table.edges[*feature].len();
        if cuts == 0 {
            continue;
        }
        let column = &table.bins[*feature];
        let mut histogram = [(Slope::default(), 0usize); BINS];
        for row in rows {
            let (slope, count) = &mut histogram[usize::from(column[*row as usize])];
            slope.first += slopes[*row as usize].first;
            slope.second += slopes[*row as usize].second;
            *count += 1;
        }
        let (mut left, mut count) = (Slope::default(), 0);
        for (bin, (slope, n)) in histogram.iter().enumerate().take(cuts) {
            left.first += slope.first;
            left.second += slope.second;
            count += n;
            if count < p.least || rows.len() - count < p.least {
                continue;
            }
            let right = Slope { first: sum.first - left.first, second: sum.second - left.second };
            let gain = worth(left, p.ridge) + worth(right, p.ridge) - worth(sum, p.ridge);
            if gain > 1e-9 && best.is_none_or(|b| gain > b.gain) {
                best = Some(Split { gain, feature: *feature, bin: bin as u8 });
            }
        }
    }
    best
}

fn total(slopes: &[Slope], rows: &[u32]) -> Slope {
    rows.iter().fold(Slope::default(), |sum, row| {
        let slope = slopes[*row as usize];
        Slope { first: sum.first + slope.first, second: sum.second + slope.second }
    })
}

/// Grows one tree on some rows and features.
fn grow(table: &Table, slopes: &[Slope], rows: Vec<u32>, seen: &[usize], p: &Parameters) -> Vec<Node> {
    let leaf =
        |sum: Slope| Node { feature: LEAF, value: (-sum.first / (sum.second + p.ridge) * p.rate) as f32, left: 0 };
    let sum = total(slopes, &rows);
    let mut nodes = vec![leaf(sum)];
    let first = split(table, slopes, &rows, sum, seen, p);
    let mut open = vec![Open { node: 0, rows, sum, split: first }];
    for _ in 1..p.leaves {
        let gain = |o: &Open| o.split.map_or(0.0, |s| s.gain);
        let Some(at) = (0..open.len()).max_by(|a, b| gain(&open[*a]).total_cmp(&gain(&open[*b]))) else { break };
        let Some(chosen) = open[at].split else { break };
        let parent = open.swap_remove(at);
        let column = &table.bins[chosen.feature];
        let (left, right): (Vec<u32>, Vec<u32>) =
            parent.rows.into_iter().partition(|row| column[*row as usize] <= chosen.bin);
        let children = nodes.len();
        nodes[parent.node] = Node {
            feature: chosen.feature as u16,
            value: table.edges[chosen.feature][usize::from(chosen.bin)],
            left: children as u16,
        };
        let left_sum = total(slopes, &left);
        let right_sum = Slope { first: parent.sum.first - left_sum.first, second: parent.sum.second - left_sum.second };
        for (node, (rows, sum)) in [(left, left_sum), (right, right_sum)].into_iter().enumerate() {
            nodes.push(leaf(sum));
            let split = split(table, slopes, &rows, sum, seen, p);
            open.push(Open { node: children + node, rows, sum, split });
        }
    }
    nodes
}

/// Learns a model from questions. The same questions give the same model on every machine of the same kind.
pub fn learn(groups: &[&Group], p: &Parameters, seed: u64) -> Model {
    let table = Table::new(groups);
    let features: Vec<&Features> = groups.iter().flat_map(|g| g.features.iter()).collect();
    let mut model = Model::default();
    for bag in 0..p.bags {
        let mut dice = Dice(seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(bag));
        let mut scores: Vec<f64> = features.iter().map(|f| f64::from(crate::model::prior(f))).collect();
        for _ in 0..p.trees {
            let mut gradient = vec![Slope::default(); features.len()];
            let questions = dice.some(table.questions(), p.questions);
            let mut rows = Vec::new();
            for q in questions {
                let span = table.starts[q]..table.starts[q + 1];
                let (relevance, scores) = (&table.relevance[span.clone()], &scores[span.clone()]);
                slopes(relevance, scores, table.weights[q], p.depth, &mut gradient[span.clone()]);
                rows.extend(span.map(|row| row as u32));
            }
            let tree = grow(&table, &gradient, rows, &dice.some(FEATURES, p.features), p);
            for (score, features) in scores.iter_mut().zip(&features) {
                *score += f64::from(crate::forest::leaf(&tree, features));
            }
            // The value of a document is the mean of its bags.
            let share = p.bags as f32;
            let of_mean = |n: Node| if n.feature == LEAF { Node { value: n.value / share, ..n } } else { n };
            model.forest.push(tree.into_iter().map(of_mean).collect());
        }
    }
    model
}

/// The parts of a cross-validation: the part of each question, the same for the same number of questions.
pub fn folds(questions: usize, parts: usize, seed: u64) -> Vec<usize> {
    let mut dice = Dice(seed);
    let mut order: Vec<usize> = (0..questions).collect();
    for i in 0..questions {
        let j = i + (dice.next() % (questions - i) as u64) as usize;
        order.swap(i, j);
    }
    let mut fold = vec![0; questions];
    for (place, question) in order.into_iter().enumerate() {
        fold[question] = place % parts.max(1);
    }
    fold
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Questions in which the candidate with the largest first feature is right, among noise.
    fn questions(n: usize) -> Vec<Group> {
        let mut dice = Dice(7);
        let mut value = || (dice.next() % 1000) as f32 / 1000.0;
        let group = |_| {
            let of_words = crate::Feature::QuestionWords as usize;
            // As in a city without vectors: what is far by these is held back before anything is learnt.
            let without = |mut features: Features| {
                features[crate::Feature::OfBestVector as usize] = 0.0;
                features
            };
            let one = |_| without(std::array::from_fn(|i| if i == of_words { 5.0 } else { value() }));
            let features: Vec<Features> = (0..20).map(one).collect();
            let best = (0..20).max_by(|a, b| features[*a][0].total_cmp(&features[*b][0]));
            let relevance = (0..20).map(|i| if Some(i) == best { 2 } else { 0 }).collect();
            Group { features, relevance, weight: 1.0 }
        };
        (0..n).map(group).collect()
    }

    #[test]
    fn what_decides_is_learnt_and_the_same_each_time() {
        let all = questions(120);
        let (train, test): (Vec<&Group>, Vec<&Group>) = (all.iter().take(80).collect(), all.iter().skip(80).collect());
        let p = Parameters { trees: 60, bags: 1, least: 20, features: 1.0, ..Parameters::default() };
        let model = learn(&train, &p, 1);
        assert_eq!(model, learn(&train, &p, 1));
        let right = test.iter().filter(|group| {
            let score = |i: &usize| model.score(&group.features[*i]);
            let first = (0..20).max_by(|a, b| score(a).total_cmp(&score(b))).expect("candidates");
            group.relevance[first] == 2
        });
        let right = right.count();
        assert!(right >= 30, "{right} of 40");
    }

    #[test]
    fn folds_are_even_and_stay() {
        let parts = folds(103, 5, 1);
        assert_eq!(parts, folds(103, 5, 1));
        for part in 0..5 {
            let n = parts.iter().filter(|p| **p == part).count();
            assert!((20..=21).contains(&n));
        }
    }

    #[test]
    fn nothing_to_learn_from_is_no_harm() {
        let p = Parameters { trees: 2, ..Parameters::default() };
        let model = learn(&[], &p, 1);
        assert_eq!(model.score(&[0.0; FEATURES]), 0.0);
        let group = Group { features: vec![[0.0; FEATURES]; 3], relevance: vec![0; 3], weight: 1.0 };
        assert_eq!(learn(&[&group], &p, 1).score(&[0.0; FEATURES]), 0.0);
    }
}
