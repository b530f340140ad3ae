//! What can be written into a case: each noun with its form, and what comes of it.

use calendar::Date;
use casework::CaseFile;
use casework::entry::{Consent, MayorReport, Party, Suspicion, What, Wishes};
use casework::kind::Course;
use casework::recommendation::{RecommendationKind, Recommended};
use casework::support::{SupportAsk, SupportKind};
use store::{Entropy, ids};

use super::moves::yen;
use super::words::{CONSENTS, OUTCOMES, ROLES, choices, code_of, of_code, outcomes, roles};
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, needed_day, some_day};

/// Something that is written into a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Noun {
    /// The last part of its address.
    pub(crate) path: &'static str,
    /// What the link to it says.
    pub(crate) title: &'static str,
    /// What its button says.
    pub(crate) button: &'static str,
    /// What it does, for whoever has not done it yet.
    pub(crate) lead: &'static str,
    /// What is told when it is done.
    pub(crate) done: &'static str,
}

const fn noun(path: &'static str, title: &'static str, button: &'static str, lead: &'static str) -> Noun {
    Noun { path, title, button, lead, done: "noted" }
}

/// Every noun.
pub(crate) const NOUNS: [Noun; 21] = [
    Noun {
        done: "case-said",
        ..noun(
            "messages",
            "返事を書く",
            "返事を送る",
            "相談した人が受付番号で読みます。子どもにもわかることばで、つぎに何が起きるかを書きます。",
        )
    },
    noun("notes", "メモを書く", "メモを残す", "窓口の人だけが読みます。相談した人には見えません。"),
    noun(
        "wishes",
        "本人の希望を書きかえる",
        "希望を記録する",
        "新しく聞いたことが、前の希望に代わります。聞いていないことは「まだ聞いていない」のままにします。相談した人にも見えます。",
    ),
    noun(
        "parties",
        "当事者を加える",
        "当事者を記録する",
        "職員や課を選ぶと、その人とその課の職員は、この事案を読めなくなります。いままで読んでいた人も、すぐに外れます。",
    ),
    noun("signs-seen", "しるしを確かめた", "確かめたと記録する", "人が読んで、どう考え、つぎに何をするかを書きます。"),
    noun(
        "suspicions",
        "重大事態の疑いを記録する",
        "疑いを記録する",
        "疑いがあれば足ります。事実が確かめられるのを待ちません（いじめ防止対策推進法28条1項）。記録すると、市長への報告の期限（24時間）が動きます。",
    ),
    noun(
        "mayor-reports",
        "市長への報告",
        "報告を記録する",
        "ガイドラインが最低限として求める3つを書きます。記録すると、印刷できる報告書になります。",
    ),
    noun(
        "first-actions",
        "初動を記録する",
        "初動を記録する",
        "受け付けてからはじめにしたこと。だれに、何をして、どうなったか。",
    ),
    noun(
        "actions",
        "対応を書く",
        "対応を記録する",
        "だれと、何をして、どうなったか。短い言い方ではじめると、効果の集計で数えやすくなります。",
    ),
    noun(
        "judgements",
        "いじめの判定を記録する",
        "判定を記録する",
        "判定会議の結果です。本人が苦しいと感じているかで考えます（同法2条）。",
    ),
    noun(
        "stops",
        "行為の停止を記録する",
        "停止を記録する",
        "いつから止まっているか、それをどう確かめたか。この日から3か月の見守りが始まります。",
    ),
    noun("recurrences", "再発を記録する", "再発を記録する", "また起きたとき。初動と停止の期限が、もう一度動きます。"),
    noun(
        "resolutions",
        "解消を確かめる",
        "解消を記録する",
        "止まって3か月がたち、本人が心身の苦痛を感じていないこと。本人がどう言っているかを書きます。",
    ),
    noun("tasks", "予定を加える", "予定を加える", "これからすること。"),
    noun(
        "referrals",
        "つなぎを頼む",
        "つなぎを記録する",
        "同意なしにはつなげません。学校に伝わるつなぎは、本人が「学校に知らせてよい」と言ったときだけできます。",
    ),
    noun(
        "recommendations",
        "学校への指導・要請・勧告",
        "記録する",
        "窓口の権限で学校に求めることです。学校に伝わるので、本人が「学校に知らせてよい」と言ったときだけできます。",
    ),
    noun(
        "supports",
        "支援金の申請",
        "申請を記録する",
        "弁護士費用や、転校にかかる費用の支援です。審査、決定、支払いへと進みます。",
    ),
    noun("hand-overs", "引き継ぐ", "引き継ぐ", "つぎの担当が、はじめに読みます。"),
    noun("pauses", "期限を止める", "期限を止める", "理由を残します。動かすまで、期限は来ません。"),
    noun("resumptions", "期限を動かす", "期限を動かす", "止めていた期限が、残りの時間からまた動きます。"),
    noun("closings", "終結する", "終結する", "相談した人は、このあとも書けます。書かれたことは、窓口に届きます。"),
];

