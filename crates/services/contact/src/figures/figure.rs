//! Each figure of a report: its name, its unit, how it is computed and how that is told. Pages, files and the
//! documentation show the same list.

use super::report::{Limits, Numbers};

/// In what a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things (件).
    Count,
    /// A share, 0 to 1, shown as per cent.
    Share,
    /// Seconds, shown in minutes and seconds.
    Seconds,
    /// How often for each contact (回).
    PerContact,
    /// Points of a rating (点).
    Points,
    /// Hours (時間).
    Hours,
}

/// A figure.
#[derive(Clone, Copy)]
pub struct Figure {
    /// Its name in files.
    pub code: &'static str,
    /// What the interface calls it.
    pub title: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// How it is computed, for people. `{service}`, `{reply}`, `{days}` and `{hours}` stand for the city's limits.
    pub meaning: &'static str,
    value: fn(&Numbers) -> Option<f64>,
}

/// A share or mean; none where there is nothing to divide by.
fn part(of: i64, all: i64) -> Option<f64> {
    // Counts and milliseconds of years are far below what a float holds exactly.
    (all > 0).then(|| of as f64 / all as f64)
}

fn count(n: i64) -> Option<f64> {
    Some(n as f64)
}

fn seconds(ms: i64, all: i64) -> Option<f64> {
    part(ms, all).map(|mean| mean / 1_000.0)
}

/// The smallest number of whole seconds within which nine of ten answered contacts were taken.
fn ninetieth(n: &Numbers) -> Option<f64> {
    let all: i64 = n.waits.values().sum();
    let mut so_far = 0;
    for (seconds, count) in &n.waits {
        so_far += count;
        if so_far * 10 >= all * 9 {
            return Some(*seconds as f64);
        }
    }
    None
}

impl Figure {
    /// The figure of some numbers: a count, a share from 0 to 1, seconds, points or hours; `None` where there is
    /// nothing to measure.
    pub fn value(&self, numbers: &Numbers) -> Option<f64> {
        (self.value)(numbers)
    }

    /// How it is computed, with the city's limits.
    pub fn meaning(&self, limits: &Limits) -> String {
        self.meaning
            .replace("{service}", &(limits.service_ms / 1_000).to_string())
            .replace("{reply}", &(limits.first_reply_ms / 60_000).to_string())
            .replace("{days}", &(limits.repeat_ms / 86_400_000).to_string())
            .replace("{hours}", &(limits.resolution_ms / 3_600_000).to_string())
    }

    /// As people read it; a dash where there is nothing to measure.
    pub fn shown(&self, numbers: &Numbers) -> String {
        let Some(value) = self.value(numbers) else { return "—".to_owned() };
        match self.unit {
            Unit::Count => format!("{value:.0}件"),
            Unit::Share => format!("{:.1}%", value * 100.0),
            Unit::Seconds => duration(value),
            Unit::PerContact => format!("{value:.2}回"),
            Unit::Points => format!("{value:.2}点"),
            Unit::Hours => format!("{value:.1}時間"),
        }
    }
}

/// `45秒`, `3分20秒`, `2時間05分`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as i64;
    match (whole / 3_600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s}秒"),
        (0, m, s) => format!("{m}分{s:02}秒"),
        (h, m, _) => format!("{h}時間{m:02}分"),
    }
}

macro_rules! figures {
    ($(($code:literal, $title:literal, $unit:ident, $meaning:literal, $value:expr)),* $(,)?) => {
        &[$(Figure { code: $code, title: $title, unit: Unit::$unit, meaning: $meaning, value: $value }),*]
    };
}

