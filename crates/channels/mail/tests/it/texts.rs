//! The wording of every mail in every language, and the form of the files.

use std::collections::BTreeMap;

use city::{Lang, Profile};
use mail::template::{TEMPLATES, TemplateError, render};

fn profile() -> Profile {
    Profile::from_toml(include_str!("../../../../../demo/minamo/city.toml"), "city.toml").expect("a profile")
}

fn example(field: &str) -> String {
    match field {
        "number" => "質問-2026-0012",
        "link" => "https://madoguchi.minamo.example/questions/2026-0012",
        "section" => "市民課",
        "title" => "住民票の写しの郵送請求",
        "count" => "12",
        "due" => "令和8年12月1日",
        "valid_until" | "at" => "令和8年11月30日 17時15分",
        other => panic!("no example for {other}"),
    }
    .into()
}

fn examples(fields: &[&str]) -> BTreeMap<String, String> {
    fields.iter().map(|f| ((*f).to_owned(), example(f))).collect()
}

#[test]
fn every_text_as_it_is_read() {
    for template in TEMPLATES {
        let citizens = template.name.starts_with("question.");
        for lang in Lang::ALL {
            let text = render(template.name, lang, &profile(), &examples(template.fields)).expect(template.name);
            // What is for the staff is in Japanese, whoever asks.
            assert_eq!(text.lang, if citizens { lang } else { Lang::Ja }, "{}", template.name);
            if text.lang == lang {
                let name = format!("{}.{}", template.name, lang.code());
                insta::assert_snapshot!(name, format!("{}\n\n{}", text.subject, text.body));
            }
        }
    }
}

#[test]
fn every_field_is_in_every_text_and_every_text_is_whole() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        let name = file.trim_end_matches(".txt").rsplit_once('.').expect("name.language.txt").0;
        let template = TEMPLATES.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("{file} belongs to nothing"));
        let text = std::fs::read_to_string(&path).expect("read");
        let placeholders: std::collections::BTreeSet<&str> =
            text.split('{').skip(1).map(|rest| rest.split_once('}').expect("closed").0).collect();
        let known: std::collections::BTreeSet<&str> = template.fields.iter().copied().chain(["city"]).collect();
        assert_eq!(&placeholders | &["city"].into(), known, "{file}");
        let (subject, body) = text.split_once('\n').expect("lines");
        assert!(subject.contains("{city}") && !body.starts_with('\n') && body.ends_with('\n'), "{file}");
        files += 1;
    }
    assert_eq!(files, TEMPLATES.len() + 4, "two more languages for each of the two for citizens");
}

#[test]
fn a_citizens_mail_tells_nothing_of_the_matter() {
    for template in TEMPLATES.iter().filter(|t| t.name.starts_with("question.")) {
        assert_eq!(template.fields, ["number", "link"], "nothing else can get in");
        for lang in Lang::ALL {
            let text = render(template.name, lang, &profile(), &examples(template.fields)).expect("a text");
            for word in ["質問", "回答", "相談", "question", "answer"] {
                assert!(!text.subject.to_lowercase().contains(word), "{word} in {}", text.subject);
            }
        }
    }
}

#[test]
fn wrong_fields_are_told_and_values_are_only_values() {
    let mut fields = examples(&["number", "link"]);
    let name = |n: &str| n.to_owned();
    assert_eq!(render("no.such", Lang::Ja, &profile(), &fields), Err(TemplateError::Unknown(name("no.such"))));
    fields.insert("number".into(), "{link}{city}\u{202E}\u{0}\r\n行".into());
    let text = render("question.answered", Lang::Ja, &profile(), &fields).expect("a text");
    assert!(text.body.contains("番号　{link}{city}\n行\n"), "{}", text.body);
    fields.insert("body".into(), "secret".into());
    let superfluous = TemplateError::Superfluous { template: name("question.answered"), field: name("body") };
    assert_eq!(render("question.answered", Lang::Ja, &profile(), &fields), Err(superfluous));
    let missing = TemplateError::Missing { template: name("question.answered"), field: name("link") };
    let fields = examples(&["number"]);
    assert_eq!(render("question.answered", Lang::En, &profile(), &fields), Err(missing));
}
