//! The frame of the staff's pages: menu, who is logged in, and what was just done.

use std::sync::Arc;

use access::{Action, Principal};
use askama::filters::Safe;
use calendar::{Date, Instant};
use casework::member::DeskRole;
use city::{Lang, Organisation};

use crate::assets;
use crate::citizen::Visit;
use crate::security::Mounted;

/// What a page tells after something was done; the address names it as `done=…`.
const NOTICES: &[(&str, &str)] = &[
    ("saved", "保存しました。"),
    ("submitted", "承認に出しました。"),
    ("returned", "差し戻しました。"),
    ("published", "公開しました。数秒で市民の画面に出ます。"),
    ("taken-back", "取り下げました。続きを書けます。"),
    ("discarded", "原稿を捨てました。きょうのうちなら元に戻せます。"),
    ("restored", "元に戻しました。"),
    ("withdrawn", "公開を止めました。"),
    ("rechecked", "見直しを記録しました。"),
    ("answered", "回答しました。"),
    ("handed-over", "引き継ぎました。"),
    ("dismissed", "一覧から外しました。"),
    ("accepted", "回答を受け付けました。"),
    ("extended", "期限をのばしました。"),
    ("reminded", "督促しました。"),
    ("reminded-before", "きょうはもう督促しています。"),
    ("closed", "締め切りました。"),
    ("made", "作りました。"),
    ("ended", "終わりにしました。"),
    ("asked", "もう一人の承認を待っています。"),
    ("decided", "決定を記録しました。"),
    ("invited", "招待を出しました。"),
    ("imported", "取り込みました。"),
    ("wording-used", "加えました。すぐに使われます。"),
    ("wording-refused", "使わないことにしました。もう出ません。"),
    ("wording-removed", "外しました。"),
    ("relation-added", "加えました。数秒で検索に使われます。"),
    ("relation-changed", "変えました。数秒で検索に使われます。"),
    ("relation-removed", "外しました。数秒で検索に使われなくなります。"),
    ("repeated", "もう一度やり直します。"),
    ("cancelled", "取り消しました。"),
    ("removed", "消しました。"),
    ("password", "パスワードを変えました。ほかの端末はログアウトしました。"),
    ("enrolled", "設定が終わりました。新しいパスワードでログインしてください。"),
    ("resent", "もう一度送ります。数分で結果が出ます。"),
    ("counted-as-sent", "届いたことにしました。"),
    ("bounced", "宛先不明で戻しました。"),
    ("secrecy-set", "秘匿にしました。安全とした連絡先のほかには、何も届きません。"),
    ("merged", "一人にまとめました。"),
    ("signed-out", "ログアウトしました。"),
    ("answers-off", "自動応答を止めました。いまから職員につなぎます。"),
    ("answers-on", "再開しました。試験が合格点に届いている分類に、自動で答えます。"),
    ("answers-run", "試験をしました。結果が下に出ています。"),
    ("golden-saved", "保存して、試験をやり直しました。"),
    ("disaster-on", "災害対応をはじめました。市民のすべてのページにお知らせが出ています。"),
    ("disaster-off", "災害対応を終えました。お知らせは消えました。"),
    ("recall-confirmed", "訂正を送りはじめました。"),
    ("recall-told", "伝えたことにしました。"),
    ("nobody-waits", "いま待っている人はいません。"),
    ("now-available", "引き受けました。いまの状態を「受付可」に変えました。"),
    ("operator-saved", "保存しました。つぎに引き受ける応対から使います。"),
    ("clarification-saved", "保存しました。いまから聞き返します。試験もやり直しました。"),
    ("clarification-removed", "消しました。もう聞き返しません。試験もやり直しました。"),
    ("put-back", "待ちに戻しました。市民に伝えました。"),
    ("noted", "記録しました。"),
    ("call-back", "折り返しの電話を約束しました。"),
    ("transfer-offered", "取り次ぎを頼みました。返事が来るまで、担当はいまの課のままです。"),
    ("transfer-accepted", "引き継ぎました。市民に伝えました。"),
    ("contact-elsewhere", "ほかの課が引き継ぎました。"),
    ("transfer-declined", "受けないことを伝えました。"),
    ("transfer-withdrawn", "取り次ぎを取り下げました。"),
    ("side-asked", "課に確認を送りました。"),
    ("contact-ended", "応対を終わりました。"),
    ("contacts-merged", "一つにまとめました。"),
    ("contact-split", "別の応対に分けました。"),
    ("flagged", "監督する人に知らせました。"),
    ("warned", "警告を送りました。"),
    ("typed-in", "受け付けました。"),
    ("menu-saved", "保存しました。出しているメニューなら、数秒でLINEに反映します。"),
    ("menu-planned", "予定に入れました。"),
    ("menu-emergency", "緊急メニューに切り替えました。数秒でLINEに反映します。"),
    ("menu-calm", "通常に戻しました。数秒でLINEに反映します。"),
    ("send-saved", "保存しました。"),
    (
        "send-draft-again",
        "保存しました。内容が変わったので、下書きに戻りました。計画と試し送りを、もう一度してください。",
    ),
    ("send-planned", "計画ができました。まだ、だれにも送っていません。"),
    ("send-tested", "試し送りをしました。職員のLINEに届いたものを確かめてください。"),
    ("send-approved", "承認しました。まだ、だれにも送っていません。"),
    ("send-started", "送信を始めました。"),
    ("send-paused", "一時停止しました。LINEにもう渡した分は、取り消せません。"),
    ("send-resumed", "送信を再開しました。送った人に、もう一度送られることはありません。"),
    ("send-stopped", "中止しました。まだ送っていない人には届きません。"),
    ("desk-locked", "窓口を閉じました。"),
    ("key-made", "窓口の鍵を作りました。窓口は開いています。"),
    ("passphrase", "パスフレーズを変えました。つぎに窓口を開けるときから使います。"),
    ("case-said", "書きました。相談した人は、受付番号で読めます。"),
    ("reader-added", "読む人に加えました。"),
    ("reader-removed", "読む人から外しました。これまでの記録も、新しい鍵で封をし直しました。"),
    ("glass-shares", "非常時の鍵を、いまの担当者に分け直しました。"),
    ("file-kept", "ファイルを入れました。"),
    ("tester-added", "加えました。これからの試し送りは、このLINEにも届きます。"),
    ("desk-joined", "加えました。窓口の全員に、この画面で見えます。"),
    ("desk-left", "外しました。開いていた窓口は閉じました。事案の鍵が残っていれば、下に出ます。"),
    ("rehearsed", "紙から鍵ができました。練習の日時を残しました。"),
    ("key-restored", "鍵をもどしました。新しいパスフレーズで窓口を開けられます。"),
    ("glass-asked", "求めました。もう一人の担当者に、電話で知らせてください。"),
    ("glass-agreed", "同意しました。求めた人が読めるようになり、事案に記録が残りました。"),
    ("signs-changed", "一覧を変えました。これからの相談に使われます。"),
    ("effect-published", "公表しました。市民のページに出ています。"),
    ("effect-withdrawn", "取り下げました。市民のページから消えました。"),
    ("glass-declined", "同意しませんでした。渡された鍵は消しました。"),
    ("cases-handed-over", "選んだ事案を、すべて引き継ぎました。それぞれの事案に記録が残っています。"),
];