/// What is written when a closed case goes on; it stands alone, since only closed cases have it.
pub(crate) const REOPENING: Noun =
    noun("reopenings", "再開する", "再開する", "終結した事案を、また続けます。理由を残します。");

/// The address of every form, with its noun.
pub(crate) const PATHS: [(&str, &str); 22] = [
    ("/sealed/cases/{id}/messages", "messages"),
    ("/sealed/cases/{id}/notes", "notes"),
    ("/sealed/cases/{id}/wishes", "wishes"),
    ("/sealed/cases/{id}/parties", "parties"),
    ("/sealed/cases/{id}/signs-seen", "signs-seen"),
    ("/sealed/cases/{id}/suspicions", "suspicions"),
    ("/sealed/cases/{id}/mayor-reports", "mayor-reports"),
    ("/sealed/cases/{id}/first-actions", "first-actions"),
    ("/sealed/cases/{id}/actions", "actions"),
    ("/sealed/cases/{id}/judgements", "judgements"),
    ("/sealed/cases/{id}/stops", "stops"),
    ("/sealed/cases/{id}/recurrences", "recurrences"),
    ("/sealed/cases/{id}/resolutions", "resolutions"),
    ("/sealed/cases/{id}/tasks", "tasks"),
    ("/sealed/cases/{id}/referrals", "referrals"),
    ("/sealed/cases/{id}/recommendations", "recommendations"),
    ("/sealed/cases/{id}/supports", "supports"),
    ("/sealed/cases/{id}/hand-overs", "hand-overs"),
    ("/sealed/cases/{id}/pauses", "pauses"),
    ("/sealed/cases/{id}/resumptions", "resumptions"),
    ("/sealed/cases/{id}/closings", "closings"),
    ("/sealed/cases/{id}/reopenings", "reopenings"),
];

impl Noun {
    /// As it is called in cases of a course: 「初動」 is a word of the bullying desk.
    pub(crate) fn in_course(self, course: Course) -> Noun {
        match (course, self.path) {
            (Course::Consultation, "first-actions") => {
                Noun { title: "はじめの対応を記録する", button: "対応を記録する", ..self }
            }
            _ => self,
        }
    }
}

/// The noun of an address.
pub(crate) fn of_path(path: &str) -> Option<Noun> {
    NOUNS.into_iter().chain([REOPENING]).find(|noun| noun.path == path)
}

/// A field of a form.
pub(crate) struct Input {
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) choices: Choices,
}

impl Input {
    /// As the form shows it.
    pub(crate) fn show(&self, form: &Form) -> askama::filters::Safe<String> {
        match self.kind {
            "area" => form.area(self.name, self.label, self.hint),
            "date" => form.day(self.name, self.label, self.hint),
            "select" => form.select(self.name, self.label, self.hint, &self.choices),
            "check" => form.mark(self.name, self.label),
            // What stands in it is what would be its label; both are the page's own.
            "hidden" => askama::filters::Safe(format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                self.name, self.label
            )),
            _ => form.text(self.name, self.label, self.hint),
        }
    }
}

pub(super) fn input(kind: &'static str, name: &'static str, label: &'static str, hint: &'static str) -> Input {
    Input { kind, name, label, hint, choices: Vec::new() }
}

pub(super) fn select(name: &'static str, label: &'static str, hint: &'static str, choices: Choices) -> Input {
    Input { kind: "select", name, label, hint, choices }
}

/// Whom a form offers.
pub(crate) struct Offers {
    /// Whoever reads the case.
    pub(crate) readers: Choices,
    /// Who takes part from outside.
    pub(crate) participants: Choices,
    /// The staff.
    pub(crate) staff: Choices,
    /// Sections of the city.
    pub(crate) sections: Choices,
}

