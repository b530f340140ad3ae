//! The settings that the city keeps itself: what there is, what may be set, and who must agree.

use access::{Principal, two_person};
use calendar::Clock;
use store::audit::{self, Event};
use store::{Entropy, Tx};

use crate::{KnowledgeError, retention};

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number between bounds, both included.
    Number {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// `true` or `false`.
    Switch,
    /// Names of retention rules, with commas between.
    Holds,
    /// Names that the city gives, one by one, in its own order.
    List {
        /// The most of them.
        most: usize,
    },
    /// Days by name: `phone=90,web=730`.
    DaysBy(Names),
}

/// What the days of a setting are by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Channels of contacts.
    Channels,
    /// Topics of the shared catalogue.
    Topics,
}

/// Ways by which people come (channels of a contact), with what the interface calls them.
pub const CHANNELS: &[(&str, &str)] = &[
    ("web", "チャット"),
    ("line", "LINE"),
    ("phone", "電話"),
    ("mail", "メール"),
    ("counter", "窓口"),
    ("fax", "FAX"),
    ("letter", "手紙"),
];

impl Names {
    /// Each name with what the interface calls it.
    pub fn all(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Names::Channels => CHANNELS.to_vec(),
            Names::Topics => city::TOPICS.iter().map(|t| (t.code, t.name(city::Lang::Ja))).collect(),
        }
    }

    fn label(self, name: &str) -> Option<&'static str> {
        self.all().into_iter().find(|(code, _)| *code == name).map(|(_, label)| label)
    }
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name in the database.
    pub name: &'static str,
    /// What the interface calls it.
    pub title: &'static str,
    /// What it does, and what to think of.
    pub explanation: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What holds while nothing is set.
    pub default: &'static str,
}

/// The setting that names the rules whose records are held for the time being.
pub const HOLD: &str = "retention.hold";

const fn days(least: u64) -> Kind {
    Kind::Number { least, most: 36_500, unit: "日" }
}

/// The setting with the districts of which people may choose one.
pub const DISTRICTS: &str = "outreach.districts";

/// The setting with the messages of a month that are kept for urgent sends.
pub const RESERVE: &str = "outreach.reserve";

/// Longest name of a list, in characters.
const MAX_NAME: usize = 40;

