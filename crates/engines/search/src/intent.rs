//! What kind of answer a question wants, and what kinds a text holds.

/// A kind of answer. Several can be wanted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// By when, from when.
    When = 0,
    /// What it costs or what one gets.
    HowMuch = 1,
    /// Where.
    Where = 2,
    /// What has to be brought.
    Bring = 3,
    /// Who is meant.
    Who = 4,
    /// How it is done.
    How = 5,
    /// What something is.
    What = 6,
    /// Whether it may be.
    May = 7,
    /// During which hours.
    Hours = 8,
    /// Whom to turn to.
    Contact = 9,
    /// Something was lost.
    Lost = 10,
    /// Something is to be changed.
    Change = 11,
    /// Something is to be ended.
    End = 12,
}

/// Number of kinds.
pub(crate) const INTENTS: usize = 13;

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Intents(pub(crate) u16);

impl Intents {
    fn add(&mut self, intent: Intent) {
        self.0 |= 1 << intent as u16;
    }

    /// Whether it holds a kind.
    pub const fn has(self, intent: Intent) -> bool {
        self.0 & (1 << intent as u16) != 0
    }

    pub(crate) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) const fn with(self, other: Intents) -> Intents {
        Intents(self.0 | other.0)
    }

    pub(crate) const fn both(self, other: Intents) -> Intents {
        Intents(self.0 & other.0)
    }
}

/// Words of a question by the kind that they ask for, in normal form with hiragana.
const ASKED: [(Intent, &[&str]); INTENTS] = [
    (
        Intent::When,
        &[
            "いつ",
            "何日",
            "何月",
            "期限",
            "期間",
            "締切",
            "締め切り",
            "しめきり",
            "時期",
            "日程",
            "何年",
            "までに",
            "何歳から",
        ],
    ),
    (
        Intent::HowMuch,
        &["いくら", "費用", "料金", "手数料", "値段", "金額", "何円", "お金", "無料", "有料", "ただで", "税額", "額は"],
    ),
    (Intent::Where, &["どこ", "場所", "何処", "どちら", "所在地", "会場", "窓口は"]),
    (
        Intent::Bring,
        &[
            "必要なもの",
            "必要な物",
            "必要な書類",
            "必要書類",
            "持ち物",
            "何が必要",
            "何がいる",
            "何がいり",
            "何を持",
            "書類は",
            "添付",
        ],
    ),
    (Intent::Who, &["誰", "だれ", "対象", "条件", "資格", "何歳", "該当", "要件", "どんな人", "だれが"]),
    (
        Intent::How,
        &[
            "方法",
            "やり方",
            "仕方",
            "しかた",
            "手続",
            "手順",
            "どうすれば",
            "どうしたら",
            "どうやって",
            "どのように",
            "どうする",
            "どうなり",
            "申請",
            "申し込み",
            "申込",
            "取り方",
            "出し方",
            "捨て方",
        ],
    ),
    (Intent::What, &["とは", "何ですか", "なんですか", "どういう", "どのような", "どんな", "違い", "意味"]),
    (
        Intent::May,
        &[
            "できますか",
            "できるか",
            "可能",
            "もらえ",
            "いいですか",
            "よいですか",
            "受けられ",
            "使えますか",
            "ありますか",
            "あるか",
            "できない",
        ],
    ),
    (Intent::Hours, &["何時", "時間", "土日", "日曜", "土曜", "休日", "営業", "開いて", "休み", "夜間"]),
    (Intent::Contact, &["電話", "連絡先", "問い合わせ", "問合せ", "相談", "担当", "どこに言え", "通報"]),
    (Intent::Lost, &["なくし", "無くし", "失くし", "紛失", "落とし", "盗まれ", "再発行", "見つから", "忘れ"]),
    (Intent::Change, &["変更", "変わ", "変え", "引っ越", "転居", "訂正", "切り替え", "書き換え", "書きかえ"]),
    (Intent::End, &["やめ", "止め", "廃止", "解約", "取り消", "取消", "中止", "脱退", "返納", "廃車", "閉栓"]),
];

/// Words of an answer that say something of a kind.
const HELD: [(Intent, &[&str]); 8] = [
    (Intent::When, &["日以内", "までに", "月から", "日から", "期限", "日まで", "月上旬", "月下旬", "毎年", "毎月"]),
    (Intent::HowMuch, &["円", "無料", "かかりません", "手数料"]),
    (Intent::Where, &["窓口", "場所", "階", "会館", "センター", "支所", "丁目", "番地"]),
    (Intent::Bring, &["持って", "持参", "必要なもの", "必要書類", "本人確認", "印鑑", "身分証", "免許証", "証明書"]),
    (Intent::Who, &["対象", "の方", "歳以上", "歳未満", "歳まで", "世帯", "該当"]),
    (Intent::Hours, &["午前", "午後", "時から", "時まで", "時30分", "平日", "土曜", "日曜", "祝日"]),
    (Intent::Contact, &["電話", "お問い合わせ", "問い合わせ", "ファックス", "連絡"]),
    (Intent::Lost, &["紛失", "なくし", "再発行", "再交付"]),
];

fn found(table: &[(Intent, &[&str])], normal: &str) -> Intents {
    let mut intents = Intents::default();
    for (intent, words) in table {
        if words.iter().any(|word| normal.contains(word)) {
            intents.add(*intent);
        }
    }
    intents
}

/// What a question in normal form asks for.
pub fn asked(normal: &str) -> Intents {
    found(&ASKED, normal)
}

/// What kinds of answers a text in normal form holds.
pub fn held(normal: &str) -> Intents {
    found(&HELD, normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_says_what_it_wants() {
        for (question, intent) in [
            ("住民票はいくらですか", Intent::HowMuch),
            ("いつまでに出せばいい?", Intent::When),
            ("必要なものは", Intent::Bring),
            ("保険証をなくした", Intent::Lost),
        ] {
            assert!(asked(question).has(intent), "{question}");
        }
        assert_eq!(asked("粗大ごみ").count(), 0);
        assert!(held("手数料は300円です。").has(Intent::HowMuch));
    }
}