/// All figures of a report, in the order in which they are shown.
pub const FIGURES: &[Figure] = figures![
    (
        "contacts",
        "応対",
        Count,
        "期間のうちにはじまった応対の数。ほかの応対にまとめたものは数えません。",
        |n| count(n.contacts)
    ),
    (
        "queued",
        "職員を待った",
        Count,
        "職員を待つ列に入った応対の数。先に折り返し電話を頼んだ応対は入りません。",
        |n| count(n.queued)
    ),
    ("answer_rate", "応答率", Share, "職員が引き受けた応対 ÷ 職員を待った応対。", |n| part(
        n.answered, n.queued
    )),
    (
        "service_level",
        "サービスレベル",
        Share,
        "待ちはじめてから{service}秒（受付時間内）までに引き受けた応対 ÷ 職員を待った応対。{service}秒までに市民が離れた応対は、分母に入れません。",
        |n| part(n.in_time, n.queued - n.abandoned_early)
    ),
    (
        "abandonment",
        "放棄率",
        Share,
        "引き受ける前に市民が離れた応対 ÷ 職員を待った応対。",
        |n| part(n.abandoned, n.queued)
    ),
    (
        "wait_mean",
        "待ち時間の平均",
        Seconds,
        "引き受けた応対が待った時間（受付時間内）の平均。電話と窓口は時計の時間です。",
        |n| seconds(n.wait_open_ms, n.answered)
    ),
    (
        "wait_90",
        "待ち時間（10件のうち9件）",
        Seconds,
        "引き受けた応対の90%が、この秒数（受付時間内、切り上げ）までに引き受けられました。",
        ninetieth
    ),
    (
        "wait_clock",
        "待ち時間の平均（夜・休みを含む）",
        Seconds,
        "同じ待ち時間を、時計の時間で測った平均。",
        |n| seconds(n.wait_ms, n.answered)
    ),
    (
        "first_reply",
        "最初の返事まで",
        Seconds,
        "待ちはじめてから職員の最初の返事までの時間（受付時間内）の平均。",
        |n| seconds(n.first_reply_ms, n.replied)
    ),
    (
        "first_reply_in_time",
        "最初の返事が間に合った",
        Share,
        "{reply}分（受付時間内）までに返事をした応対 ÷ 返事をした応対。",
        |n| part(n.replied_in_time, n.replied)
    ),
    (
        "resolution",
        "終えるまで",
        Seconds,
        "待ちはじめて（待たなければ、はじまって）から終えるまでの時間（受付時間内）の平均。",
        |n| seconds(n.resolution_ms, n.resolved)
    ),
    (
        "resolution_in_time",
        "終えるのが間に合った",
        Share,
        "{hours}時間（受付時間内）までに終えた応対 ÷ 終えた応対。",
        |n| part(n.resolved_in_time, n.resolved)
    ),
    (
        "first_contact_resolution",
        "一次完結率",
        Share,
        "終えたあと{days}日のうちに再開せず、同じ人から同じ分類の応対もなかった応対 ÷ 終えた応対。終えて{days}日までは、これから下がることがあります。",
        |n| part(n.ended - n.returned, n.ended)
    ),
    (
        "handling",
        "平均処理時間（AHT）",
        Seconds,
        "（話した時間＋お待たせした時間＋後処理の時間）÷ 職員が受け持ち終えた応対。電話と窓口は時計の時間、ほかは受付時間内です。",
        |n| seconds(n.talk_ms + n.hold_ms + n.wrap_up_ms, n.finished)
    ),
    (
        "talk",
        "うち話した時間",
        Seconds,
        "職員が受け持ち、お待たせしていない時間の平均。",
        |n| seconds(n.talk_ms, n.finished)
    ),
    (
        "hold",
        "うちお待たせした時間",
        Seconds,
        "「お待ちください」から再開までの時間の平均。",
        |n| seconds(n.hold_ms, n.finished)
    ),
    (
        "wrap_up",
        "うち後処理の時間",
        Seconds,
        "終えてから5分までにはじまった在席「後処理」の時間の平均。1回60分まで数えます。",
        |n| seconds(n.wrap_up_ms, n.finished)
    ),
    (
        "transfers",
        "取り次ぎ",
        PerContact,
        "ほかの課が受けた取り次ぎの回数 ÷ 職員が受け持った応対。",
        |n| part(n.transfers, n.handled)
    ),
    (
        "passed_around",
        "たらい回し",
        Share,
        "2回以上取り次いだ応対 ÷ 職員が受け持った応対。",
        |n| part(n.passed_around, n.handled)
    ),
    (
        "explained_again",
        "もう一度説明してもらった",
        PerContact,
        "市民が同じ説明をくり返した回数 ÷ 職員が受け持った応対。",
        |n| part(n.explained_again, n.handled)
    ),
    (
        "bot_share",
        "自動応答で終わった",
        Share,
        "最後の自動応答が回答で、職員を求めず、職員も受け持たなかった応対 ÷ 自動応答が答えようとした応対。",
        |n| part(n.bot_alone, n.bot_spoke)
    ),
    (
        "refusal",
        "自動応答が「分からない」と言った",
        Share,
        "自動応答が一度でも「分からない」と言った応対 ÷ 自動応答が答えようとした応対。",
        |n| part(n.refused, n.bot_spoke)
    ),
    ("wrong_answers", "誤った回答", Count, "誤りと分かった回答の数。", |n| count(n.wrong_answers)),
    (
        "rating",
        "評価の平均",
        Points,
        "市民の評価（1〜5点）の平均。1つの応対は最後の評価だけを数えます。",
        |n| part(n.points, n.rated)
    ),
    ("satisfied", "満足した人", Share, "4点か5点の評価 ÷ 評価のあった応対。", |n| part(
        n.satisfied,
        n.rated
    )),
    (
        "rated",
        "評価のあった応対",
        Count,
        "評価のあった応対の数。少ないときは、平均も割合も当てになりません。",
        |n| count(n.rated)
    ),
    ("call_backs_asked", "折り返しの約束", Count, "折り返し電話を約束した数。", |n| count(
        n.call_backs_asked
    )),
    (
        "call_backs_in_time",
        "折り返しを守った",
        Share,
        "約束の時間のうちにかけた電話 ÷ 結果が出た約束（かけた＋あきらめた）。",
        |n| part(n.call_backs_in_time, n.call_backs_kept + n.call_backs_given_up)
    ),
    (
        "incidents",
        "カスタマーハラスメント",
        Count,
        "記録した数。監督者が「当たらない」としたものは除きます。",
        |n| count(n.incidents)
    ),
    (
        "incident_hours",
        "カスタマーハラスメントの時間",
        Hours,
        "記録してから、監督者が決めるか応対を終えるまでの時間の合計（時計の時間）。",
        |n| count(n.incident_ms).map(|ms| ms / 3_600_000.0)
    ),
];

