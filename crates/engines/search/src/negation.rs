//! Whether a question is about what is not so: ごみが収集されない is another matter than ごみの収集.

/// Words with ない that deny nothing: what must be done, what is not known, politeness, and words that only end so.
const DENIES_NOTHING: &[&str] = &[
    "なければ",
    "なくては",
    "なくちゃ",
    "なきゃ",
    "ないといけ",
    "ないとだめ",
    "ないとなら",
    "かもしれない",
    "かもしれません",
    "わからない",
    "分からない",
    "わかりません",
    "分かりません",
    "知らない",
    "知りません",
    "ないですか",
    "ないでしょうか",
    "ませんか",
    "すみません",
    "くれない",
    "少ない",
    "すくない",
    "あぶない",
    "あんない",
    "もったいない",
    "おこない",
    "しないの",
    "危ない",
    "つまらない",
    "間違いない",
    "仕方ない",
    "仕方がない",
    "しょうがない",
    "とんでもない",
    "申し訳ない",
    "申し訳ありません",
];

/// What denies.
const DENIES: &[&str] = &[
    "ない",
    "なかった",
    "なくて",
    "なくても",
    "ません",
    "ずに",
    "不要",
    "いらない",
    "なしで",
    "無しで",
    "以外",
    "未提出",
    "未納",
    "未着",
    "n't ",
    " not ",
    " without ",
];

/// Whether a question in normal form is about what is not so.
pub(crate) fn negated(normal: &str) -> bool {
    // Most questions hold none of these.
    if !DENIES.iter().any(|word| normal.contains(word)) {
        return false;
    }
    let rest = DENIES_NOTHING.iter().fold(normal.to_owned(), |text, word| text.replace(word, " "));
    DENIES.iter().any(|word| rest.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_so_is_told_from_what_must_be() {
        for denied in
            ["ごみが収集されない", "通知が届きません", "印鑑なしでできますか", "窓口に行けない", "i did not get it"]
        {
            assert!(negated(denied), "{denied}");
        }
        for plain in [
            "ごみの収集日",
            "届け出なければなりませんか",
            "どこに行けばいいかわからない",
            "カードをなくした",
            "手続きしないといけませんか",
            "子どもが少ない",
            "しないのびょういん",
            "あんないじょはどこ",
            "教えてくれない?",
        ] {
            assert!(!negated(plain), "{plain}");
        }
    }
}