pub(super) fn pair(code: &str, words: &str) -> (String, String) {
    (code.into(), words.into())
}

fn clock_choices(file: &CaseFile, is_paused: bool) -> Choices {
    let stands = |clock: &casework::clock::Clock| clock.deadline.pauses.iter().any(|pause| pause.to.is_none());
    let open = file.clocks.iter().filter(|clock| clock.is_open() && stands(clock) == is_paused);
    std::iter::once(pair("", "選んでください"))
        .chain(open.map(|clock| (clock.code.clone(), clock.name.clone())))
        .collect()
}

/// The fields of a noun's form.
pub(crate) fn inputs(noun: Noun, file: &CaseFile, offers: &Offers) -> Vec<Input> {
    let yes_no = |yes: &str, no: &str| vec![pair("", "選んでください"), pair("yes", yes), pair("no", no)];
    // Where no child and no school has a part, nothing is asked about them, and nothing reaches a school.
    let of_child = |asked: Input| match file.course {
        Course::Bullying => asked,
        Course::Consultation => {
            let kept = if asked.name == "reaches_school" { "no" } else { "" };
            input("hidden", asked.name, kept, "")
        }
    };
    match noun.path {
        "messages" => vec![input("area", "words", "返事", "相談した人が読むことばです。")],
        "notes" => vec![input("area", "words", "メモ", "")],
        "wishes" => vec![
            input("area", "wanted", "してほしいこと", ""),
            input("area", "unwanted", "してほしくないこと", ""),
            of_child(select("school_may_know", "学校に知らせてよいか", "", choices(&CONSENTS, ""))),
            select("may_call", "電話してよいか", "", choices(&CONSENTS, "")),
            input("text", "call_when", "電話のとき・場所", "例: 平日の夕方、携帯に"),
            input("check", "neutral_sender", "手紙や電話で、市の窓口からだとわからないようにする", ""),
        ],
        "parties" => vec![
            select("role", "この事案での立場", "", choices(roles(file.course), "選んでください")),
            input("text", "name", "名前", "わかっている呼び方でかまいません。"),
            of_child(input("text", "school", "学校・学年・組", "")),
            select("account", "市の職員なら", "選んだ人は、この事案を読めなくなります。", offers.staff.clone()),
            select("section", "市の課なら", "選んだ課の職員は、この事案を読めなくなります。", offers.sections.clone()),
        ],
        "signs-seen" => vec![input("area", "note", "確かめたことと、つぎにすること", "")],
        "suspicions" => vec![
            select(
                "number",
                "種類",
                "",
                vec![
                    pair("", "選んでください"),
                    pair("1", "1号: 生命・心身・財産に重大な被害の疑い"),
                    pair("2", "2号: 相当の期間、学校を休んでいる疑い"),
                ],
            ),
            input("area", "why", "どこからそう考えたか", ""),
        ],
        "mayor-reports" => vec![
            input("text", "school", "学校名", ""),
            input("text", "child", "児童生徒の氏名と学年など", ""),
            input("area", "situation", "報告のときの状況", "いじめの被害と、本人や保護者の訴え。"),
        ],
        "first-actions" | "actions" => vec![input("area", "done", "したこと", "")],
        "judgements" => vec![
            select("is_bullying", "結果", "", yes_no("いじめである", "いじめではない")),
            input("area", "why", "理由と、会議で確かめたこと", ""),
        ],
        "stops" => vec![
            input("date", "on", "止まった日", ""),
            input("area", "confirmed", "どう確かめたか", "本人に聞いたこと、学校が見たこと。"),
        ],
        "recurrences" => {
            vec![input("date", "on", "起きた日", ""), input("area", "happened", "何が起きたか", "")]
        }
        "resolutions" => vec![input("area", "confirmed", "どう確かめたか", "本人がいまどう感じているか。")],
        "tasks" => vec![input("area", "todo", "すること", ""), select("owner", "する人", "", offers.readers.clone())],
        "referrals" => vec![
            select(
                "participant",
                "参加者へ",
                "選ぶと、その人の画面に出て、その人が返事をします。",
                offers.participants.clone(),
            ),
            input("text", "to", "つなぐ先", "例: スクールソーシャルワーカー、弁護士、福祉の窓口"),
            of_child(select(
                "reaches_school",
                "学校に伝わるか",
                "先が学校でなくても、学校に知らせることになるなら「伝わる」です。",
                yes_no("伝わる", "伝わらない"),
            )),
            input("area", "purpose", "何のために", ""),
            input("area", "consent", "同意", "だれが、いつ、どのようなことばで同意したか。"),
        ],
        "recommendations" => vec![
            select("kind", "強さ", "指導、要請、勧告の順に強くなります。", recommendation_choices()),
            select(
                "participant",
                "参加者へ",
                "選ぶと、その人の画面に出て、その人が回答します。",
                offers.participants.clone(),
            ),
            input("text", "to", "あて先", "例: 東小学校長"),
            input("area", "words", "求めること", ""),
            input(
                "date",
                "answer_by",
                "回答の期限（なくてもよい）",
                "この日のうちに回答がないと、期限すぎになります。",
            ),
        ],
        "supports" => vec![
            select("kind", "何の費用", "", support_choices()),
            input("area", "words", "なぜ要るか", "だれが、何に使うか。見積もりがあれば、ファイルで入れます。"),
            input("text", "amount_yen", "金額（円、わかれば）", ""),
        ],
        "hand-overs" => vec![
            select("to", "つぎの担当", "この事案を読む人から選びます。", offers.readers.clone()),
            input("date", "until", "いつまで（休みのあいだだけのとき）", "空にすると、ずっと担当します。"),
            input("area", "note", "伝えること", "約束していること、つぎの連絡、気をつけること。"),
        ],
        "pauses" => vec![select("clock", "期限", "", clock_choices(file, false)), input("area", "reason", "理由", "")],
        "resumptions" => vec![select("clock", "期限", "", clock_choices(file, true))],
        "closings" => vec![
            select("outcome", "終わり方", "", choices(outcomes(file.course), "選んでください")),
            input("area", "why", "理由と、相談した人に伝えたこと", ""),
        ],
        "reopenings" => vec![input("area", "why", "理由", "")],
        _ => Vec::new(),
    }
}

