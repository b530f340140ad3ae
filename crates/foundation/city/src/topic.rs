//! Topics: the shared service catalogue, 8 life events and 20 daily events.
//!
//! Source: Government Interoperability Framework, service catalogue DS-491-1 (individuals).

use crate::{Lang, profile::pick};

/// The two halves of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicGroup {
    /// ライフイベント: something happens in a life.
    Life,
    /// デイリーイベント: everyday matters.
    Daily,
}

/// A topic.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// Code, in addresses and files.
    pub code: &'static str,
    /// Half of the catalogue.
    pub group: TopicGroup,
    ja: &'static str,
    easy: &'static str,
    en: &'static str,
    hint_ja: &'static str,
    hint_easy: &'static str,
    hint_en: &'static str,
}

impl Topic {
    /// Name in a language.
    pub fn name(&self, lang: Lang) -> &'static str {
        pick(lang, self.ja, self.easy, self.en)
    }

    /// A few words of what is inside.
    pub fn hint(&self, lang: Lang) -> &'static str {
        pick(lang, self.hint_ja, self.hint_easy, self.hint_en)
    }
}

macro_rules! topics {
    ($($group:ident $code:literal: $ja:literal, $easy:literal, $en:literal | $hja:literal, $heasy:literal, $hen:literal;)*) => {
        &[$(Topic { code: $code, group: TopicGroup::$group, ja: $ja, easy: $easy, en: $en, hint_ja: $hja, hint_easy: $heasy, hint_en: $hen }),*]
    };
}