/// The frame of a page.
pub(crate) struct Frame {
    pub(crate) city: Arc<Organisation>,
    pub(crate) who: Option<Arc<Principal>>,
    pub(crate) csrf: String,
    pub(crate) nav: &'static str,
    pub(crate) notice: Option<&'static str>,
    pub(crate) today: Date,
    pub(crate) simulators: bool,
    /// The faces to which the menu leads.
    mounted: Mounted,
    /// Where their work on sealed cases begins, if they have any here.
    sealed: Option<&'static str>,
    theme: String,
}

/// A part of the menu.
pub(crate) struct NavItem {
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    pub(crate) url: &'static str,
}

const MENU: &[(&str, &str, &str, &[Action])] = &[
    ("today", "きょう", "/", &[]),
    ("articles", "FAQ", "/articles", &[Action::ArticleRead]),
    ("board", "質問", "/board", &[Action::QuestionRead]),
    ("contacts", "応対", "/contacts", &[Action::ContactRead, Action::ContactSupervise]),
    ("sends", "配信", "/sends", &[Action::SendWrite, Action::SendApprove]),
    ("inquiries", "照会", "/inquiries", &[Action::InquiryAsk, Action::InquiryAnswer]),
    ("people", "人", "/people", &[Action::PersonRead]),
    (
        "admin",
        "管理",
        "/admin",
        &[
            Action::OrganisationWrite,
            Action::AccountRead,
            Action::JobManage,
            Action::AuditRead,
            Action::SettingWrite,
            Action::TwoPersonDecide,
        ],
    ),
];