/// What stands in a form before anybody typed.
pub(crate) fn empty(noun: Noun, file: &CaseFile, today: Date) -> Form {
    let form = Form::new("act");
    match noun.path {
        "wishes" => {
            let w = &file.wishes;
            form.with("wanted", w.wanted.as_str())
                .with("unwanted", w.unwanted.as_str())
                .with("school_may_know", code_of(&CONSENTS, w.school_may_know))
                .with("may_call", code_of(&CONSENTS, w.may_call))
                .with("call_when", w.call_when.as_str())
                .with("neutral_sender", if w.neutral_sender { "on" } else { "" })
        }
        "mayor-reports" => form.with("school", file.school.as_str()),
        "stops" | "recurrences" => form.with("on", today.to_string()),
        _ => form,
    }
}

pub(super) fn chosen<T: Copy>(
    fields: &Fields,
    name: &'static str,
    table: &[(&'static str, T, &'static str)],
) -> Result<T, Refused> {
    of_code(table, fields.get(name)).ok_or_else(|| Refused::Field(name, "選んでください。".into()))
}

fn needed<'a>(fields: &'a Fields, name: &'static str) -> Result<&'a str, Refused> {
    match fields.get(name) {
        "" => Err(Refused::Field(name, "選んでください。".into())),
        value => Ok(value),
    }
}

/// Kinds of recommendations, by code.
const RECOMMENDATIONS: [(&str, RecommendationKind, &str); 3] = [
    ("guidance", RecommendationKind::Guidance, RecommendationKind::Guidance.name()),
    ("request", RecommendationKind::Request, RecommendationKind::Request.name()),
    ("recommendation", RecommendationKind::Recommendation, RecommendationKind::Recommendation.name()),
];

fn recommendation_choices() -> Choices {
    choices(&RECOMMENDATIONS, "選んでください")
}

/// Kinds of support, by code.
const SUPPORTS: [(&str, SupportKind, &str); 3] = [
    ("lawyer", SupportKind::LawyerFee, SupportKind::LawyerFee.name()),
    ("school", SupportKind::SchoolChange, SupportKind::SchoolChange.name()),
    ("other", SupportKind::Other, SupportKind::Other.name()),
];

