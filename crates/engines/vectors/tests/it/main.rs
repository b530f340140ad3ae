//! Static models that the test writes, through the code that reads real ones.

use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use vectors::{Embedder, StaticModel};

/// A tokenizer of whole words, cut at spaces, lower case.
fn tokenizer(words: &[&str]) -> String {
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        words.iter().enumerate().map(|(i, w)| ((*w).to_owned(), i.into())).collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
    .to_string()
}

/// A tokenizer of pieces by their probability, as those of multilingual models are.
fn unigram(pieces: &[&str]) -> String {
    let vocabulary: Vec<_> = pieces.iter().enumerate().map(|(i, p)| serde_json::json!([p, -(i as f64)])).collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {"type": "NFKC"},
        "pre_tokenizer": null, "post_processor": null, "decoder": null,
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": false},
    })
    .to_string()
}

const WORDS: [&str; 5] = ["[UNK]", "ごみ", "粗大", "引っ越し", "city"];
const NUMBERS: [[f32; 2]; 5] = [[9.0, 9.0], [3.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -2.0]];

fn singles(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn file(folder: &Path, tensors: &[(&str, Dtype, Vec<usize>, Vec<u8>)]) {
    let views = tensors.iter().map(|(name, kind, shape, data)| {
        ((*name).to_owned(), TensorView::new(*kind, shape.clone(), data).expect("tensor"))
    });
    let bytes = safetensors::serialize(views, None).expect("file");
    std::fs::write(folder.join("model.safetensors"), bytes).expect("written");
}

/// A whole folder: five words, two numbers each.
fn folder(normalise: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("tokenizer.json"), tokenizer(&WORDS)).expect("written");
    let settings = format!("{{\"model_type\": \"model2vec\", \"normalize\": {normalise}}}");
    std::fs::write(folder.path().join("config.json"), settings).expect("written");
    file(folder.path(), &[("embeddings", Dtype::F32, vec![5, 2], singles(NUMBERS.as_flattened()))]);
    folder
}

fn read(folder: &tempfile::TempDir) -> StaticModel {
    StaticModel::read(folder.path()).expect("read")
}

fn refused(folder: &tempfile::TempDir) -> String {
    StaticModel::read(folder.path()).err().expect("refused").to_string()
}

#[test]
fn a_text_is_the_mean_of_its_known_tokens() {
    let model = read(&folder(false));
    assert_eq!((model.size(), model.rows()), (2, 5));
    assert_eq!(model.embed("ごみ 粗大").expect("vector"), [1.5, 0.5]);
    assert_eq!(model.embed("ごみ なにか 粗大 ほか").expect("vector"), [1.5, 0.5], "unknown ones are left out");
    assert_eq!(model.embed("CITY").expect("vector"), [0.0, -2.0], "the tokenizer's own normaliser is used");
    for nothing in ["なにか", "", "  "] {
        assert_eq!(model.embed(nothing).expect("vector"), [0.0, 0.0]);
    }
    let normal = read(&folder(true)).embed("ごみ 粗大").expect("vector");
    let length = (1.5f32 * 1.5 + 0.5 * 0.5).sqrt();
    assert!((normal[0] - 1.5 / length).abs() < 1e-6 && (normal[1] - 0.5 / length).abs() < 1e-6, "{normal:?}");
}

#[test]
fn pieces_of_japanese_without_spaces_are_found() {
    let folder = folder(false);
    std::fs::write(folder.path().join("tokenizer.json"), unigram(&["<unk>", "ごみ", "粗大", "引っ越し", "の"]))
        .expect("written");
    let model = read(&folder);
    assert_eq!(model.embed("粗大ごみ").expect("vector"), [1.5, 0.5]);
    assert_eq!(model.embed("粗大ゴ").expect("vector"), [0.0, 1.0], "what is unknown is left out");
}

