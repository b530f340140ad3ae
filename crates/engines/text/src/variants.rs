//! Characters that are written in two ways: old forms (旧字体) and the variants that names keep, by the form of the
//! table of characters for general use (常用漢字表). 轉入届 and 転入届, 渡邊 and 渡辺 are compared as one.

/// Pairs of an old or variant form and the one of general use, one after the other.
const PAIRS: &str = "\
亞亜惡悪壓圧圍囲爲為醫医壹壱稻稲飮飲隱隠營営榮栄衞衛驛駅圓円鹽塩緣縁艷艶應応歐欧毆殴櫻桜奧奥橫横溫温穩穏\
假仮價価畫画會会繪絵壞壊懷懐樂楽殼殻擴拡覺覚學学嶽岳勸勧卷巻陷陥罐缶寬寛歡歓關関觀観氣気歸帰犧犠舊旧據拠擧挙\
峽峡挾挟狹狭鄕郷堯尭曉暁區区驅駆勳勲薰薫徑径惠恵揭掲溪渓經経繼継莖茎螢蛍輕軽鷄鶏藝芸擊撃缺欠劍剣儉倹圈圏檢検\
權権獻献縣県險険顯顕驗験嚴厳效効廣広恆恒鑛鉱號号國国濟済碎砕齋斎劑剤雜雑參参慘惨棧桟蠶蚕贊賛殘残絲糸齒歯兒児\
辭辞濕湿實実寫写釋釈壽寿收収從従澁渋獸獣縱縦肅粛處処緖緒敍叙獎奨將将燒焼稱称證証乘乗剩剰壤壌孃嬢條条淨浄狀状疊畳\
穰穣讓譲釀醸囑嘱觸触寢寝愼慎晉晋眞真盡尽圖図粹粋醉酔隨随髓髄數数樞枢瀨瀬聲声靜静齊斉攝摂竊窃專専戰戦淺浅潛潜纖繊\
踐践錢銭禪禅曾曽雙双壯壮搜捜插挿爭争總総聰聡莊荘裝装騷騒增増臟臓藏蔵屬属續続墮堕體体對対帶帯滯滞臺台瀧滝擇択澤沢\
單単擔担膽胆團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁聽聴鎭鎮遞逓鐵鉄轉転點点傳伝黨党盜盗燈灯當当鬪闘德徳獨独讀読\
屆届貳弐惱悩腦脳霸覇廢廃拜拝賣売麥麦發発髮髪拔抜蠻蛮祕秘濱浜甁瓶拂払佛仏變変邊辺邉辺辨弁瓣弁辯弁舖舗寶宝豐豊萬万\
滿満默黙彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様謠謡來来賴頼亂乱覽覧龍竜兩両獵猟綠緑壘塁勵励禮礼隸隷靈霊齡齢戀恋爐炉\
勞労樓楼郞郎祿禄灣湾髙高﨑崎嵜崎𠮷吉濵浜槇槙桒桑嶋島嶌島冨富";

/// The form of general use of one character; anything else as it is.
fn general(c: char) -> char {
    // Nearly all text is of the forms of general use; those below the block of Chinese characters are none.
    if (c as u32) < 0x3400 {
        return c;
    }
    static TABLE: std::sync::LazyLock<std::collections::HashMap<char, char>> = std::sync::LazyLock::new(|| {
        let chars: Vec<char> = PAIRS.chars().collect();
        chars.chunks_exact(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1])).collect()
    });
    TABLE.get(&c).copied().unwrap_or(c)
}

/// A text with all characters in the form of general use. For comparing only: a name is shown as it is written.
pub fn unify(text: &str) -> String {
    text.chars().map(general).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_forms_and_new_ones_are_one() {
        for (old, new) in [
            ("轉入屆", "転入届"),
            ("市廳舍の圖書館", "市庁舍の図書館"),
            ("渡邊さん", "渡辺さん"),
            ("髙﨑", "高崎"),
            ("國民健康保險證", "国民健康保険証"),
            ("ごみの日", "ごみの日"),
            ("", ""),
        ] {
            assert_eq!(unify(old), new);
        }
    }

    #[test]
    fn every_pair_leads_to_a_form_that_stays() {
        let chars: Vec<char> = PAIRS.chars().collect();
        assert_eq!(chars.len() % 2, 0);
        for pair in chars.chunks_exact(2) {
            assert_eq!(general(pair[1]), pair[1], "{pair:?}");
        }
    }
}
