//! Files that are taken, and sentences for those that are not.

use std::path::Path;

use city::Profile;

use super::*;

fn organisation() -> Organisation {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../demo/minamo");
    let file = |name: &str| std::fs::read_to_string(demo.join(name)).expect("demo file");
    let from = "2026-04-01".parse().expect("date");
    let sections = city::sections_from_toml(&file("sections.toml"), "sections.toml", from).expect("sections");
    Organisation::new(Profile::from_toml(&file("city.toml"), "city.toml").expect("profile"), sections, Vec::new())
}

fn read_for(text: &str, own: Option<&[String]>) -> Result<File, Vec<Problem>> {
    let organisation = organisation();
    let today = "2026-11-24".parse().expect("date");
    read(text.as_bytes(), Scope { sections: own, organisation: &organisation, today })
}

#[test]
fn a_file_is_taken_with_or_without_a_mark_and_blanks() {
    let file = read_for("\u{feff}date,section,count\r\n2026-11-02, shimin ,12\r\n2026-11-03,shimin,0\r\n", None);
    let file = file.expect("taken");
    assert_eq!((file.kind, file.lines.len(), file.lines[0].count), (Kind::Section, 2, 12));
    assert_eq!(read_for("date,topic,count\n2026-11-02,moving,3\n", None).expect("taken").kind, Kind::Topic);
}

#[test]
fn each_wrong_line_is_told_with_its_number() {
    let text = "date,section,count\n2026-11-02,shimin,12\n11/3,shimin,4\n2026-11-04,nowhere,4\n2026-11-05,shimin,many\n\
                2026-11-06,shimin\n2026-11-02,shimin,1\n2026-12-01,shimin,1\n2026-11-07,shimin,-1\n";
    let problems = read_for(text, None).expect_err("refused");
    let told: Vec<(u64, &str)> = problems.iter().map(|p| (p.line, p.reason.as_str())).collect();
    let expected = [
        (3, "「11/3」は日付"),
        (4, "「nowhere」という課"),
        (5, "「many」は数"),
        (6, "列が2つ"),
        (7, "2行目と同じ日"),
        (8, "これからの日"),
        (9, "「-1」は数"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((line, reason), (number, words)) in told.iter().zip(expected) {
        assert!(*line == number && reason.contains(words), "{line} {reason}");
    }
}

#[test]
fn other_files_are_refused_in_one_sentence() {
    for (text, words) in [
        ("", "空です"),
        ("日付,課,数\n", "見出し"),
        ("date,section,count\n", "数の行がありません"),
        ("date,topic,count\n2026-11-02,none,3\n", "という分類は"),
    ] {
        let problems = read_for(text, None).expect_err("refused");
        assert!(problems[0].reason.contains(words), "{problems:?}");
    }
    let organisation = organisation();
    let today = "2026-11-24".parse().expect("date");
    let sjis = read(&[0x93, 0xfa, 0x95, 0x74], Scope { sections: None, organisation: &organisation, today });
    assert!(sjis.expect_err("refused")[0].reason.contains("UTF-8"));
}

#[test]
fn a_section_brings_its_own_numbers_only() {
    let own = ["shimin".to_owned()];
    assert!(read_for("date,section,count\n2026-11-02,shimin,3\n", Some(&own)).is_ok());
    let other = read_for("date,section,count\n2026-11-02,kankyo,3\n", Some(&own)).expect_err("refused");
    assert!(other[0].reason.contains("見られる課ではありません"), "{other:?}");
    let topics = read_for("date,topic,count\n2026-11-02,moving,3\n", Some(&own)).expect_err("refused");
    assert!(topics[0].reason.contains("市全体"), "{topics:?}");
}

#[test]
fn more_than_a_tenth_is_alarming() {
    let of = |ours, theirs| Compared { code: String::new(), ours, theirs };
    assert!(!of(90, 100).is_alarming() && !of(100, 90).is_alarming() && !of(0, 0).is_alarming());
    assert!(of(89, 100).is_alarming() && of(100, 89).is_alarming() && of(1, 0).is_alarming());
}