/// All topics in the order of the catalogue.
pub const TOPICS: &[Topic] = topics! {
    Life "moving": "引っ越し・住まい", "引(ひ)っ越(こ)し・家(いえ)", "Moving and housing" | "転入・転出・転居", "住所(じゅうしょ)が 変(か)わる", "Moving in, out or within the city";
    Life "pregnancy": "妊娠・出産", "妊娠(にんしん)・出産(しゅっさん)", "Pregnancy and birth" | "母子健康手帳・出生届", "赤(あか)ちゃんが 生(う)まれる", "Handbook, birth registration";
    Life "childcare": "子育て", "子(こ)どもを 育(そだ)てる", "Raising children" | "保育所・手当・医療費", "保育園(ほいくえん)・お金(かね)", "Nurseries, allowances, medical costs";
    Life "education": "教育", "学校(がっこう)", "School" | "入学・就学援助", "学校(がっこう)に 入(はい)る", "Starting school, school aid";
    Life "work": "就職・退職", "仕事(しごと)", "Work" | "国保・年金の切りかえ", "仕事(しごと)を 始(はじ)める・やめる", "Starting or leaving a job";
    Life "marriage": "結婚・離婚", "結婚(けっこん)・離婚(りこん)", "Marriage and divorce" | "届け出・戸籍", "届(とど)けを 出(だ)す", "Notices, family register";
    Life "aging": "高齢者・介護", "お年寄(としよ)り・介護(かいご)", "Older people and care" | "認定・サービス・見守り", "手伝(てつだ)いが いる とき", "Care certification, services";
    Life "bereavement": "ご不幸", "人(ひと)が 亡(な)くなった とき", "When someone dies" | "死亡届・火葬・相続", "届(とど)け・お葬式(そうしき)", "Death notice, funeral, inheritance";
    Daily "registry": "戸籍・住民票・証明", "住民票(じゅうみんひょう)・証明(しょうめい)", "Certificates and My Number" | "印鑑・マイナンバー", "はんこ・マイナンバー", "Residence, family register, seal";
    Daily "tax": "税金", "税金(ぜいきん)", "Taxes" | "住民税・固定資産税", "税金(ぜいきん)を はらう", "Resident and property tax";
    Daily "health-insurance": "国民健康保険", "健康保険(けんこうほけん)", "Health insurance" | "加入・保険料", "入(はい)る・お金(かね)", "Joining, premiums";
    Daily "pension": "年金", "年金(ねんきん)", "Pension" | "免除・受け取り", "はらう・もらう", "Exemption, receiving";
    Daily "utilities": "水道・ガス・電気", "水道(すいどう)・ガス・電気(でんき)", "Water, gas, electricity" | "開始・中止・水漏れ", "水(みず)を 使(つか)う", "Start, stop, leaks";
    Daily "transport": "交通", "バス・電車(でんしゃ)", "Transport" | "みなもバス・道路", "バスに 乗(の)る", "Community bus, roads";
    Daily "parking": "駐輪・駐車", "自転車(じてんしゃ)・車(くるま)を 止(と)める", "Bicycle and car parking" | "定期利用・放置自転車", "自転車(じてんしゃ)", "Passes, removed bicycles";
    Daily "planning": "都市計画・建築", "町(まち)づくり・建物(たてもの)", "Planning and building" | "用途地域・建築確認", "家(いえ)を 建(た)てる", "Zoning, building permits";
    Daily "waste": "ごみ・環境", "ごみ", "Garbage and environment" | "収集日・分け方・粗大ごみ", "ごみの 日(ひ)・分(わ)け方(かた)", "Collection days, sorting";
    Daily "food-hygiene": "食品衛生", "食(た)べ物(もの)の 安全(あんぜん)", "Food safety" | "営業許可・食中毒", "お店(みせ)を 始(はじ)める", "Permits, food poisoning";
    Daily "pets": "ペット・動物", "ペット・動物(どうぶつ)", "Pets and animals" | "犬の登録・迷子", "犬(いぬ)・猫(ねこ)", "Dog registration, lost pets";
    Daily "welfare": "福祉・くらしの支援", "生活(せいかつ)の 助(たす)け", "Support for living" | "生活に困ったとき", "お金(かね)に こまった とき", "When money runs short";
    Daily "disability": "障がい", "障(しょう)がい", "Disability" | "手帳・サービス・手当", "手帳(てちょう)・手伝(てつだ)い", "Certificate, services";
    Daily "consumer": "消費生活", "買(か)い物(もの)の トラブル", "Consumer affairs" | "契約・詐欺・クーリングオフ", "だまされた とき", "Contracts, fraud";
    Daily "health": "健康・医療", "体(からだ)・病気(びょうき)", "Health and medical care" | "予防接種・健診・休日診療", "注射(ちゅうしゃ)・健診(けんしん)", "Vaccines, check-ups, holidays";
    Daily "culture": "文化・スポーツ・生涯学習", "図書館(としょかん)・スポーツ", "Culture, sports, learning" | "図書館・体育館・講座", "本(ほん)を 借(か)りる", "Libraries, gyms, courses";
    Daily "community": "市民活動・市政", "町(まち)の 活動(かつどう)・市(し)の 仕事(しごと)", "Community and city hall" | "自治会・提言・選挙", "自治会(じちかい)・相談(そうだん)", "Associations, proposals, elections";
    Daily "disaster": "防災", "地震(じしん)・台風(たいふう)", "Disasters" | "避難所・ハザードマップ", "にげる ところ", "Shelters, hazard maps";
    Daily "crime-prevention": "防犯", "安全(あんぜん)な 町(まち)", "Crime prevention" | "街灯・見守り・詐欺電話", "あぶない とき", "Street lights, safety";
    Daily "fire-emergency": "救急・消防", "救急車(きゅうきゅうしゃ)・火事(かじ)", "Ambulance and fire" | "119番・#7119・火災予防", "119に 電話(でんわ)する", "119, #7119, fire prevention";
};

/// The topic with a code.
pub fn topic(code: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|t| t.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_eight_life_and_twenty_daily_events() {
        let life = TOPICS.iter().filter(|t| t.group == TopicGroup::Life).count();
        assert_eq!((life, TOPICS.len() - life), (8, 20));
        let mut codes: Vec<_> = TOPICS.iter().map(|t| t.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 28);
    }
}