/// All settings.
pub const ALL: &[Setting] = &[
    Setting {
        name: DISTRICTS,
        title: "お知らせの地区",
        explanation: "お知らせを受け取る人が選べる地区です。1行に1つ書きます。名前を変えたり消したりすると、前の名前を選んだ人には、その地区だけのお知らせは届かなくなります。空にすると、地区は聞きません。",
        kind: Kind::List { most: 100 },
        default: "",
    },
    Setting {
        name: RESERVE,
        title: "緊急の配信のために残す通数",
        explanation: "今月使える通数のうち、緊急の配信だけが使える分です。ふつうの配信は、この分を残して計画します。災害のときに全員に送れるように、友だちの人数と同じくらいにするのがよいでしょう。",
        kind: Kind::Number { least: 0, most: 100_000, unit: "通" },
        default: "0",
    },
    Setting {
        name: "knowledge.review_months",
        title: "見直しの間隔",
        explanation: "FAQを確かめてから、つぎに見直すまでの月数です。すでに決まっている見直しの日は変わりません。",
        kind: Kind::Number { least: 1, most: 120, unit: "か月" },
        default: "12",
    },
    Setting {
        name: "knowledge.recheck_second_person",
        title: "「内容に変わりなし」にも、もう一人の承認がいる",
        explanation: "「する」にすると、見直しで「内容に変わりなし」とするときも、別の人の承認を待ちます。",
        kind: Kind::Switch,
        default: "false",
    },
    Setting {
        name: crate::miss::SETTING,
        title: "見つからなかったことばを数える",
        explanation: "答えが見つからなかったことばを、だれのものか分からない形で、日ごとに数えます。「しない」にすると、それからは数えません。",
        kind: Kind::Switch,
        default: "true",
    },
    Setting {
        name: "contact.first_reply_minutes",
        title: "職員が最初に返事をするまで",
        explanation: "市民が職員を待ちはじめてから、最初の返事までの目標です。課の受付時間のあいだだけ数えます。市民に伝える「いつまでに」も、この時間から決まります。",
        kind: Kind::Number { least: 1, most: 2_400, unit: "分（受付時間内）" },
        default: "10",
    },
    Setting {
        name: "contact.transfer_minutes",
        title: "取り次ぎに答えるまで",
        explanation: "取り次ぎを頼まれた課が、受けるか断るかを決めるまでの時間です。過ぎると、監督する人に知らせます。",
        kind: Kind::Number { least: 1, most: 2_400, unit: "分（受付時間内）" },
        default: "15",
    },
    Setting {
        name: "contact.resolution_hours",
        title: "応対を終えるまで",
        explanation: "市民が職員を待ちはじめてから、応対を終えるまでの目標です。課の受付時間のあいだだけ数えます。",
        kind: Kind::Number { least: 1, most: 400, unit: "時間（受付時間内）" },
        default: "16",
    },
    Setting {
        name: "contact.repeat_days",
        title: "一次完結とみなす日数",
        explanation: "応対を終えてから、この日数のあいだ同じ人から同じ分類の応対がなければ、一次完結と数えます。",
        kind: Kind::Number { least: 1, most: 60, unit: "日" },
        default: "7",
    },
    Setting {
        name: "contact.service_seconds",
        title: "サービスレベルの秒数",
        explanation: "職員を待ちはじめてから、この秒数（受付時間内）までに引き受けた割合をサービスレベルと呼びます。電話では20秒がよく使われます。",
        kind: Kind::Number { least: 5, most: 3_600, unit: "秒" },
        default: "60",
    },
    Setting {
        name: "contact.pass_mark",
        title: "自動応答の合格点",
        explanation: "分類ごとの試験で、これだけの割合に正しく答えられたときだけ、その分類に自動で答えます。分類ごとに変えるときは「自動応答の管理」で決めます。",
        kind: Kind::Number { least: 50, most: 100, unit: "%" },
        default: "90",
    },
    Setting {
        name: "retention.misses",
        title: "見つからなかったことば",
        explanation: "数えた日から。だれのものか分からなくしてありますが、個人の事情が書かれることもあるので、長く置きません。",
        kind: days(7),
        default: "180",
    },
    Setting {
        name: "retention.feedback",
        title: "FAQへの感想",
        explanation: "過ぎると、書かれたことばを消します。役に立った・立たなかったの数は残ります。",
        kind: days(30),
        default: "730",
    },
    Setting {
        name: "retention.questions",
        title: "回答した質問・取り下げられた質問のことば",
        explanation: "最後に動いた日から。過ぎると、質問と回答の文と連絡先を消し、番号と経過だけを残します。個人情報は、必要がなくなったら遅れずに消すことになっています。公文書の保存期間に合わせるときは、文書主管課に確かめてください。",
        kind: days(90),
        default: "1095",
    },
    Setting {
        name: "retention.contacts",
        title: "応対のことば",
        explanation: "最後に動いた日から。過ぎると、やりとり・要約・メモ・電話番号を消し、番号と経過と数字だけを残します。方法や分類ごとに短くするときは、下の2つで決めます。",
        kind: days(30),
        default: "730",
    },
    Setting {
        name: "retention.contact-channels",
        title: "応対のことば（方法ごと）",
        explanation: "受けた方法ごとの日数です。空の方法は、上の日数です。",
        kind: Kind::DaysBy(Names::Channels),
        default: "",
    },
    Setting {
        name: "retention.contact-topics",
        title: "応対のことば（分類ごと）",
        explanation: "より短くする分類だけに、日数を入れます。方法ごとの日数と、短いほうになります。",
        kind: Kind::DaysBy(Names::Topics),
        default: "",
    },
    Setting {
        name: "retention.sign_in",
        title: "ログインの失敗の数・切れたログイン",
        explanation: "ログインに続けて失敗した回数と、切れたログインの記録です。だれが何をしたかの記録は、別に残ります。",
        kind: days(1),
        default: "30",
    },
    Setting {
        name: "retention.messages",
        title: "送ったメールの中身",
        explanation: "過ぎると、メールに入れた番号や題名と、練習用の郵便受けのメールを消します。送ったこと、結果、時刻は残ります。",
        kind: days(30),
        default: "365",
    },
    Setting {
        name: "retention.recipients",
        title: "LINEなどで受け取らなくなった人",
        explanation: "ブロックした人、あて先がなくなった人について、選んだ内容とつながりを、この日数だけ残します。その間にもどれば、前のとおりに届きます。送った数はそのまま残ります。",
        kind: days(30),
        default: "365",
    },
    Setting {
        name: "retention.jobs",
        title: "終わったジョブ",
        explanation: "過ぎると消します。止まったジョブは、だれかが見るまで残ります。",
        kind: days(1),
        default: "30",
    },
    Setting {
        name: "retention.notices",
        title: "見直しのお知らせの控え",
        explanation: "課に知らせた見直し・期限切れの控えです。同じお知らせを2度出さないために、60日は残します。",
        kind: days(60),
        default: "365",
    },
    Setting {
        name: HOLD,
        title: "消すのを止めている記録",
        explanation: "訴訟、審査請求、監査、情報公開の請求などで残しておく必要があるあいだは、ここに入れた記録を消しません。入れるのはすぐにできます。外すには、もう一人の承認がいります。",
        kind: Kind::Holds,
        default: "",
    },
];

