//! A static model: a tokenizer and a vector for each of its tokens.
//!
//! The folder is of the model2vec format (<https://github.com/MinishLab/model2vec>): `tokenizer.json` of Hugging Face
//! tokenizers, `config.json` with `normalize`, and `model.safetensors` with the tensor `embeddings` [rows × size] and,
//! in models whose vocabulary was made smaller, `weights` [tokens] and `mapping` [tokens] → row. The vector of a text
//! is the mean of the vectors of its known tokens, each times its weight.

use std::path::Path;

use safetensors::SafeTensors;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use crate::{EmbedError, ModelFolderError, tensor};

/// Tokens of a text that are looked at, as in the reference implementation; a summary is shorter.
const MOST_TOKENS: usize = 512;

/// A model in memory.
pub struct StaticModel {
    identity: String,
    tokenizer: Tokenizer,
    /// The token that stands for all unknown ones.
    unknown: Option<u32>,
    /// Rows of `size` numbers each.
    embeddings: Vec<f32>,
    size: usize,
    /// Of each token: how much it counts, and its row. Without them each counts 1 and has the row of its number.
    weights: Option<Vec<f32>>,
    mapping: Option<Vec<usize>>,
    normalise: bool,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default = "yes")]
    normalize: bool,
}

fn yes() -> bool {
    true
}

impl StaticModel {
    /// Reads a folder.
    pub fn read(folder: &Path) -> Result<Self, ModelFolderError> {
        let at = |name: &str| folder.join(name);
        let wrong = |name: &str, reason: String| ModelFolderError { file: at(name), reason };
        let bytes = |name: &str| std::fs::read(at(name)).map_err(|e| wrong(name, format!("it cannot be read: {e}")));
        let (settings, words, numbers) = (bytes("config.json")?, bytes("tokenizer.json")?, bytes("model.safetensors")?);
        let parsed: Settings = serde_json::from_slice(&settings)
            .map_err(|e| wrong("config.json", format!("it is no configuration of a model: {e}")))?;
        let tokenizer = Tokenizer::from_bytes(&words)
            .map_err(|e| wrong("tokenizer.json", format!("it is no tokenizer that can be read: {e}")))?;
        let unknown = unknown(&words, &tokenizer).map_err(|reason| wrong("tokenizer.json", reason))?;
        let tensors = Tensors::read(&numbers).map_err(|reason| wrong("model.safetensors", reason))?;
        let last = tokenizer.get_vocab(true).into_values().max().map_or(0, |last| last as usize);
        tensors.fit(last).map_err(|reason| wrong("model.safetensors", reason))?;
        let mut digest = Sha256::new();
        for part in [&settings, &words, &numbers] {
            digest.update(Sha256::digest(part));
        }
        let digest: String = digest.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
        Ok(StaticModel {
            identity: format!("model2vec {} {digest}", tensors.size),
            tokenizer,
            unknown,
            embeddings: tensors.embeddings,
            size: tensors.size,
            weights: tensors.weights,
            mapping: tensors.mapping,
            normalise: parsed.normalize,
        })
    }

    /// Kind, size of its vectors, and a digest of its files.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Numbers of a vector.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.embeddings.len() / self.size.max(1)
    }

    /// The vector of a text; all zero if it has no known token.
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|e| EmbedError::Tokenizer(e.to_string()))?;
        let mut sum = vec![0.0f32; self.size];
        let mut known = 0.0f32;
        for token in encoding.get_ids().iter().filter(|id| Some(**id) != self.unknown).take(MOST_TOKENS) {
            let token = *token as usize;
            let row = self.mapping.as_ref().map_or(Some(token), |mapping| mapping.get(token).copied());
            let weight = self.weights.as_ref().map_or(Some(1.0), |weights| weights.get(token).copied());
            let vector = row.and_then(|row| self.embeddings.get(row * self.size..(row + 1) * self.size));
            // Sizes were compared when the model was read.
            let (Some(weight), Some(vector)) = (weight, vector) else { continue };
            known += 1.0;
            for (sum, value) in sum.iter_mut().zip(vector) {
                *sum += weight * value;
            }
        }
        let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
        let by = if self.normalise { length } else { known };
        if length > 0.0 {
            sum.iter_mut().for_each(|v| *v /= by);
        }
        Ok(sum)
    }
}

/// The number of the token for what is unknown: named `unk_token` by some models of tokenizers, numbered `unk_id` by
/// others, and absent in some.
fn unknown(file: &[u8], tokenizer: &Tokenizer) -> Result<Option<u32>, String> {
    #[derive(Deserialize)]
    struct File {
        model: Model,
    }
    #[derive(Deserialize)]
    struct Model {
        unk_token: Option<String>,
        unk_id: Option<u32>,
    }
    let file: File = serde_json::from_slice(file).map_err(|e| format!("it has no model: {e}"))?;
    Ok(file.model.unk_id.or_else(|| tokenizer.token_to_id(&file.model.unk_token?)))
}

struct Tensors {
    embeddings: Vec<f32>,
    size: usize,
    weights: Option<Vec<f32>>,
    mapping: Option<Vec<usize>>,
}

impl Tensors {
    fn read(file: &[u8]) -> Result<Self, String> {
        let tensors = SafeTensors::deserialize(file).map_err(|e| format!("it is cut or no safetensors file: {e}"))?;
        let embeddings = tensors.tensor("embeddings").map_err(|_| "it has no tensor `embeddings`".to_owned())?;
        let [rows, size] = *embeddings.shape() else {
            return Err(format!("`embeddings` has the shape {:?} and not [rows, size]", embeddings.shape()));
        };
        if rows == 0 || size == 0 {
            return Err("`embeddings` is empty".into());
        }
        let numbers = tensor::floats(&embeddings).map_err(|e| format!("`embeddings`: {e}"))?;
        let weights = tensors.tensor("weights").ok().map(|t| tensor::floats(&t)).transpose();
        let weights = weights.map_err(|e| format!("`weights`: {e}"))?;
        let mapping = tensors.tensor("mapping").ok().map(|t| tensor::rows(&t)).transpose();
        let mapping = mapping.map_err(|e| format!("`mapping`: {e}"))?;
        if numbers.iter().chain(weights.iter().flatten()).any(|v| !v.is_finite()) {
            return Err("it holds something that is no number".into());
        }
        if let Some(row) = mapping.iter().flatten().find(|row| **row >= rows) {
            return Err(format!("`mapping` names row {row}, but `embeddings` has {rows}"));
        }
        Ok(Tensors { embeddings: numbers, size, weights, mapping })
    }

    /// Whether every token up to `last` has its numbers.
    fn fit(&self, last: usize) -> Result<(), String> {
        let tokens = last + 1;
        let rows = self.embeddings.len() / self.size;
        let there = [
            ("mapping", self.mapping.as_ref().map(Vec::len)),
            ("weights", self.weights.as_ref().map(Vec::len)),
            ("embeddings", self.mapping.is_none().then_some(rows)),
        ];
        for (name, length) in there {
            if let Some(length) = length.filter(|length| *length < tokens) {
                return Err(format!("`{name}` has {length} entries, but the tokenizer has {tokens} tokens"));
            }
        }
        Ok(())
    }
}
