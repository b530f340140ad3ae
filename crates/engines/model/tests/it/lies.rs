//! What is wrong must not pass.

use std::collections::BTreeMap;

use model::{Lie, Lying, Style};

use crate::support::{checked, source};

/// Pairs of articles, the first of which is lied about.
const FIRST: &[(&str, &str, Style)] = &[
    ("tennyu", "juminhyo", Style::Plain),
    ("kazei-shomei", "inu-toroku", Style::Plain),
    ("juminhyo", "kazei-shomei", Style::Plain),
    ("boshi-techo", "juminhyo", Style::Plain),
    ("inu-toroku", "tennyu", Style::Plain),
    ("inu-jusho-henko", "inu-toroku", Style::Plain),
    ("tennyu", "juminhyo", Style::Easy),
    ("juminhyo", "kazei-shomei", Style::English),
    ("boshi-techo", "juminhyo", Style::English),
];

/// Told and passed, by kind.
fn tell(pairs: &[(&str, &str, Style)], seeds: std::ops::Range<u64>) -> BTreeMap<Lie, (usize, usize)> {
    let mut counts: BTreeMap<Lie, (usize, usize)> = BTreeMap::new();
    for (first, second, style) in pairs {
        let source = source(&[first, second], *style);
        for lie in Lie::ALL {
            for seed in seeds.clone() {
                let Some(reply) = Lying::new(lie, seed, source.clone()).reply() else { continue };
                let checked = checked(&reply, &source, *style);
                let count = counts.entry(lie).or_default();
                count.0 += 1;
                if checked.passed {
                    count.1 += 1;
                    println!("passed {lie:?} {first} {style:?} {seed}: {reply}  {:?}", checked.support);
                }
            }
        }
    }
    for (lie, (told, passed)) in &counts {
        println!("{lie:?}: {passed} of {told} pass");
    }
    counts
}

/// Kinds that are a matter of words alone and need no understanding.
fn is_hard(lie: Lie) -> bool {
    !matches!(lie, Lie::Claim | Lie::Opposite)
}

#[test]
fn no_wrong_number_date_link_or_name_passes() {
    let counts = tell(FIRST, 0..4);
    let hard: Vec<_> = counts.iter().filter(|(lie, _)| is_hard(**lie)).collect();
    let told: usize = hard.iter().map(|(_, (told, _))| told).sum();
    let passed: usize = hard.iter().map(|(_, (_, passed))| passed).sum();
    println!("hard lies: {passed} of {told} pass");
    assert!(told >= 200, "{told}");
    assert_eq!(passed, 0);
}

/// Articles that the rules were not written with.
const SECOND: &[(&str, &str, Style)] = &[
    ("juminhyo-yuso", "toshokan-card", Style::Plain),
    ("inu-kamitsuki", "jido-teate", Style::Plain),
    ("sodai-gomi-yoyaku", "suido-kaishi", Style::Plain),
    ("jido-teate", "sodai-gomi-yoyaku", Style::Plain),
    ("suido-kaishi", "toshokan-card", Style::Plain),
    ("toshokan-card", "inu-kamitsuki", Style::Plain),
    ("toshokan-card", "suido-kaishi", Style::Easy),
    ("suido-kaishi", "jido-teate", Style::English),
];