/// A setting by its name.
pub fn by_name(name: &str) -> Option<&'static Setting> {
    ALL.iter().find(|s| s.name == name)
}

impl Setting {
    /// Whether it says how long something is kept.
    pub fn is_retention(&self) -> bool {
        self.name.starts_with("retention.")
    }

    /// What was typed as it is stored, or a sentence that says what is wrong.
    pub fn checked(&self, typed: &str) -> Result<String, KnowledgeError> {
        let typed = typed.trim();
        let wrong = |reason: String| Err(KnowledgeError::Field { field: "value", reason });
        match self.kind {
            Kind::Number { least, most, unit } => match typed.parse::<u64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(number.to_string()),
                _ => wrong(format!("{least}から{most}までの数（{unit}）を、半角の数字で入れてください。")),
            },
            Kind::Switch => match typed {
                "true" | "false" => Ok(typed.to_owned()),
                _ => wrong("「する」か「しない」を選んでください。".into()),
            },
            Kind::List { most } => {
                let mut names: Vec<&str> = Vec::new();
                for name in typed.split([',', '、', '\n', '\r']).map(str::trim).filter(|n| !n.is_empty()) {
                    if name.chars().count() > MAX_NAME || name.contains(char::is_control) {
                        return wrong(format!("「{name}」は長すぎます。{MAX_NAME}文字までにしてください。"));
                    }
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                if names.len() > most {
                    return wrong(format!("{most}個までにしてください（いま{}個です）。", names.len()));
                }
                Ok(names.join(","))
            }
            Kind::DaysBy(names) => {
                let mut pairs: Vec<String> = Vec::new();
                for pair in typed.split([',', '、']).map(str::trim).filter(|p| !p.is_empty()) {
                    let Some((name, days)) = pair.split_once('=').map(|(n, d)| (n.trim(), d.trim())) else {
                        return wrong(format!("「{pair}」は「名前=日数」の形ではありません。例: phone=90"));
                    };
                    let Some(label) = names.label(name) else {
                        return wrong(format!("「{name}」という名前はありません。"));
                    };
                    match days.parse::<u64>() {
                        Ok(days) if (1..=36_500).contains(&days) => pairs.push(format!("{name}={days}")),
                        _ => return wrong(format!("「{label}」の日数は、1から36500までの数にしてください。")),
                    }
                }
                pairs.sort_unstable();
                Ok(pairs.join(","))
            }
            Kind::Holds => {
                let mut names: Vec<&str> = typed.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
                names.sort_unstable();
                names.dedup();
                match names.iter().find(|n| !retention::RECORDS.contains(n)) {
                    Some(unknown) => wrong(format!("「{unknown}」という記録はありません。一覧から選んでください。")),
                    None => Ok(names.join(",")),
                }
            }
        }
    }

    /// A stored value as people read it.
    pub fn in_words(&self, value: &str) -> String {
        let parts = |each: &dyn Fn(&str) -> String| {
            let all: Vec<String> = value.split(',').filter(|p| !p.is_empty()).map(each).collect();
            if all.is_empty() { "なし".to_owned() } else { all.join("、") }
        };
        match self.kind {
            Kind::Number { unit, .. } => format!("{value}{unit}"),
            Kind::List { .. } => parts(&|name| name.to_owned()),
            Kind::Switch => if value == "true" { "する" } else { "しない" }.to_owned(),
            Kind::Holds => parts(&|record| {
                by_name(&format!("retention.{record}")).map_or_else(|| record.to_owned(), |s| s.title.to_owned())
            }),
            Kind::DaysBy(names) => parts(&|pair| match pair.split_once('=') {
                Some((name, days)) => format!("{} {days}日", names.label(name).unwrap_or(name)),
                None => pair.to_owned(),
            }),
        }
    }

