//! `/admin`: the entrance of the administration, with what this person may do.

use access::{Action, two_person};
use askama::Template;
use axum::response::Response;

use super::frame::Frame;
use super::gate::Staff;
use super::two_person::may_decide;
use crate::citizen::show;
use crate::errors::Failure;

struct Tile {
    url: &'static str,
    name: &'static str,
    sentence: &'static str,
    number: usize,
}

struct Group {
    name: &'static str,
    tiles: Vec<Tile>,
}

#[derive(Template)]
#[template(path = "staff/admin/home.html")]
struct HomePage {
    frame: Frame,
    groups: Vec<Group>,
}

type Entry = (Action, &'static str, &'static str, &'static str);

/// Where a city with a sealed desk says who works there.
const DESK_MEMBERS: &str = "/sealed/members";

/// What stands on the page: group, and who needs which action for which page.
const GROUPS: &[(&str, &[Entry])] = &[
    (
        "組織と人",
        &[
            (
                Action::OrganisationWrite,
                "/organisation",
                "組織",
                "課の電話・場所・窓口の時間と、日付ごとの組織の姿を見て、直します。",
            ),
            (
                Action::OrganisationWrite,
                "/reorganisations",
                "組織改正",
                "新設・統合・廃止を前もって準備します。施行日になると自動で切り替わります。",
            ),
            (Action::OrganisationWrite, "/closures", "閉庁日", "年末年始など、窓口が休みの日を決めます。"),
            (
                Action::AccountRead,
                "/accounts",
                "アカウント",
                "職員のアカウント、所属、役割、ログイン中の端末を見ます。",
            ),
            (
                Action::AccountWrite,
                DESK_MEMBERS,
                "相談の窓口の人",
                "いじめ相談の窓口で働く人を加え、外します。事案は見えません。",
            ),
        ],
    ),
    (
        "2人で決めること",
        &[(
            Action::TwoPersonDecide,
            "/changes",
            "2人で決める変更",
            "端末の再設定や大切な役割など、もう一人の承認がいる変更を決めます。",
        )],
    ),
    (
        "運用",
        &[
            (Action::JobManage, "/jobs", "ジョブ", "裏で動く仕事の様子を見て、止まったものをやり直します。"),
            (Action::JobManage, "/messages", "送ったメール", "メールが届いたかを確かめます。中身は見えません。"),
            (Action::JobManage, "/status", "運用の状態", "データベースと、動いているプログラムの様子を見ます。"),
            (
                Action::LineWrite,
                "/line/menus",
                "LINEのメニュー",
                "LINEのトーク画面に出るメニューと、緊急のときの切り替えです。",
            ),
            (Action::SettingWrite, "/settings", "設定", "見直しの間隔や、情報を残しておく期間を決めます。"),
            (Action::AuditRead, "/audit", "操作の記録", "だれが、いつ、何をしたかを読みます。"),
        ],
    ),
];

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let mut open = 0;
    if staff.who.may(Action::TwoPersonDecide) {
        let mut tx = staff.city.db.read().await?;
        let changes = two_person::latest(&mut tx, staff.app.clock.as_ref(), 500).await?;
        open = changes.iter().filter(|c| c.state == "asked" && may_decide(&staff.who, &c.kind)).count();
    }
    let tile = |(_, url, name, sentence): &Entry| Tile {
        url,
        name,
        sentence,
        number: if *url == "/changes" { open } else { 0 },
    };
    let is_there = |url: &str| url != DESK_MEMBERS || staff.city.sealed.is_some();
    let groups = GROUPS
        .iter()
        .map(|(name, entries)| Group {
            name,
            tiles: entries
                .iter()
                .filter(|(action, url, ..)| staff.who.may(*action) && is_there(url))
                .map(tile)
                .collect(),
        })
        .filter(|group: &Group| !group.tiles.is_empty())
        .collect();
    show(&HomePage { frame: staff.frame("admin"), groups })
}
