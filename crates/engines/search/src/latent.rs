//! What a city's own articles say of words that belong together: a truncated singular value decomposition of
//! the weighted words of all articles (latent semantic analysis), by a randomised range finder.
//!
//! Source: Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and 5.1.

use std::sync::Arc;

use crate::document::{Answered, Document, FIELDS, OWN, Space, TITLE};

/// Dimensions that are kept.
pub(crate) const DIMENSIONS: usize = 128;
/// Dimensions that are computed beyond these, for the precision of the last ones.
const BEYOND: usize = 12;
/// Weight of a line of words that are kin against an article.
const KIN: f32 = 0.3;
/// Passes over the articles that sharpen the range.
const PASSES: usize = 2;
/// How much a word counts by field: question, keywords, facts, summary, answer, what people asked.
const WEIGHTS: [f32; FIELDS] = [3.0, 2.0, 1.0, 1.0, 1.0, 1.0];

/// Vectors of words; a word that came later than the last decomposition has none.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Latent {
    dimensions: usize,
    /// By number of the word: its weights, scaled by the singular values for likeness between words.
    words: Vec<f32>,
    /// The inverse document frequencies with which the articles were weighted.
    idf: Vec<f32>,
    singular: Vec<f32>,
}

/// A sparse row: number of the word and weight, of length 1.
type Row = Vec<(u32, f32)>;

fn row(doc: &Document, idf: &[f32], fields: std::ops::Range<usize>) -> Row {
    let mut row: Row = Vec::new();
    for (word, counts) in &doc.terms[Space::Words as usize] {
        let tf: f32 = fields.clone().map(|f| WEIGHTS[f] * f32::from(counts[f])).sum();
        let idf = idf.get(*word as usize).copied().unwrap_or(0.0);
        if tf > 0.0 && idf > 0.0 {
            row.push((*word, (1.0 + tf.ln()) * idf));
        }
    }
    scale_to_one(row.iter_mut().map(|(_, w)| w));
    row
}

fn scale_to_one<'a>(values: impl Iterator<Item = &'a mut f32>) {
    let mut values: Vec<&mut f32> = values.collect();
    let norm = values.iter().map(|v| **v * **v).sum::<f32>().sqrt();
    if norm > 0.0 {
        for value in &mut values {
            **value /= norm;
        }
    }
}

/// A matrix by rows.
struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    fn zero(rows: usize, columns: usize) -> Self {
        Matrix { columns, values: vec![0.0; rows * columns] }
    }

    fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.columns..(i + 1) * self.columns]
    }

    fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.values[i * self.columns..(i + 1) * self.columns]
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    /// Makes the columns orthonormal (modified Gram-Schmidt; twice for precision, once where only the range counts).
    /// The matrix is turned first, so that what belongs together lies together.
    fn orthonormal(&mut self, times: usize) {
        let (rows, columns) = (self.rows(), self.columns);
        let mut turned = Matrix::zero(columns, rows);
        for i in 0..rows {
            for j in 0..columns {
                turned.values[j * rows + i] = self.values[i * columns + j];
            }
        }
        for j in 0..columns {
            let (before, rest) = turned.values.split_at_mut(j * rows);
            let column = &mut rest[..rows];
            for _ in 0..times {
                for other in before.chunks_exact(rows) {
                    let along = dot(column, other);
                    for (value, o) in column.iter_mut().zip(other) {
                        *value -= along * o;
                    }
                }
            }
            scale_to_one(column.iter_mut());
        }
        for i in 0..rows {
            for j in 0..columns {
                self.values[i * columns + j] = turned.values[j * rows + i];
            }
        }
    }
}

pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, which the compiler turns into vector instructions.
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Rows times matrix.
fn times(rows: &[Row], by: &Matrix) -> Matrix {
    let mut out = Matrix::zero(rows.len(), by.columns);
    for (i, row) in rows.iter().enumerate() {
        let target = out.row_mut(i);
        for (word, weight) in row {
            for (t, v) in target.iter_mut().zip(by.row(*word as usize)) {
                *t += weight * v;
            }
        }
    }
    out
}

/// Turned rows times matrix.
fn turned_times(rows: &[Row], words: usize, by: &Matrix) -> Matrix {
    let mut out = Matrix::zero(words, by.columns);
    for (i, row) in rows.iter().enumerate() {
        for (word, weight) in row {
            let from = i * by.columns;
            let source = &by.values[from..from + by.columns];
            for (t, v) in out.row_mut(*word as usize).iter_mut().zip(source) {
                *t += weight * v;
            }
        }
    }
    out
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations.
fn eigen(matrix: &mut [f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    for _ in 0..30 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| matrix[i * n + j].powi(2)).sum();
        if off < 1e-18 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                let apq = matrix[p * n + q];
                if apq.abs() < 1e-15 {
                    continue;
                }
                let theta = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..n {
                    let (a, b) = (matrix[k * n + p], matrix[k * n + q]);
                    matrix[k * n + p] = c * a - s * b;
                    matrix[k * n + q] = s * a + c * b;
                }
                for k in 0..n {
                    let (a, b) = (matrix[p * n + k], matrix[q * n + k]);
                    matrix[p * n + k] = c * a - s * b;
                    matrix[q * n + k] = s * a + c * b;
                }
                for k in 0..n {
                    let (a, b) = (vectors[k * n + p], vectors[k * n + q]);
                    vectors[k * n + p] = c * a - s * b;
                    vectors[k * n + q] = s * a + c * b;
                }
            }
        }
    }
    ((0..n).map(|i| matrix[i * n + i]).collect(), vectors)
}

