//! What the desk's pages call things.

use casework::entry::{Channel, Consent, Media, Outcome, ReferralState, Role, Speaker, Suspicion};
use casework::file::Step;
use casework::kind::Course;

use crate::staff::form::Choices;

/// Every way in, by its code.
pub(crate) const CHANNELS: [(&str, Channel, &str); 6] = [
    ("phone", Channel::Phone, "電話"),
    ("counter", Channel::Counter, "来庁"),
    ("letter", Channel::Letter, "手紙"),
    ("school", Channel::School, "学校から"),
    ("web", Channel::Web, "市のページ"),
    ("line", Channel::Line, "LINEから"),
];

/// Ways in of cases of a course.
pub(crate) const fn channels(course: Course) -> &'static [(&'static str, Channel, &'static str)] {
    match course {
        Course::Bullying => &CHANNELS,
        Course::Consultation => CHANNELS.split_at(3).0,
    }
}

/// Everybody who may speak, by code.
pub(crate) const SPEAKERS: [(&str, Speaker, &str); 7] = [
    ("child", Speaker::Child, "本人"),
    ("parent", Speaker::Parent, "保護者"),
    ("friend", Speaker::Friend, "友だち・クラスの子"),
    ("teacher", Speaker::Teacher, "学校の人"),
    ("person", Speaker::Person, "本人"),
    ("family", Speaker::Family, "家族"),
    ("other", Speaker::Other, "そのほかの人"),
];

/// Who may speak in cases of a course.
pub(crate) fn speakers(course: Course) -> Vec<(&'static str, Speaker, &'static str)> {
    let is_adults = |speaker: Speaker| matches!(speaker, Speaker::Person | Speaker::Family | Speaker::Other);
    let fits = |speaker: Speaker| match course {
        Course::Bullying => !matches!(speaker, Speaker::Person | Speaker::Family),
        Course::Consultation => is_adults(speaker),
    };
    SPEAKERS.into_iter().filter(|(_, speaker, _)| fits(*speaker)).collect()
}

/// Parts in a case, by code.
pub(crate) const ROLES: [(&str, Role, &str); 6] = [
    ("victim", Role::Victim, "被害を受けた子"),
    ("accused", Role::Accused, "したと言われている人"),
    ("reporter", Role::Reporter, "相談した人"),
    ("witness", Role::Witness, "見た人"),
    ("school", Role::School, "学校"),
    ("section", Role::Section, "市の課"),
];

/// Parts in a case that is about no child, by code.
const PARTS: [(&str, Role, &str); 5] = [
    ("victim", Role::Victim, "困っている人"),
    ("accused", Role::Accused, "相手方"),
    ("reporter", Role::Reporter, "相談した人"),
    ("witness", Role::Witness, "事情を知る人"),
    ("section", Role::Section, "市の課"),
];

/// Parts in cases of a course.
pub(crate) const fn roles(course: Course) -> &'static [(&'static str, Role, &'static str)] {
    match course {
        Course::Bullying => &ROLES,
        Course::Consultation => &PARTS,
    }
}

/// Steps, by code.
pub(crate) const STEPS: [(&str, Step, &str); 5] = [
    ("received", Step::Received, "受付"),
    ("acting", Step::Acting, "対応中"),
    ("watching", Step::Watching, "見守り中"),
    ("resolved", Step::Resolved, "解消"),
    ("closed", Step::Closed, "終結"),
];

/// What may be, by code.
pub(crate) const CONSENTS: [(&str, Consent, &str); 3] =
    [("unsaid", Consent::Unsaid, "まだ聞いていない"), ("yes", Consent::Yes, "よい"), ("no", Consent::No, "だめ")];

/// How a case ends, by code.
pub(crate) const OUTCOMES: [(&str, Outcome, &str); 4] = [
    ("resolved", Outcome::Resolved, "解消"),
    ("withdrawn", Outcome::Withdrawn, "相談した人が、もう望まない"),
    ("not_bullying", Outcome::NotBullying, "いじめではなく、答えるべきことに答えた"),
    ("handed_on", Outcome::HandedOn, "ほかのところが続ける"),
];

/// How a consultation ends, by code.
const ENDS: [(&str, Outcome, &str); 3] = [
    ("resolved", Outcome::Resolved, "解決した・答えた"),
    ("withdrawn", Outcome::Withdrawn, "相談した人が、もう望まない"),
    ("handed_on", Outcome::HandedOn, "ほかのところが続ける"),
];

/// How cases of a course end.
pub(crate) const fn outcomes(course: Course) -> &'static [(&'static str, Outcome, &'static str)] {
    match course {
        Course::Bullying => &OUTCOMES,
        Course::Consultation => &ENDS,
    }
}

/// How a referral stands, by code.
pub(crate) const REFERRALS: [(&str, ReferralState, &str); 5] = [
    ("in_progress", ReferralState::InProgress, "返事待ち"),
    ("accepted", ReferralState::Accepted, "引き受けた"),
    ("rejected", ReferralState::Rejected, "断られた"),
    ("done", ReferralState::Done, "終わった"),
    ("revoked", ReferralState::Revoked, "取り下げた"),
];

/// What a value is called in one of these tables.
pub(crate) fn name_of<T: PartialEq + Copy>(table: &[(&'static str, T, &'static str)], value: T) -> &'static str {
    table.iter().find(|(_, own, _)| *own == value).map_or("", |(_, _, name)| name)
}

/// The code of a value.
pub(crate) fn code_of<T: PartialEq + Copy>(table: &[(&'static str, T, &'static str)], value: T) -> &'static str {
    table.iter().find(|(_, own, _)| *own == value).map_or("", |(code, _, _)| code)
}

/// The value of a code.
pub(crate) fn of_code<T: Copy>(table: &[(&'static str, T, &'static str)], code: &str) -> Option<T> {
    table.iter().find(|(own, _, _)| *own == code).map(|(_, value, _)| *value)
}

/// A table as choices; `none` stands first if it is not empty.
pub(crate) fn choices<T>(table: &[(&'static str, T, &'static str)], none: &str) -> Choices {
    let first = (!none.is_empty()).then(|| (String::new(), none.to_owned()));
    first.into_iter().chain(table.iter().map(|(code, _, name)| ((*code).to_owned(), (*name).to_owned()))).collect()
}

/// The short name of a suspicion.
pub(crate) const fn suspicion_name(number: Suspicion) -> &'static str {
    match number {
        Suspicion::First => "1号の疑い",
        Suspicion::Second => "2号の疑い",
    }
}

/// The colour of a step's tag.
pub(crate) const fn step_tone(step: Step) -> &'static str {
    match step {
        Step::Received => "warn",
        Step::Acting => "",
        Step::Watching | Step::Resolved => "ok",
        Step::Closed => "dim",
    }
}

/// What a file is called.
pub(crate) const fn media_name(media: Media) -> &'static str {
    match media {
        Media::Pdf => "PDF",
        Media::Png => "PNG",
        Media::Jpeg => "JPEG",
        Media::Text => "文章",
        Media::Other => "ファイル",
    }
}

/// How large a file is, in words.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}