fn support_choices() -> Choices {
    choices(&SUPPORTS, "選んでください")
}

fn yes(fields: &Fields, name: &'static str) -> Result<bool, Refused> {
    Ok(needed(fields, name)? == "yes")
}

/// Wishes as a form says them.
pub(crate) fn wishes(fields: &Fields) -> Wishes {
    let consent = |name: &str| of_code(&CONSENTS, fields.get(name)).unwrap_or(Consent::Unsaid);
    Wishes {
        wanted: fields.get("wanted").into(),
        unwanted: fields.get("unwanted").into(),
        school_may_know: consent("school_may_know"),
        may_call: consent("may_call"),
        call_when: fields.get("call_when").into(),
        neutral_sender: fields.has("neutral_sender"),
    }
}

/// A day that must have come.
fn past_day(fields: &Fields, name: &'static str, today: Date) -> Result<Date, Refused> {
    match needed_day(fields, name)? {
        day if day > today => Err(Refused::Field(name, "先の日付です。きょうまでの日を入れてください。".into())),
        day => Ok(day),
    }
}

/// What a form says.
pub(crate) fn what(noun: Noun, fields: &Fields, entropy: Entropy<'_>, today: Date) -> Result<What, Refused> {
    let text = |name: &str| fields.get(name).to_owned();
    let some = |name: &str| fields.optional(name).map(str::to_owned);
    Ok(match noun.path {
        "messages" => What::Said { words: text("words") },
        "notes" => What::Note { words: text("words") },
        "wishes" => What::Wished(wishes(fields)),
        "parties" => What::Party(Party {
            id: ids::opaque_id(entropy),
            role: chosen(fields, "role", &ROLES)?,
            name: text("name"),
            school: text("school"),
            account: some("account"),
            section: some("section"),
        }),
        "signs-seen" => match fields.get("note") {
            "" => return Err(Refused::Field("note", "書いてください。".into())),
            note => What::SignsSeen { note: note.into() },
        },
        "suspicions" => {
            let number = if needed(fields, "number")? == "2" { Suspicion::Second } else { Suspicion::First };
            What::Suspected { number, why: text("why") }
        }
        "mayor-reports" => {
            What::MayorTold(MayorReport { school: text("school"), child: text("child"), situation: text("situation") })
        }
        "first-actions" => What::FirstAction { done: text("done") },
        "actions" => What::Action { done: text("done") },
        "judgements" => What::Judged { is_bullying: yes(fields, "is_bullying")?, why: text("why") },
        "stops" => What::Stopped { on: past_day(fields, "on", today)?, confirmed: text("confirmed") },
        "recurrences" => What::Recurred { on: past_day(fields, "on", today)?, happened: text("happened") },
        "resolutions" => What::Resolved { confirmed: text("confirmed") },
        "tasks" => What::Task { id: ids::opaque_id(entropy), todo: text("todo"), owner: some("owner") },
        "referrals" => What::Referred {
            id: ids::opaque_id(entropy),
            to: text("to"),
            reaches_school: yes(fields, "reaches_school")?,
            purpose: text("purpose"),
            consent: text("consent"),
            participant: some("participant"),
        },
        "recommendations" => What::Recommended(Recommended {
            id: ids::opaque_id(entropy),
            kind: chosen(fields, "kind", &RECOMMENDATIONS)?,
            to: text("to"),
            participant: some("participant"),
            words: text("words"),
            answer_by: some_day(fields, "answer_by")?,
        }),
        "supports" => What::SupportAsked(SupportAsk {
            id: ids::opaque_id(entropy),
            kind: chosen(fields, "kind", &SUPPORTS)?,
            words: text("words"),
            amount_yen: yen(fields)?,
        }),
        "hand-overs" => {
            What::HandedOver { to: needed(fields, "to")?.into(), note: text("note"), until: some_day(fields, "until")? }
        }
        "pauses" => What::ClockPaused { clock: needed(fields, "clock")?.into(), reason: text("reason") },
        "resumptions" => What::ClockResumed { clock: needed(fields, "clock")?.into() },
        "closings" => What::Closed { outcome: chosen(fields, "outcome", &OUTCOMES)?, why: text("why") },
        _ => What::Reopened { why: text("why") },
    })
}