/// Numbers that look random and are the same on every machine (splitmix64).
fn noise(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

impl Latent {
    /// Learns from articles and from words that are kin by the thesaurus. `idf` is that of each word of the
    /// vocabulary.
    pub(crate) fn learn(docs: &[Arc<Document>], idf: Vec<f32>, kin: &[Vec<u32>]) -> Self {
        let words = idf.len();
        let mut rows: Vec<Row> = docs.iter().map(|d| row(d, &idf, 0..FIELDS)).collect();
        for words in kin {
            let mut row: Row = words.iter().map(|w| (*w, idf.get(*w as usize).copied().unwrap_or(0.0))).collect();
            scale_to_one(row.iter_mut().map(|(_, w)| w));
            row.iter_mut().for_each(|(_, w)| *w *= KIN);
            rows.push(row);
        }
        let width = (DIMENSIONS + BEYOND).min(rows.len()).min(words);
        if width == 0 {
            return Latent::default();
        }
        let mut state = 20_261_128;
        let mut start = Matrix::zero(words, width);
        for value in &mut start.values {
            *value = noise(&mut state);
        }
        let mut range = times(&rows, &start);
        range.orthonormal(1);
        for pass in 1..=PASSES {
            let mut back = turned_times(&rows, words, &range);
            back.orthonormal(1);
            range = times(&rows, &back);
            range.orthonormal(if pass == PASSES { 2 } else { 1 });
        }
        // B = Qᵀ A, kept turned: a row for each word.
        let small = turned_times(&rows, words, &range);
        let mut square = vec![0.0f64; width * width];
        for w in 0..words {
            let r = small.row(w);
            if r.iter().all(|v| *v == 0.0) {
                continue;
            }
            for i in 0..width {
                for j in 0..=i {
                    square[i * width + j] += f64::from(r[i]) * f64::from(r[j]);
                }
            }
        }
        for i in 0..width {
            for j in 0..i {
                square[j * width + i] = square[i * width + j];
            }
        }
        let (values, vectors) = eigen(&mut square, width);
        let mut order: Vec<usize> = (0..width).collect();
        order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
        let dimensions = DIMENSIONS.min(width);
        order.truncate(dimensions);
        let singular: Vec<f32> = order.iter().map(|i| values[*i].max(0.0).sqrt() as f32).collect();
        let mut out = vec![0.0f32; words * dimensions];
        for w in 0..words {
            let r = small.row(w);
            for (k, i) in order.iter().enumerate() {
                let sum: f64 = (0..width).map(|j| f64::from(r[j]) * vectors[j * width + i]).sum();
                // V = Bᵀ U Σ⁻¹
                out[w * dimensions + k] = if singular[k] > 1e-6 { sum as f32 / singular[k] } else { 0.0 };
            }
        }
        Latent { dimensions, words: out, idf, singular }
    }

    /// Dimensions of a vector.
    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn project(&self, row: impl Iterator<Item = (u32, f32)>) -> Vec<f32> {
        let mut vector = vec![0.0; self.dimensions];
        for (word, weight) in row {
            let from = word as usize * self.dimensions;
            let Some(source) = self.words.get(from..from + self.dimensions) else { continue };
            for (v, s) in vector.iter_mut().zip(source) {
                *v += weight * s;
            }
        }
        scale_to_one(vector.iter_mut());
        vector
    }

    /// The vector of an article, of length 1, or 0 if none of its words is known.
    pub(crate) fn of_document(&self, doc: &Document) -> Vec<f32> {
        self.project(row(doc, &self.idf, OWN).into_iter())
    }

    /// The vector of an article's question and keywords.
    pub(crate) fn of_title(&self, doc: &Document) -> Vec<f32> {
        self.project(row(doc, &self.idf, TITLE).into_iter())
    }

    /// The vector of words with weights.
    pub(crate) fn of_words(&self, words: impl Iterator<Item = (u32, f32)>) -> Vec<f32> {
        let idf = |word: u32| self.idf.get(word as usize).copied().unwrap_or(0.0);
        self.project(words.map(|(word, weight)| (word, weight * idf(word))))
    }

    /// The vector of a question of a person.
    pub(crate) fn of_answered(&self, answered: &Answered) -> Vec<f32> {
        self.of_words(answered.words.iter().map(|word| (*word, 1.0)))
    }

    /// The vector of one word for likeness between words, of length 1.
    pub(crate) fn of_word(&self, word: u32) -> Vec<f32> {
        let from = word as usize * self.dimensions;
        let Some(source) = self.words.get(from..from + self.dimensions) else { return Vec::new() };
        let mut vector: Vec<f32> = source.iter().zip(&self.singular).map(|(v, s)| v * s).collect();
        scale_to_one(vector.iter_mut());
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jacobi_finds_eigenvalues() {
        let mut matrix = vec![2.0, 1.0, 1.0, 2.0];
        let (mut values, vectors) = eigen(&mut matrix, 2);
        values.sort_by(f64::total_cmp);
        assert!((values[0] - 1.0).abs() < 1e-12 && (values[1] - 3.0).abs() < 1e-12);
        assert!((vectors[0].abs() - 0.5f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn columns_become_orthonormal() {
        let mut state = 1;
        let mut matrix = Matrix::zero(30, 5);
        matrix.values.iter_mut().for_each(|v| *v = noise(&mut state));
        matrix.orthonormal(2);
        for i in 0..5 {
            for j in 0..5 {
                let sum: f32 = (0..30).map(|r| matrix.row(r)[i] * matrix.row(r)[j]).sum();
                assert!((sum - if i == j { 1.0 } else { 0.0 }).abs() < 1e-5, "{i} {j} {sum}");
            }
        }
    }
}