/// Lies in other words than the built-in liar's: code, style, whether it is one of number, date, link or name.
const WRITTEN: &[(&str, Style, bool, &str)] = &[
    ("juminhyo-yuso", Style::Plain, true, "手数料は1通につき三百五十円です。"),
    ("juminhyo-yuso", Style::Plain, true, "届くまで10日ほどみてください。"),
    ("juminhyo-yuso", Style::Plain, true, "請求書は、郵送サービス係あてに送ってください。"),
    ("juminhyo-yuso", Style::Plain, true, "次の五つを封筒に入れて、市民課に送ってください。"),
    ("juminhyo-yuso", Style::Plain, true, "手数料は収入印紙でも払えます。ゆうちょペイも使えます。"),
    ("juminhyo-yuso", Style::Plain, false, "返信用封筒はいりません。"),
    ("juminhyo-yuso", Style::Plain, false, "本人確認書類は原本を送ってください。"),
    ("juminhyo-yuso", Style::English, true, "A postal money order for five hundred yen per copy is needed."),
    ("juminhyo-yuso", Style::English, true, "Send it to the Mail Order Bureau."),
    ("juminhyo-yuso", Style::English, false, "You cannot pay by credit card."),
    ("inu-kamitsuki", Style::Plain, true, "犬は二日以内に動物病院へ連れて行ってください。"),
    ("inu-kamitsuki", Style::Plain, true, "犬は４８日以内に動物病院へ連れて行ってください。"),
    ("inu-kamitsuki", Style::Plain, true, "届け出をしないと20万円以下の罰金です。"),
    ("inu-kamitsuki", Style::Plain, true, "動物愛護センターに届け出てください。"),
    ("inu-kamitsuki", Style::Plain, false, "傷が小さければ病院へ行く必要はありません。"),
    ("inu-kamitsuki", Style::Plain, false, "犬の診察代は市が払います。"),
    ("inu-kamitsuki", Style::Plain, false, "治療代は飼い主が全部払います。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "電話番号は000-123-4601です。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "朝八時までに家の前に出してください。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "一番長い辺が30cm以上の家具が粗大ごみです。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "一番長い辺が50cm未満の家具が粗大ごみです。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "取り消しは前日までに連絡してください。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "日曜日も電話を受け付けています。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "処理券は600円単位です。"),
    ("sodai-gomi-yoyaku", Style::Plain, true, "申し込みは粗大ゴミ予約ナビ sodai.example からどうぞ。"),
    ("sodai-gomi-yoyaku", Style::Plain, false, "エアコンやテレビも出せます。"),
    ("sodai-gomi-yoyaku", Style::Plain, false, "ごみは家の中から運び出します。"),
    ("sodai-gomi-yoyaku", Style::Plain, false, "処理券は貼らなくてもかまいません。"),
    (
        "sodai-gomi-yoyaku",
        Style::Easy,
        true,
        "2日(みっか) 前(まえ)までに、さんじゅっぷん 早(はや)く 電話(でんわ)して ください。",
    ),
    ("sodai-gomi-yoyaku", Style::English, true, "Put the item in front of your home by 9 a.m."),
    ("sodai-gomi-yoyaku", Style::English, true, "To cancel, please tell us at least three days before."),
    ("sodai-gomi-yoyaku", Style::English, false, "We can take air conditioners and TVs."),
    ("jido-teate", Style::Plain, true, "3歳未満の1人目は10,000円です。"),
    ("jido-teate", Style::Plain, true, "3歳から高校生の年代の1人目は月15,000円です。"),
    ("jido-teate", Style::Plain, true, "申請は30日以内にしてください。"),
    ("jido-teate", Style::Plain, true, "二十歳になったあとの最初の3月31日まで受け取れます。"),
    ("jido-teate", Style::Plain, true, "奇数の月（1・3・5・7・9・11月）に振り込みます。"),
    ("jido-teate", Style::Plain, true, "所得が960万円以上の方は受け取れません。"),
    ("jido-teate", Style::Plain, false, "収入が多い方は受け取れません。"),
    ("jido-teate", Style::Plain, false, "父母のうち、収入の少ない方が申請します。"),
    ("jido-teate", Style::Plain, false, "公務員の方も市に申請してください。"),
    ("jido-teate", Style::English, true, "Please apply within fifty days of the birth."),
    ("jido-teate", Style::English, false, "The parent with the lower income applies."),
    ("suido-kaishi", Style::Plain, true, "使い始める日の５日後までに申し込んでください。"),
    ("suido-kaishi", Style::Plain, true, "使い始める日の一週間前までに申し込んでください。"),
    ("suido-kaishi", Style::Plain, true, "水道局の開栓係が伺います。"),
    ("suido-kaishi", Style::Plain, false, "立ち会いが必要です。"),
    ("suido-kaishi", Style::Plain, false, "元栓を右に回してください。"),
    ("suido-kaishi", Style::Plain, false, "下水道は別に申し込んでください。"),
    ("toshokan-card", Style::Plain, true, "本は15冊まで借りられます。"),
    ("toshokan-card", Style::Plain, true, "CDとDVDは10点まで借りられます。"),
    ("toshokan-card", Style::Plain, true, "カードは令和十年まで使えます。"),
    ("toshokan-card", Style::Plain, true, "中央図書館は月曜日も開いています。"),
    ("toshokan-card", Style::Plain, true, "カードを作るときは100円かかります。"),
    ("toshokan-card", Style::Plain, true, "分館は19時まで開いています。"),
    ("toshokan-card", Style::Plain, false, "赤ちゃんはカードを作れません。"),
    ("toshokan-card", Style::Plain, false, "カードは作った図書館だけで使えます。"),
    ("toshokan-card", Style::English, true, "You can borrow up to 10 books for three weeks."),
    ("toshokan-card", Style::English, false, "A library card is not free."),
];

/// The same, written when the rules were done. Of what it showed (8 of 20 others passed) only the denial of existence
/// (制限があります) went into the rules afterwards.
const FRESH: &[(&str, Style, bool, &str)] = &[
    ("inkan-toroku", Style::Plain, true, "登録には400円かかります。"),
    ("inkan-toroku", Style::Plain, true, "登録できる印鑑は、1人2本までです。"),
    ("inkan-toroku", Style::Plain, true, "一辺が十ミリより大きい印鑑に限ります。"),
    ("inkan-toroku", Style::Plain, true, "登録まで2週間ほどかかります。"),
    ("inkan-toroku", Style::Plain, true, "印鑑登録係に申請書を出してください。"),
    ("inkan-toroku", Style::Plain, true, "パスポートセンターでも登録できます。"),
    ("inkan-toroku", Style::Plain, false, "ゴム印も登録できます。"),
    ("inkan-toroku", Style::Plain, false, "家族と同じ印鑑でも登録できます。"),
    ("inkan-toroku", Style::Plain, false, "代理の方でもその日に登録できます。"),
    ("inkan-toroku", Style::Plain, false, "印鑑は市民課で買えます。"),
    ("kokuho-yameru", Style::Plain, true, "会社の保険に入った日から30日以内に届け出てください。"),
    ("kokuho-yameru", Style::Plain, true, "会社の保険に入った日から14日後に届け出てください。"),
    ("kokuho-yameru", Style::Plain, true, "払いすぎた保険料は3か月後にお返しします。"),
    ("kokuho-yameru", Style::Plain, true, "年金事務所に届け出てください。"),
    ("kokuho-yameru", Style::Plain, true, "資格喪失届に記入してください。"),
    ("kokuho-yameru", Style::Plain, false, "会社が届け出るので、手続きは不要です。"),
    ("kokuho-yameru", Style::Plain, false, "国保は自動で終わります。"),
    ("kokuho-yameru", Style::Plain, false, "払いすぎた保険料は返しません。"),
    ("kokuho-yameru", Style::Plain, false, "扶養に入った方は届け出なくてかまいません。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "45Lは10枚で300円です。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "30Lの袋は10枚四百五十円です。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "45Lの袋を年に百枚お渡しします。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "2歳未満のお子さんがいる家庭が対象です。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "指定袋はアマゾンでも買えます。"),
    ("gomi-shitei-bukuro", Style::Plain, true, "郵便局で買えます。"),
    ("gomi-shitei-bukuro", Style::Plain, false, "値段は店によってちがいます。"),
    ("gomi-shitei-bukuro", Style::Plain, false, "プラスチックも指定袋で出してください。"),
    ("gomi-shitei-bukuro", Style::Plain, false, "燃やすごみは透明な袋で出せます。"),
    ("kodomo-iryohi", Style::Plain, true, "通院は1回500円です。"),
    ("kodomo-iryohi", Style::Plain, true, "薬局は200円です。"),
    ("kodomo-iryohi", Style::Plain, true, "領収書を持って五年以内に申請してください。"),
    ("kodomo-iryohi", Style::Plain, true, "中学3年生まで使えます。"),
    ("kodomo-iryohi", Style::Plain, true, "予防接種は半額になります。"),
    ("kodomo-iryohi", Style::Plain, false, "県外の病院でも使えます。"),
    ("kodomo-iryohi", Style::Plain, false, "予防接種も対象になります。"),
    ("kodomo-iryohi", Style::Plain, false, "収入による制限があります。"),
    ("kodomo-iryohi", Style::English, true, "A hospital stay costs 300 yen per day."),
    ("kodomo-iryohi", Style::English, true, "Please apply at the Family Clinic Desk."),
    ("kodomo-iryohi", Style::English, false, "It works at hospitals outside the prefecture."),
    ("kodomo-iryohi", Style::English, false, "There is an income limit."),
    ("akiya-mochinushi", Style::Plain, true, "相続を知った日から1年以内に登記をします。"),
    ("akiya-mochinushi", Style::Plain, true, "補助は80万円までです。"),
    ("akiya-mochinushi", Style::Plain, true, "専門家の相談は第2火曜日です。"),
    ("akiya-mochinushi", Style::Plain, true, "もうけから３０００円まで引けます。"),
    ("akiya-mochinushi", Style::Plain, true, "家庭裁判所支部の窓口で登記をします。"),
    ("akiya-mochinushi", Style::Plain, true, "専門家の相談は13時から17時です。"),
    ("akiya-mochinushi", Style::Plain, false, "空き家バンクにのせるにはお金がかかります。"),
    ("akiya-mochinushi", Style::Plain, false, "市が空き家を買い取ります。"),
    ("akiya-mochinushi", Style::Plain, false, "相談は予約なしでできます。"),
    ("akiya-mochinushi", Style::Plain, false, "確認書は法務局が出します。"),
];

/// Articles for a third run of the built-in liar.
const THIRD: &[(&str, &str, Style)] = &[
    ("inkan-toroku", "kokuho-yameru", Style::Plain),
    ("kokuho-yameru", "gomi-shitei-bukuro", Style::Plain),
    ("gomi-shitei-bukuro", "kodomo-iryohi", Style::Plain),
    ("kodomo-iryohi", "akiya-mochinushi", Style::Plain),
    ("akiya-mochinushi", "inkan-toroku", Style::Plain),
    ("kodomo-iryohi", "suido-kaishi", Style::English),
];

/// How many of a written set pass: those of number, date, link or name, and the others.
fn passing(lies: &[(&str, Style, bool, &str)]) -> [usize; 2] {
    let (mut passed, mut told) = ([0, 0], [0, 0]);
    for (code, style, hard, reply) in lies {
        let class = usize::from(!hard);
        told[class] += 1;
        let checked = checked(reply, &source(&[code], *style), *style);
        if checked.passed {
            passed[class] += 1;
            println!("passed {code}: {reply} {:?}", checked.support);
        }
    }
    println!("written by hand: {} of {} hard ones pass, {} of {} others", passed[0], told[0], passed[1], told[1]);
    passed
}

/// Of the built-in liar's answers that are hard and that are claims: told and passed.
fn shares(counts: &BTreeMap<Lie, (usize, usize)>) -> [(usize, usize); 2] {
    let sum = |hard: bool| {
        let some = counts.iter().filter(|(lie, _)| is_hard(**lie) == hard);
        some.fold((0, 0), |(told, passed), (_, (t, p))| (told + t, passed + p))
    };
    [sum(true), sum(false)]
}

#[test]
fn lies_that_the_rules_were_not_written_with() {
    println!("second set, what it showed went into the rules:");
    let second = [shares(&tell(SECOND, 1_000..1_003)), shares(&tell(THIRD, 2_000..2_003))];
    let written = passing(WRITTEN);
    println!("third set:");
    let fresh = passing(FRESH);
    println!("liar's (told, passed), hard and others, second and third articles: {second:?}");
    assert_eq!([second[0][0].1, second[1][0].1], [0, 0]);
    // One true amount told without its condition (カードを作るときは100円) passes; no rule of words can see it.
    assert!(written[0] <= 1 && fresh[0] == 0, "{written:?} {fresh:?}");
    // What has no number and no name and is put together from the article's own words is where words end.
    let (told, passed) = (second[0][1].0 + second[1][1].0, second[0][1].1 + second[1][1].1);
    assert!(passed * 5 <= told, "{passed} of {told}");
    assert!((written[1] + fresh[1]) * 2 <= 40, "{written:?} {fresh:?}");
}
