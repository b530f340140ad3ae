//! How far sending is, in figures that the ledger counts.

use askama::Template;
use outreach::ledger::Figures;
use outreach::sending::{Sending, State};

use super::count;

/// A figure with its words.
pub(crate) struct Figure {
    pub(crate) label: &'static str,
    pub(crate) n: String,
    pub(crate) tone: &'static str,
    pub(crate) hint: &'static str,
}

/// The part of the page that is read again while it is sent.
#[derive(Template)]
#[template(path = "staff/sends/progress.html")]
pub(crate) struct Progress {
    pub(crate) state: &'static str,
    pub(crate) has: i64,
    pub(crate) all: i64,
    pub(crate) sentence: String,
    pub(crate) figures: Vec<Figure>,
}

impl Progress {
    pub(crate) fn of(sending: &Sending, figures: &Figures) -> Progress {
        let (has, all) = (figures.handed_over(), figures.all());
        let shown = [
            ("まだ送っていない", figures.waiting, "", "届けない時間の人や、順番を待っている人です。"),
            ("いま送っている", figures.unsure, "", "LINEの答えを待っています。"),
            ("届いたかどうか分からない", figures.in_doubt, "bad", "下で決めてください。"),
            ("LINEが受け取らなかった", figures.refused, "bad", "届いていません。理由は「これまでのこと」にあります。"),
            ("届かなかった", figures.failed, "bad", "LINEが受け取りましたが、届きませんでした。"),
            ("ブロックした人", figures.blocked, "", "送っていません。"),
            (
                "選ぶのをやめた人",
                figures.withdrawn,
                "",
                "計画の後に、受け取るお知らせか地区を変えた人です。送っていません。",
            ),
            ("中止で送らない", figures.stopped, "warn", "届きません。"),
        ];
        let figures = shown.into_iter().filter(|(_, n, ..)| *n > 0);
        Progress {
            state: sending.state.code(),
            has,
            all,
            sentence: format!("{}人のうち{}人の分を、LINEが受け取りました。", count(all), count(has)),
            figures: figures.map(|(label, n, tone, hint)| Figure { label, n: count(n), tone, hint }).collect(),
        }
    }
}

/// Whether there is anything to show.
pub(crate) fn has_begun(sending: &Sending) -> bool {
    matches!(sending.state, State::Running | State::Paused | State::Stopped | State::Done)
}