/// The figure with a code.
pub fn figure(code: &str) -> Option<&'static Figure> {
    FIGURES.iter().find(|f| f.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, numbers: &Numbers) -> String {
        figure(code).expect("figure").shown(numbers)
    }

    #[test]
    fn nothing_measured_is_no_zero() {
        let none = Numbers::default();
        assert_eq!(shown("answer_rate", &none), "—");
        assert_eq!(shown("wait_90", &none), "—");
        assert_eq!(shown("contacts", &none), "0件");
    }

    #[test]
    fn who_leaves_at_once_is_not_in_the_service_level() {
        let n = Numbers { queued: 10, answered: 7, in_time: 6, abandoned: 3, abandoned_early: 2, ..Numbers::default() };
        assert_eq!(shown("service_level", &n), "75.0%");
        assert_eq!((shown("answer_rate", &n).as_str(), shown("abandonment", &n).as_str()), ("70.0%", "30.0%"));
    }

    #[test]
    fn the_ninetieth_of_a_hundred() {
        let waits = (1..=10).map(|s| (s, 10)).collect();
        assert_eq!(ninetieth(&Numbers { waits, ..Numbers::default() }), Some(9.0));
        assert_eq!(ninetieth(&Numbers { waits: [(7, 1)].into(), ..Numbers::default() }), Some(7.0));
    }

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!([duration(0.4), duration(200.0), duration(7_500.0)], ["0秒", "3分20秒", "2時間05分"]);
    }

    #[test]
    fn every_meaning_tells_the_limits_of_the_city() {
        let limits =
            Limits { service_ms: 20_000, first_reply_ms: 600_000, repeat_ms: 604_800_000, resolution_ms: 57_600_000 };
        let told: String = FIGURES.iter().map(|f| f.meaning(&limits)).collect();
        assert!(told.contains("20秒") && told.contains("10分") && told.contains("7日") && told.contains("16時間"));
        assert!(!told.contains('{'));
    }
}
