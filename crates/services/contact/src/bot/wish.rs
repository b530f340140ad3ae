//! What citizens want of the bot itself rather than of the city's knowledge.

/// A wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A person.
    Person,
    /// Somebody is in danger now: 110, 119.
    Danger,
    /// It is done.
    Thanks,
    /// Only a greeting.
    Greeting,
}

/// Somebody of the staff, as citizens call them.
const WHOM: &[&str] = &[
    "人",
    "ひと",
    "オペレーター",
    "オペレータ",
    "職員",
    "担当",
    "係の方",
    "係の人",
    "係員",
    "人間",
    "スタッフ",
    "有人",
    "だれか",
    "誰か",
];
/// What is wanted of them.
const TO_DO: &[&str] = &[
    "話したい",
    "話がしたい",
    "話せ",
    "はなしたい",
    "つないで",
    "つなげて",
    "つなぐ",
    "代わって",
    "かわって",
    "代えて",
    "替わって",
    "出して",
    "お願い",
    "相談したい",
    "聞きたい",
    "ききたい",
    "呼んで",
    "対応して",
    "に聞いて",
];
/// Complete wishes.
const WHOLE: &[&str] = &[
    "オペレーター",
    "オペレータ",
    "有人チャット",
    "人と話す",
    "担当者",
    "職員",
    "人間と",
    "ボットは嫌",
    "ボットじゃなく",
    "aiは嫌",
    "aiじゃなく",
    "機械は嫌",
    "機械じゃなく",
];
/// How complete wishes may end.
const ENDINGS: &[&str] = &["", "を", "で", "と", "に", "さん", "です", "がいい", "がいいです", "だ", "は", "へ"];
const ENGLISH: &[&str] = &[
    "talk to a person",
    "talk to a human",
    "speak to a person",
    "speak to someone",
    "speak with someone",
    "talk to someone",
    "real person",
    "human agent",
    "an operator",
    "operator please",
    "live agent",
];
/// Something happens now.
const DANGER: &[&str] = &[
    "火事です",
    "火事だ",
    "燃えてい",
    "燃えて",
    "救急車を呼",
    "救急車呼",
    "意識がない",
    "息をして",
    "倒れてい",
    "倒れた",
    "刺され",
    "殺される",
    "死にたい",
    "自殺",
    "溺れ",
    "おぼれて",
    "襲われ",
    "誘拐",
    "殴られてい",
];
const DANGER_ENGLISH: &[&str] =
    &["call an ambulance", "not breathing", "unconscious", "kill myself", "suicide", "on fire"];
const THANKS: &[&str] = &[
    "ありがとう",
    "ありがと",
    "助かりました",
    "助かった",
    "解決しました",
    "解決した",
    "わかりました",
    "分かりました",
    "了解です",
    "了解しました",
    "なるほど",
    "大丈夫です",
    "もういいです",
    "thank you",
    "thanks",
    "got it",
];
const GREETING: &[&str] = &[
    "こんにちは",
    "こんばんは",
    "おはよう",
    "おはようございます",
    "はじめまして",
    "もしもし",
    "すみません",
    "hello",
    "hi",
];

/// A question that only thanks has few more characters than the thanks.
const LITTLE_MORE: usize = 10;

/// The wish in some words, if they hold one.
pub fn wish(words: &str) -> Option<Wish> {
    let all = text::normal::normalise(words).to_lowercase();
    let plain: String = all.chars().filter(|c| !c.is_whitespace() && !"。、!?.,…~〜".contains(*c)).collect();
    let has = |list: &[&str]| list.iter().any(|w| plain.contains(w));
    if has(DANGER) || DANGER_ENGLISH.iter().any(|w| all.contains(w)) {
        return Some(Wish::Danger);
    }
    let wants = WHOM.iter().any(|whom| {
        plain.find(whom).is_some_and(|at| {
            let rest = &plain[at + whom.len()..];
            // 「人と話したい」, 「担当の方につないで」: what is wanted stands right after whom.
            TO_DO.iter().any(|to_do| rest.find(to_do).is_some_and(|n| rest[..n].chars().count() <= 6))
        })
    });
    let whole = WHOLE.iter().any(|w| plain.strip_prefix(w).is_some_and(|rest| ENDINGS.contains(&rest)));
    if wants || whole || ENGLISH.iter().any(|w| all.contains(w)) {
        return Some(Wish::Person);
    }
    let short = |w: &str| plain.contains(w) && plain.chars().count() <= w.chars().count() + LITTLE_MORE;
    let asks = words.contains(['?', '？']) || plain.ends_with('か');
    if !asks && THANKS.iter().any(|w| short(&w.replace(' ', ""))) {
        return Some(Wish::Thanks);
    }
    GREETING.contains(&plain.as_str()).then_some(Wish::Greeting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_understood() {
        for (words, wanted) in [
            ("人と話したいです", Some(Wish::Person)),
            ("オペレーターにつないでください", Some(Wish::Person)),
            ("担当の方と話せますか", Some(Wish::Person)),
            ("職員さんをお願いします", Some(Wish::Person)),
            ("オペレーター", Some(Wish::Person)),
            ("I want to talk to a person", Some(Wish::Person)),
            ("AIじゃなくて人に聞きたい", Some(Wish::Person)),
            ("ありがとうございました！", Some(Wish::Thanks)),
            ("分かりました、助かりました", Some(Wish::Thanks)),
            ("Thank you", Some(Wish::Thanks)),
            ("こんにちは", Some(Wish::Greeting)),
            ("家が燃えています", Some(Wish::Danger)),
            ("母が倒れて意識がない", Some(Wish::Danger)),
        ] {
            assert_eq!(wish(words), wanted, "{words}");
        }
    }

    #[test]
    fn questions_are_none() {
        for words in [
            "転入届はいつまでですか",
            "住民票の担当課はどこですか",
            "職員採用試験について",
            "外国人の人の手続き",
            "亡くなった人の年金",
            "火事で家が焼けたときの減税",
            "一人暮らしの老人の見守り",
            "窓口で本人確認は必要ですか",
            "ありがとうセンターの場所はどこですか",
            "燃えるごみの日",
            "燃やすごみ",
            "担当者の名前",
            "人口はどのくらいですか",
        ] {
            assert_eq!(wish(words), None, "{words}");
        }
    }
}
