//! Personal data: what must be masked, what must stay, and what holds for any text.

use proptest::prelude::*;
use text::private::{Kind, find, mask, mask_every_at, mask_except};

const MASK: &str = include_str!("../private/mask.tsv");
const STAY: &str = include_str!("../private/stay.tsv");

fn kind(name: &str) -> Kind {
    match name {
        "my-number" => Kind::MyNumber,
        "card" => Kind::Card,
        "phone" => Kind::Phone,
        "mail" => Kind::Mail,
        "address" => Kind::Address,
        "account" => Kind::Account,
        "pension" => Kind::Pension,
        "licence" => Kind::Licence,
        "residence-card" => Kind::ResidenceCard,
        "passport" => Kind::Passport,
        "birth" => Kind::Birth,
        "name" => Kind::Name,
        "number" => Kind::Number,
        other => panic!("no kind {other}"),
    }
}

/// The lines of a table with their escapes read.
fn lines(table: &'static str) -> impl Iterator<Item = String> {
    let line = |line: &str| {
        let mut parts = line.split("\\u{");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (code, rest) = part.split_once('}').expect("an end of the escape");
            out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).expect("a character"));
            out.push_str(rest);
        }
        out.replace("\\n", "\n")
    };
    table.lines().skip(1).map(line)
}

#[test]
fn what_names_a_person_is_masked() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in lines(MASK) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [kinds, written, left] = cells[..] else { panic!("{line}: three columns") };
        let mut wanted: Vec<Kind> = kinds.split(',').map(kind).collect();
        let found: Vec<Kind> = find(written).into_iter().map(|found| found.kind).collect();
        let masked = mask(written);
        if masked.text != left || found != wanted {
            wrong.push(format!("{written:?}: {:?} {found:?}, wanted {left:?}", masked.text));
        }
        wanted.sort();
        wanted.dedup();
        if masked.kinds != wanted {
            wrong.push(format!("{written:?}: {:?}", masked.kinds));
        }
        count += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count >= 60, "{count} lines");
}

#[test]
fn ordinary_text_stays() {
    let wrong: Vec<String> = lines(STAY).filter(|text| mask(text).text != *text).map(|text| mask(&text).text).collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(lines(STAY).count() >= 60);
}

#[test]
fn places_are_bytes_of_the_text() {
    let text = "電話は０９０ー1234-5678、メールはa@b.jp。";
    let parts: Vec<(&str, Kind)> = find(text).into_iter().map(|found| (&text[found.range], found.kind)).collect();
    assert_eq!(parts, [("０９０ー1234-5678", Kind::Phone), ("a@b.jp", Kind::Mail)]);
}

#[test]
fn what_the_city_published_stays_however_it_is_written() {
    let published = ["0123-45-6789", "info@city.example.jp"];
    for text in [
        "0123-45-6789",
        "０１２３（４５）６７８９",
        "+81 123 45 6789",
        "INFO@city.example.jp",
        "info @ city.example.jp",
    ] {
        assert_eq!(mask_except(text, &published).text, text);
        assert_ne!(mask(text).text, text);
    }
    let masked = mask_except("市役所0123-45-6789、わたしは0123-45-6780", &published);
    assert_eq!(masked.text, "市役所0123-45-6789、わたしは［電話番号］");
    assert_eq!(masked.kinds, [Kind::Phone]);
    // What is written like a published number and is something else does not stay.
    assert_eq!(mask_except("マイナンバー123456789018", &["123456789018"]).kinds, [Kind::MyNumber]);
}

#[test]
fn check_digits_tell_numbers_from_others() {
    // Of the ten last digits one is right.
    let right = |prefix: &str| (0..10).filter(|last| !find(&format!("{prefix}{last}")).is_empty()).count();
    assert_eq!(right("12345678901"), 1);
    assert_eq!(right("411111111111111"), 1);
}

#[test]
fn every_at_is_masked_for_counts() {
    assert_eq!(mask_every_at("連絡は@someone か a@b まで", '＊'), "連絡は＊ か ＊ まで");
    assert_eq!(mask_every_at("何もない", '＊'), "何もない");
}

