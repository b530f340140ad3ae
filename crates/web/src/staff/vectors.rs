//! How the vectors of the search are, in words for the staff.

use knowledge::{Library, VectorFault};
use vectors::EmbedError;

use super::frame::Frame;

/// A city's vectors.
pub(crate) struct VectorRow {
    /// Articles that have them.
    pub(crate) embedded: usize,
    pub(crate) source: &'static str,
    pub(crate) fault: Option<String>,
}

/// The vectors of a library, if it has something that gives them.
pub(crate) fn row(frame: &Frame, library: &Library) -> Option<VectorRow> {
    let state = library.reading().vectors.as_ref()?;
    Some(VectorRow {
        embedded: library.snapshot().index.embedded(),
        source: if state.is_remote() { "外部のサービス" } else { "庁内のモデル" },
        fault: state.fault().map(|fault| sentence(frame, &fault)),
    })
}

/// What is wrong with the vectors of a library just now.
pub(crate) fn fault(frame: &Frame, library: &Library) -> Option<String> {
    row(frame, library)?.fault
}

fn sentence(frame: &Frame, fault: &VectorFault) -> String {
    format!(
        "{}から、意味の近さを使わずに、ことばだけで答えています。理由：{}",
        frame.moment(&fault.since),
        reason(&fault.why)
    )
}

fn reason(why: &EmbedError) -> String {
    match why {
        EmbedError::Slow(ms) => format!("サービスが{ms}ミリ秒以内に答えません。"),
        EmbedError::Down(_) => "サービスにつながりません。".into(),
        EmbedError::Status(status @ (401 | 403 | 404)) => {
            format!("サービスがHTTP {status}を返します。鍵とモデルの名前を確かめてください。")
        }
        EmbedError::Status(status) => {
            format!("サービスがHTTP {status}を返します。続くときは、サービスの状態を確かめてください。")
        }
        EmbedError::TooLong(_) => "サービスの答えが長すぎます。".into(),
        EmbedError::Form(_) => "サービスの答えの形がちがいます。接続先を確かめてください。".into(),
        EmbedError::Count { sent, got } => format!("文章{sent}件に、ベクトルが{got}件返ってきました。"),
        EmbedError::Size { expected, got } => {
            format!(
                "ベクトルの大きさが{expected}から{got}に変わりました。モデルを替えたときは、設定のmodelも変えてください。"
            )
        }
        EmbedError::NoNumber => "ベクトルに数でない値があります。".into(),
        EmbedError::Tokenizer(_) => "モデルが文章を読めません。".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_repeats_what_a_service_said() {
        for why in
            [EmbedError::Down("秘密".into()), EmbedError::Form("秘密".into()), EmbedError::Tokenizer("秘密".into())]
        {
            assert!(!reason(&why).contains("秘密"), "{why:?}");
        }
        assert!(reason(&EmbedError::Slow(800)).contains("800ミリ秒"));
        assert!(reason(&EmbedError::Status(401)).contains("HTTP 401を返します。鍵"));
        assert!(reason(&EmbedError::Status(503)).contains("HTTP 503を返します。続く"));
        assert!(reason(&EmbedError::Size { expected: 3, got: 4 }).contains("3から4"));
    }
}
