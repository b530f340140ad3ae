//! Every sentence that a page names is there, and every sentence is said somewhere.

use std::collections::BTreeSet;

const JA: &str = include_str!("../../foundation/words/messages/ja.ftl");

fn keys(source: &str) -> BTreeSet<&str> {
    source.lines().filter_map(|l| l.split_once(" = ")).map(|(key, _)| key).filter(|k| !k.starts_with('#')).collect()
}

#[test]
fn every_message_that_a_page_names_exists_and_every_message_is_used() {
    let ja = keys(JA);
    let mut used = BTreeSet::new();
    // The contact centre names what its sentences say; the pages have the words.
    let mut files: Vec<std::path::PathBuf> = vec![
        "templates".into(),
        "src".into(),
        "../services/contact/src".into(),
        "../channels/line_account/src".into(),
        "../foundation/words/src".into(),
    ];
    let mut text = String::new();
    while let Some(path) = files.pop() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).expect("folder").map(|e| e.expect("entry").path()));
        } else {
            text.push_str(&std::fs::read_to_string(path).expect("text"));
        }
    }
    for call in ["page.t(\"", "page.ta(\"", "page.plain(\""] {
        for rest in text.split(call).skip(1) {
            let key = rest.split('"').next().expect("key");
            assert!(ja.contains(key), "a page names {key:?}, which has no message");
            used.insert(key.to_owned());
        }
    }
    for key in ja {
        let named = |name: &str| text.contains(&format!("\"{name}\""));
        let by_code = named(key)
            || key.starts_with("error-")
            || key.trim_start_matches("line-").strip_prefix("told-").is_some_and(named);
        assert!(used.contains(key) || by_code, "{key:?} is used nowhere");
    }
}