#[test]
fn what_stands_behind_a_long_and_odd_text_is_found() {
    for part in
        ["1", "1-", "a", "a.", "a@", "a@a.", "十", "1 ", "町1", "1番", "○", "氏名：", "私は", "1年", "番", "〒1", " "]
    {
        let masked = mask(&format!("{}、090-1234-5678", part.repeat(3_000)));
        assert!(masked.text.ends_with("、［電話番号］"), "{part}");
    }
}

/// Texts of pieces that meet in unexpected ways.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "電話",
            "マイナンバー",
            "口座番号",
            "普通",
            "年金",
            "免許",
            "旅券",
            "生年月日",
            "生まれ",
            "氏名：",
            "私は",
            "と申します",
            "南町",
            "みなも市",
            "丁目",
            "番",
            "番地",
            "号",
            "号室",
            "〒",
            "の",
            "は",
            "円",
            "年",
            "月",
            "日",
            "［電話番号］",
            "［",
            "］",
            "住所",
            "123456789018",
            "4111111111111111",
            "090",
            "1234",
            "5678",
            "0120",
            "-",
            "ー",
            " ",
            "。",
            "\n",
            "@",
            "example",
            ".",
            "jp",
            "AB",
            "\u{200b}",
            "⑫",
            "\u{3099}",
            "+",
            "81",
            "(",
            ")",
            "見本",
            "記号",
            "番号",
            "令和",
            "/",
        ])
        .prop_map(str::to_owned),
        "[0-9]{1,7}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn masking_twice_changes_nothing(text in prop_oneof![pieces(), any::<String>()]) {
        let once = mask(&text);
        let twice = mask(&once.text);
        prop_assert_eq!(&twice.text, &once.text);
        prop_assert!(twice.kinds.is_empty());
        let published = ["090-1234-5678", "0123-45-6789"];
        let once = mask_except(&text, &published);
        prop_assert_eq!(mask_except(&once.text, &published).text, once.text);
    }

    #[test]
    fn places_are_in_order_and_hold_characters(text in pieces()) {
        let mut end = 0;
        for found in find(&text) {
            prop_assert!(end <= found.range.start && found.range.start < found.range.end);
            prop_assert!(text.get(found.range.clone()).is_some());
            end = found.range.end;
        }
    }

    #[test]
    fn a_mobile_number_is_masked_however_it_is_written(
        digits in "0[789]0[1-9][0-9]{7}", cuts in prop::collection::vec(any::<bool>(), 10),
        joint in prop::sample::select(vec!["-", "ー", "－", " ", "　", "・", "\u{200b}", "", "‐", "−", "."]),
        zero in prop::sample::select(vec!['0', '０', '٠', '०']),
        before in prop::sample::select(vec!["", "わたしは", "TEL", "「", "12 "]),
    ) {
        let mut written = String::from(before);
        for (i, digit) in digits.bytes().enumerate() {
            written.push(char::from_u32(zero as u32 + u32::from(digit - b'0')).expect("a digit"));
            if cuts.get(i) == Some(&true) {
                written.push_str(joint);
            }
        }
        let masked = mask(&written);
        prop_assert_eq!(masked.text, format!("{before}［電話番号］"));
    }

    #[test]
    fn a_right_my_number_is_masked(eleven in "[1-79][0-9]{10}") {
        // Written out, apart from the code. What begins with 81 may be a telephone number.
        let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
        let sum: u32 = eleven.bytes().zip(weights).map(|(d, q)| u32::from(d - b'0') * q).sum();
        let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
        prop_assert_eq!(mask(&format!("{eleven}{check}")).kinds, [Kind::MyNumber]);
        let wrong = format!("{eleven}{}", (check + 1) % 10);
        prop_assert_eq!(find(&wrong), []);
    }

    #[test]
    fn mail_is_masked_between_other_words(
        local in "[a-z0-9][a-z0-9._+-]{0,12}", host in "[a-z0-9][a-z0-9-]{0,8}", end in r"(jp|com|co\.jp|or\.jp|city\.minamo\.lg\.jp)"
    ) {
        let masked = mask(&format!("連絡は{local}@{host}.{end}へ"));
        prop_assert_eq!(masked.text, "連絡は［メールアドレス］へ");
    }
}
