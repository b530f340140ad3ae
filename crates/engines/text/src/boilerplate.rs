//! What people write around a question: 「…について教えてください」. It says that something is asked,
//! not what.

use crate::normal::fold_kana;

/// Ends of sentences, longest first where one contains another. Kana-folded.
const ENDINGS: &[&str] = &[
    "について", "に関して", "に関する", "に対して", "とは", "の件",
    "教えてください", "教えて下さい", "教えてほしい", "教えて欲しい", "教えていただきたい", "教えていただけ", "教えて頂きたい",
    "教えて頂け", "教えてもらえ", "教えてくれ", "教えて", "おしえてください", "おしえて下さい", "おしえて",
    "知りたい", "しりたい", "聞きたい", "ききたい", "お聞きしたい", "伺いたい", "うかがいたい", "お尋ねしたい", "相談したい",
    "お願いします", "お願いいたします", "おねがいします", "お願い致します",
    "どうすれば", "どうしたら", "どうやって", "どのように", "どうなり", "どうやれば", "何をすれば", "なにをすれば",
    "よろしい", "宜しい", "よい", "良い", "いい",
    "でしょうか", "でしょう", "でしたら", "ですか", "ますか", "ませんか", "ましょうか", "ですが", "ますが", "ですけど", "ますけど",
    "ですけれど", "んだけど", "んですけど", "んですが", "のですが", "のだが", "だけど", "けれども", "けれど", "けど",
    "です", "ます", "ません", "ました", "のか", "のかを", "かを", "たい", "したい", "ください", "下さい", "ほしい", "欲しい",
    "いただけ", "頂け", "もらえ", "たいと思い", "と思い", "と思って", "おり", "のは", "のを", "とき", "場合", "か", "が", "を", "は", "も", "の", "で", "に", "と", "ん",
];

/// Beginnings of sentences that only greet or lead in.
const BEGINNINGS: &[&str] = &[
    "すみません", "すいません", "こんにちは", "はじめまして", "お世話になっております", "お世話になります", "ちょっと", "あの",
    "えっと", "実は", "質問です", "質問なのですが", "教えてほしいのですが", "、", " ",
];

/// The sentences of `text` (in normal form) without their polite surroundings. If nothing would be
/// left of the whole text, the text itself is returned.
pub fn strip(text: &str) -> String {
    let mut out = String::new();
    for sentence in text.split(['。', '?', '!', '\n', '．']) {
        let core = strip_sentence(sentence);
        if !core.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(core);
        }
    }
    if out.is_empty() { text.to_owned() } else { out }
}

fn strip_sentence(sentence: &str) -> &str {
    // Folding keeps the number of characters and of bytes, so cuts carry over.
    let folded = fold_kana(sentence);
    let (mut from, mut to) = (0, folded.len());
    loop {
        let part = &folded[from..to];
        let trimmed = part.trim_end_matches([' ', '、', ',', '.', '・', '…', '~', '-', 'ー']);
        if trimmed.len() != part.len() {
            to = from + trimmed.len();
            continue;
        }
        if let Some(begin) = BEGINNINGS.iter().find(|b| part.len() > b.len() && part.starts_with(**b)) {
            from += begin.len();
            continue;
        }
        // Two characters always stay, so that a short question is never eaten.
        match ENDINGS.iter().filter(|e| part.ends_with(**e)).max_by_key(|e| e.len()) {
            Some(end) if part[..part.len() - end.len()].chars().nth(1).is_some() => to -= end.len(),
            _ => return &sentence[from..to],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn politeness_goes_and_the_matter_stays() {
        for (asked, core) in [
            ("住民票の取り方を教えてください。", "住民票の取り方"),
            ("引っ越したんだけど何をすればいい?", "引っ越した"),
            ("粗大ごみの出し方について知りたいのですが", "粗大ごみの出し方"),
            ("すみません、ゴミ袋はどこで買えますか", "ゴミ袋はどこで買え"),
            ("ごみ", "ごみ"),
            ("教えてください", "教えてください"),
        ] {
            assert_eq!(strip(asked), core);
        }
    }
}
