//! What people write around a question: 「…について教えてください」. It says that something is asked,
//! not what.

/// Ends of sentences. Compared as written: in katakana they are words (タイ is no たい).
const ENDINGS: &[&str] = &[
    "について",
    "に関して",
    "に関する",
    "に対して",
    "とは",
    "の件",
    "教えてください",
    "教えて下さい",
    "教えてほしい",
    "教えて欲しい",
    "教えていただきたい",
    "教えていただけ",
    "教えて頂きたい",
    "教えて頂け",
    "教えてもらえ",
    "教えてくれ",
    "教えて",
    "おしえてください",
    "おしえて下さい",
    "おしえて",
    "知りたい",
    "しりたい",
    "聞きたい",
    "ききたい",
    "お聞きしたい",
    "伺いたい",
    "うかがいたい",
    "お尋ねしたい",
    "相談したい",
    "お願いします",
    "お願いいたします",
    "おねがいします",
    "お願い致します",
    "どうすれば",
    "どうしたら",
    "どうやって",
    "どのように",
    "どうなり",
    "どうやれば",
    "何をすれば",
    "なにをすれば",
    "よろしい",
    "宜しい",
    "よい",
    "良い",
    "いい",
    "でしょうか",
    "でしょう",
    "でしたら",
    "ですか",
    "ますか",
    "ませんか",
    "ましょうか",
    "ですが",
    "ますが",
    "ですけど",
    "ますけど",
    "ですけれど",
    "んだけど",
    "んですけど",
    "んですが",
    "のですが",
    "のだが",
    "だけど",
    "けれども",
    "けれど",
    "けど",
    "です",
    "ます",
    "ません",
    "ました",
    "のか",
    "のかを",
    "かを",
    "たい",
    "ください",
    "下さい",
    "ほしい",
    "欲しい",
    "いただけ",
    "頂け",
    "もらえ",
    "たいと思い",
    "と思い",
    "と思って",
    "おり",
    "のは",
    "のを",
    "とき",
    "場合",
];

/// Particles at the end of a sentence. They are cut only behind an ending or a character that is no
/// hiragana, since しか, いか and がいこく end like them.
const PARTICLES: &[char] = &['か', 'が', 'を', 'は', 'も', 'の', 'で', 'に', 'と', 'ん'];

/// Beginnings of sentences that only greet or lead in.
const BEGINNINGS: &[&str] = &[
    "すみません",
    "すいません",
    "こんにちは",
    "はじめまして",
    "お世話になっております",
    "お世話になります",
    "ちょっと",
    "あの",
    "えっと",
    "実は",
    "質問です",
    "質問なのですが",
    "教えてほしいのですが",
    "、",
    " ",
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
    let mut core = sentence;
    let mut cut = false;
    loop {
        let trimmed = core.trim_end_matches([' ', '、', ',', '.', '・', '…', '~']);
        if trimmed.len() != core.len() {
            core = trimmed;
            continue;
        }
        if let Some(rest) = BEGINNINGS.iter().find_map(|b| core.strip_prefix(*b)).filter(|rest| !rest.is_empty()) {
            core = rest;
            continue;
        }
        let ending = ENDINGS.iter().filter_map(|e| core.strip_suffix(*e)).min_by_key(|rest| rest.len());
        let particle = core.strip_suffix(PARTICLES).filter(|rest| cut || !rest.ends_with(is_hiragana));
        match ending.or(particle) {
            // Two characters always stay, so that a short question is never eaten.
            Some(rest) if rest.chars().nth(1).is_some() => {
                core = rest;
                cut = true;
            }
            _ => return core,
        }
    }
}

fn is_hiragana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ')
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
            ("ドローン", "ドローン"),
            ("ごみカレンダー", "ごみカレンダー"),
            ("がん検診は", "がん検診"),
            ("ほうか", "ほうか"),
            ("教えてください", "教えてください"),
        ] {
            assert_eq!(strip(asked), core);
        }
    }
}