impl Frame {
    pub(crate) fn new(
        visit: &Visit,
        who: Option<(Arc<Principal>, String)>,
        nav: &'static str,
        notice: Option<&str>,
    ) -> Self {
        let (who, csrf) = match who {
            Some((who, csrf)) => (Some(who), csrf),
            None => (None, String::new()),
        };
        Frame {
            city: visit.city.organisation(),
            who,
            csrf,
            nav,
            notice: notice.and_then(|code| NOTICES.iter().find(|(c, _)| *c == code)).map(|(_, text)| *text),
            today: visit.today(),
            simulators: visit.app.simulators,
            mounted: Mounted::default(),
            sealed: None,
            theme: crate::citizen::theme_url(&visit.city),
        }
    }

    /// The same behind the log-in, where a listener mounts some faces, for somebody who has roles at sealed desks.
    pub(crate) fn behind(mut self, mounted: Mounted, desks: &[(String, DeskRole)]) -> Self {
        let works = desks.iter().any(|(_, role)| *role != DeskRole::Partner);
        let takes_part = desks.iter().any(|(_, role)| *role == DeskRole::Partner);
        self.mounted = mounted;
        self.sealed = match () {
            () if works && mounted.desk => Some("/sealed"),
            () if takes_part && mounted.partner => Some("/partner"),
            () => None,
        };
        self
    }

    /// The parts of the menu that this person can use.
    pub(crate) fn menu(&self) -> Vec<NavItem> {
        let Some(who) = &self.who else { return Vec::new() };
        let mut menu: Vec<NavItem> = MENU
            .iter()
            .filter(|(.., actions)| self.mounted.staff && (actions.is_empty() || actions.iter().any(|a| who.may(*a))))
            .map(|(key, label, url, _)| NavItem { key, label, url })
            .collect();
        if let Some(url) = self.sealed {
            menu.insert(menu.len().min(1), NavItem { key: "sealed", label: "相談", url });
        }
        menu
    }

    /// Whether the person may do something anywhere.
    pub(crate) fn may(&self, action: &Action) -> bool {
        self.who.as_ref().is_some_and(|w| w.may(*action))
    }

    /// The hidden field that every form carries.
    pub(crate) fn token(&self) -> Safe<String> {
        Safe(format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", self.csrf))
    }

    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    pub(crate) fn theme_url(&self) -> &str {
        &self.theme
    }

    /// `11月23日（月）`, with the year if it is another one.
    pub(crate) fn day(&self, date: &Date) -> String {
        let full = words::day(Lang::Ja, *date);
        if date.year() == self.today.year() {
            full.split_once('年').map_or(full.clone(), |(_, rest)| rest.to_owned())
        } else {
            full
        }
    }

    /// A day that may not be set.
    pub(crate) fn some_day(&self, date: &Option<Date>) -> String {
        date.as_ref().map_or_else(|| "—".to_owned(), |d| self.day(d))
    }

    /// Day and time.
    pub(crate) fn moment(&self, at: &Instant) -> String {
        format!("{} {}", self.day(&at.jst_date()), words::time_of(Lang::Ja, *at))
    }

    /// Name of the section that answers today for a code.
    pub(crate) fn section(&self, code: &str) -> String {
        self.city.section(code, self.today).map_or_else(|| code.to_owned(), |s| s.name.clone())
    }
}