    /// What holds now. What stands in the database and cannot be read counts as not set.
    pub async fn value(&self, tx: &mut Tx) -> store::Result<String> {
        let set = city::store::setting(tx, self.name).await?;
        Ok(set.and_then(|v| self.checked(&v).ok()).unwrap_or_else(|| self.default.to_owned()))
    }

    /// Whether a change lets something be removed earlier.
    fn removes_earlier(&self, old: &str, new: &str) -> bool {
        match self.kind {
            Kind::Number { .. } if self.is_retention() => new.parse::<u64>().ok() < old.parse::<u64>().ok(),
            Kind::Holds => old.split(',').any(|name| !name.is_empty() && !new.split(',').any(|n| n == name)),
            // Any other days may be fewer for something.
            Kind::DaysBy(_) => old != new,
            Kind::Number { .. } | Kind::Switch | Kind::List { .. } => false,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is as it was.
    Same,
    /// It holds.
    Done,
    /// A second person is asked.
    Asked,
}

/// Changes a setting. What would remove records earlier waits for a second person; `reason` is for them.
/// The caller has checked that `who` may change settings.
pub async fn change(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &Principal,
    name: &str,
    typed: &str,
    reason: &str,
) -> Result<Changed, KnowledgeError> {
    let setting = by_name(name).ok_or(KnowledgeError::NotFound)?;
    let new = setting.checked(typed)?;
    let old = setting.value(tx).await?;
    if old == new {
        return Ok(Changed::Same);
    }
    if setting.removes_earlier(&old, &new) {
        let payload = format!("{name}={new}");
        let kind = two_person::RETENTION;
        let asked = two_person::Asked { kind, object_kind: "setting", object: name, payload: &payload, reason };
        two_person::ask(tx, clock, entropy, who, asked).await?;
        return Ok(Changed::Asked);
    }
    store(tx, clock, &who.actor(), setting, &new).await?;
    Ok(Changed::Done)
}

/// Does a change of kind [`two_person::RETENTION`] that a second person agreed to, in the transaction of the
/// decision; `actor` is who decided.
pub async fn apply(tx: &mut Tx, clock: &dyn Clock, actor: &str, payload: &str) -> Result<(), KnowledgeError> {
    let (name, value) = payload.split_once('=').ok_or(KnowledgeError::NotFound)?;
    let setting = by_name(name).filter(|s| s.is_retention()).ok_or(KnowledgeError::NotFound)?;
    let value = setting.checked(value)?;
    store(tx, clock, actor, setting, &value).await
}

async fn store(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    setting: &Setting,
    value: &str,
) -> Result<(), KnowledgeError> {
    city::store::save_setting(tx, setting.name, value).await?;
    let event =
        Event { actor, action: "setting.change", object_kind: "setting", object: setting.name, fields: &["value"] };
    Ok(audit::record(tx, clock, event).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_can_be_set_and_every_record_has_a_rule() {
        for setting in ALL {
            assert_eq!(setting.checked(setting.default).expect(setting.name), setting.default);
        }
        for record in retention::RECORDS {
            assert!(by_name(&format!("retention.{record}")).is_some(), "{record}");
        }
    }

    #[test]
    fn what_removes_earlier_is_known() {
        let rule = by_name("retention.jobs").expect("a rule");
        assert!(rule.removes_earlier("30", "9") && !rule.removes_earlier("9", "30"));
        let hold = by_name(HOLD).expect("hold");
        assert!(hold.removes_earlier("feedback,jobs", "jobs") && !hold.removes_earlier("jobs", "feedback,jobs"));
        assert!(!hold.removes_earlier("", "jobs"));
        assert!(!by_name(crate::miss::SETTING).expect("switch").removes_earlier("true", "false"));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let rule = by_name("retention.questions").expect("a rule");
        for wrong in ["", "89", "36501", "-1", "千日", "1e3"] {
            rule.checked(wrong).expect_err(wrong);
        }
        by_name(HOLD).expect("hold").checked("feedback,passwords").expect_err("unknown");
        assert_eq!(by_name(HOLD).expect("hold").checked(" jobs ,feedback,jobs").expect("taken"), "feedback,jobs");
    }
}
