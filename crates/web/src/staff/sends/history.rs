//! What happened to a send, in words.

use outreach::EventKind;
use outreach::event::Event;

use super::{count, reason};
use crate::staff::answers::who;
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// A line of the history.
pub(crate) struct Entry {
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) act: String,
    pub(crate) reason: String,
}

fn act(event: &Event) -> String {
    let n = count(event.value.unwrap_or(0));
    let batch = event.batch.map_or_else(String::new, |n| format!("（まとまり{n}）"));
    match event.kind {
        EventKind::Drafted => "書いた".into(),
        EventKind::Changed => "書き直した（下書きに戻った）".into(),
        EventKind::Planned => format!("計画した（{n}人）"),
        EventKind::Tested => format!("試し送りをした（職員{n}人）"),
        EventKind::Approved => "承認した".into(),
        EventKind::Returned => "差し戻した".into(),
        EventKind::Started => "送信を始めた".into(),
        EventKind::Paused => "一時停止した".into(),
        EventKind::Resumed => "送信を再開した".into(),
        EventKind::Stopped => "中止した".into(),
        EventKind::BatchAccepted => format!("LINEが受け取った（{n}人）{batch}"),
        EventKind::BatchRefused => format!("LINEが受け取らなかった{batch}"),
        EventKind::BatchInDoubt => format!("送れたかどうか分からない{batch}"),
        EventKind::BatchDecided => format!("分からない分を決めた{batch}"),
        EventKind::Reconciled => format!("LINEの記録と比べた（ちがい{n}件）"),
        EventKind::Done => "送り終わった".into(),
    }
}

/// Events of a send that are shown one by one. A send to a whole city has hundreds of batches: of these, the figures
/// tell more.
const MOST: usize = 60;

/// The newest events first, and how many older ones are left out.
pub(crate) fn entries(frame: &Frame, names: &Names, events: Vec<Event>) -> (Vec<Entry>, usize) {
    let left_out = events.len().saturating_sub(MOST);
    let entry = |event: Event| Entry {
        at: frame.moment(&event.at),
        who: who(names, &event.actor),
        act: act(&event),
        reason: event.reason.as_deref().map(reason).unwrap_or_default(),
    };
    (events.into_iter().rev().take(MOST).map(entry).collect(), left_out)
}
