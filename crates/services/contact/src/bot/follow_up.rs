//! Words that ask on: 「いくらですか」 after an answer asks for that article's fee.

use knowledge::FactKind;

/// Words for each fact; longer ones first where one holds another.
const ASKED: &[(FactKind, &[&str])] = &[
    (
        FactKind::Hours,
        &["何時", "なんじ", "受付時間", "開いてい", "開庁時間", "営業時間", "時間", "what time", "opening hours"],
    ),
    (
        FactKind::Deadline,
        &["いつまで", "いつから", "いつ", "期限", "締め切り", "締切", "しめきり", "何日以内", "when", "deadline"],
    ),
    (FactKind::Fee, &["いくら", "料金", "手数料", "費用", "お金", "値段", "有料", "無料", "how much", "cost", "fee"]),
    (FactKind::Place, &["どこ", "場所", "窓口", "where"]),
    (
        FactKind::Bring,
        &[
            "持ち物",
            "持って",
            "もちもの",
            "必要なもの",
            "必要な物",
            "必要書類",
            "何がいる",
            "何が要る",
            "何が必要",
            "書類",
            "what do i need",
            "bring",
        ],
    ),
    (FactKind::Who, &["だれが", "誰が", "対象", "だれでも", "誰でも", "who"]),
    (FactKind::Online, &["オンライン", "ネットで", "インターネット", "スマホ", "電子申請", "online"]),
];

/// What may stand around such words.
const AROUND: &[&str] = &[
    "教えてください",
    "教えて",
    "でしょうか",
    "できますか",
    "できる",
    "になりますか",
    "かかりますか",
    "かかる",
    "いりますか",
    "ですか",
    "ますか",
    "ますか",
    "行けば",
    "行く",
    "いけば",
    "いい",
    "良い",
    "出せば",
    "出す",
    "すれば",
    "する",
    "それで",
    "それは",
    "それ",
    "これは",
    "これ",
    "その",
    "じゃあ",
    "では",
    "あと",
    "ちなみに",
    "また",
    "です",
    "ます",
    "までに",
    "まで",
    "から",
    "って",
    "とは",
    "もの",
    "物",
    "何",
    "なに",
    "は",
    "が",
    "を",
    "に",
    "で",
    "の",
    "も",
    "と",
    "か",
    "い",
    "り",
    "る",
    "く",
    "れ",
    "ば",
    "よ",
    "ね",
    "な",
    "お",
    "手続き",
    "手続",
    "申請",
    "届け出",
    "届出",
    "it",
    "is",
    "does",
    "the",
    "do",
    "i",
    "can",
    "and",
];

fn plain(words: &str) -> String {
    let normal = text::normal::normalise(words).to_lowercase();
    normal.chars().filter(|c| !"。、!?.,…~〜・「」()".contains(*c)).collect::<String>().trim().to_owned()
}

/// The fact that words ask for, whatever else they say.
pub(super) fn fact_wanted(words: &str) -> Option<FactKind> {
    let plain = plain(words);
    ASKED.iter().find(|(_, list)| list.iter().any(|w| plain.contains(w))).map(|(fact, _)| *fact)
}

/// The fact that words ask for, where they say nothing else.
pub(super) fn fact_asked(words: &str) -> Option<FactKind> {
    let fact = fact_wanted(words)?;
    let mut rest = plain(words);
    for word in ASKED.iter().flat_map(|(_, list)| *list).chain(AROUND) {
        rest = rest.replace(word, " ");
    }
    rest.trim().is_empty().then_some(fact)
}

/// What people say around the one word that they come with.
const OPENING: &[&str] = &[
    "について教えてください",
    "について知りたいです",
    "について知りたい",
    "について",
    "のことを聞きたい",
    "のことで",
    "のこと",
    "したいです",
    "したいのですが",
    "したいんですが",
    "したい",
    "することになりました",
    "することになった",
    "することになって",
    "することに",
    "しました",
    "します",
    "する",
    "した",
    "するとき",
    "のとき",
    "の時",
    "の手続きを教えてください",
    "の手続きは",
    "の手続き",
    "手続き",
    "の届け出",
    "の届出",
    "の届け",
    "の方法",
    "方法",
    "どうすればいいですか",
    "どうしたらいいですか",
    "どうすればいい",
    "どうしたらいい",
    "教えてください",
    "教えて",
    "お願いします",
    "が知りたい",
    "が必要",
    "なんですけど",
    "なんですが",
    "なのですが",
    "ですけど",
    "ですが",
    "です",
    "んですが",
    "のですが",
    "を",
    "は",
    "が",
    "に",
    "の",
    "で",
    "about",
    "please",
];

/// Whether words hold one of a list and nothing else but what stands around it.
pub(super) fn is_only(words: &str, list: &[String]) -> bool {
    let fold = |text: &str| text::normal::fold_kana(&plain(text));
    let said = fold(words);
    list.iter().any(|word| {
        let Some((before, after)) = said.split_once(&fold(word)) else { return false };
        let mut rest = after.to_owned();
        for around in OPENING {
            rest = rest.replace(&fold(around), " ");
        }
        before.trim().is_empty() && rest.trim().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_on_is_told_from_a_new_question() {
        for (words, fact) in [
            ("いくらですか？", Some(FactKind::Fee)),
            ("それはどこで？", Some(FactKind::Place)),
            ("いつまでに出せばいいですか", Some(FactKind::Deadline)),
            ("持ち物は？", Some(FactKind::Bring)),
            ("何時まで開いていますか", Some(FactKind::Hours)),
            ("ネットでできますか", Some(FactKind::Online)),
            ("How much is it?", Some(FactKind::Fee)),
            ("じゃあ、手数料は？", Some(FactKind::Fee)),
            ("住民票はいくらですか", None),
            ("粗大ごみの料金", None),
            ("印鑑登録に必要なもの", None),
            ("こんにちは", None),
        ] {
            assert_eq!(fact_asked(words), fact, "{words}");
        }
        assert_eq!(fact_wanted("住民票はいくらですか"), Some(FactKind::Fee));
        assert_eq!(fact_wanted("住民票が欲しい"), None);
    }

    #[test]
    fn one_word_alone_is_open() {
        let words = ["引っ越し".to_owned(), "転居".into()];
        for open in ["引っ越し", "引っ越しします", "引っ越しについて教えてください。", "転居", "引っ越しをするのですが"]
        {
            assert!(is_only(open, &words), "{open}");
        }
        for clear in ["引っ越しのとき水道はどうすればいい", "市外へ引っ越します", "転居届の持ち物", "犬と引っ越し"]
        {
            assert!(!is_only(clear, &words), "{clear}");
        }
    }
}