#[test]
fn other_kinds_of_numbers_weights_and_mapping_are_read() {
    let folder = folder(false);
    // 3, 0 · 0, 1 as halves and as brain floats.
    let halves: Vec<u8> = [0x4200u16, 0, 0, 0x3c00].iter().flat_map(|v| v.to_le_bytes()).collect();
    let brain: Vec<u8> = [0x4040u16, 0, 0, 0x3f80].iter().flat_map(|v| v.to_le_bytes()).collect();
    let doubles: Vec<u8> = [3.0f64, 0.0, 0.0, 1.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let bytes = vec![3u8, 0, 0, 1];
    // Tokens [UNK] and city share row 0 with ごみ; 粗大 counts four times.
    let mapping: Vec<u8> = [0i64, 0, 1, 1, 0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let weights = singles(&[1.0, 1.0, 4.0, 1.0, 0.5]);
    for (kind, data) in [(Dtype::F16, halves), (Dtype::BF16, brain), (Dtype::F64, doubles), (Dtype::I8, bytes)] {
        let tensors = [
            ("embeddings", kind, vec![2, 2], data),
            ("mapping", Dtype::I64, vec![5], mapping.clone()),
            ("weights", Dtype::F32, vec![5], weights.clone()),
        ];
        file(folder.path(), &tensors);
        let model = read(&folder);
        assert_eq!(model.embed("ごみ 粗大").expect("vector"), [1.5, 2.0], "{kind:?}");
        assert_eq!(model.embed("city").expect("vector"), [1.5, 0.0], "{kind:?}");
    }
}

#[test]
fn identity_is_that_of_the_files() {
    let (a, b) = (folder(true), folder(true));
    assert_eq!(read(&a).identity(), read(&b).identity(), "the same files in another folder are the same model");
    let mut numbers = NUMBERS;
    numbers[1][0] = 3.5;
    file(b.path(), &[("embeddings", Dtype::F32, vec![5, 2], singles(numbers.as_flattened()))]);
    assert_ne!(read(&a).identity(), read(&b).identity());
    assert_ne!(read(&a).identity(), read(&folder(false)).identity());
}

#[test]
fn broken_folders_are_told_with_the_file() {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = folder(true);
        std::fs::remove_file(folder.path().join(name)).expect("removed");
        let said = refused(&folder);
        assert!(said.contains(name) && said.contains("cannot be read"), "{said}");
        std::fs::write(folder.path().join(name), "窓口").expect("written");
        let said = refused(&folder);
        assert!(said.contains(name), "{said}");
    }
    let whole = folder(true);
    let bytes = std::fs::read(whole.path().join("model.safetensors")).expect("read");
    for cut in [0, 7, 20, bytes.len() - 1] {
        std::fs::write(whole.path().join("model.safetensors"), &bytes[..cut]).expect("written");
        assert!(refused(&whole).contains("cut or no safetensors"), "{cut}: {}", refused(&whole));
    }
    let good = singles(NUMBERS.as_flattened());
    let five = |v: [i64; 5]| v.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    for (tensors, said) in [
        (vec![("embedding", Dtype::F32, vec![5, 2], good.clone())], "no tensor `embeddings`"),
        (vec![("embeddings", Dtype::F32, vec![10], good.clone())], "not [rows, size]"),
        (vec![("embeddings", Dtype::F32, vec![0, 2], vec![])], "is empty"),
        (vec![("embeddings", Dtype::F32, vec![4, 2], good[..32].to_vec())], "4 entries, but the tokenizer has 5"),
        (vec![("embeddings", Dtype::U8, vec![5, 2], vec![0; 10])], "are not read"),
        (vec![("embeddings", Dtype::F32, vec![5, 2], singles(&[f32::NAN; 10]))], "no number"),
        (
            vec![
                ("embeddings", Dtype::F32, vec![5, 2], good.clone()),
                ("weights", Dtype::F32, vec![3], singles(&[1.0; 3])),
            ],
            "`weights` has 3 entries",
        ),
        (
            vec![
                ("embeddings", Dtype::F32, vec![5, 2], good.clone()),
                ("mapping", Dtype::I64, vec![5], five([0, 1, 2, 3, 5])),
            ],
            "names row 5",
        ),
        (
            vec![
                ("embeddings", Dtype::F32, vec![5, 2], good.clone()),
                ("mapping", Dtype::I64, vec![5], five([0, 1, 2, 3, -1])),
            ],
            "-1 is no row",
        ),
    ] {
        file(whole.path(), &tensors);
        assert!(refused(&whole).contains(said), "{said:?} is not in {:?}", refused(&whole));
    }
}

#[test]
fn a_model_in_memory_sends_nothing_anywhere() {
    let embedder = Embedder::Local(std::sync::Arc::new(read(&folder(false))));
    assert!(!embedder.is_remote() && embedder.identity().starts_with("model2vec 2 "));
}
