//! Why LINE could not be told, as a code that is stored, a pause, and a sentence.

use std::time::Duration;

use line::Failure;

/// Longest pause before the next try.
const LONGEST: Duration = Duration::from_secs(600);
/// First pause; it doubles.
const FIRST: Duration = Duration::from_secs(10);

/// The code of a failure, and LINE's own words behind it.
pub(super) fn code(failure: &Failure) -> String {
    let (code, words) = match failure {
        Failure::NotSent(_) => ("not-sent", String::new()),
        Failure::NoToken(inner) if matches!(**inner, Failure::Refused(_)) => ("credentials", String::new()),
        Failure::NoToken(_) => ("not-sent", String::new()),
        Failure::Paced(_) | Failure::RateLimited(_) | Failure::QuotaUsedUp(_) | Failure::TooManyConcurrent(_) => {
            ("rate", String::new())
        }
        Failure::Unsure(_) | Failure::Server(_) => ("unsure", String::new()),
        Failure::Refused(rejection) => ("refused", rejection.to_string()),
        Failure::Invalid(invalid) => ("refused", invalid.to_string()),
        Failure::Form(_) => ("form", String::new()),
    };
    format!("{code} {words}").trim().to_owned()
}

/// How long to wait before the next try; nothing where another try would end in the same way.
pub(super) fn pause(failure: &Failure, tries: i64) -> Option<Duration> {
    let doubling = FIRST.saturating_mul(1 << u32::try_from(tries).unwrap_or(0).min(6)).min(LONGEST);
    match failure {
        Failure::Paced(wait) => Some(*wait + Duration::from_secs(1)),
        Failure::NoToken(inner) if matches!(**inner, Failure::Refused(_)) => Some(LONGEST),
        Failure::RateLimited(_) => Some(LONGEST),
        Failure::NotSent(_) | Failure::NoToken(_) | Failure::Unsure(_) | Failure::Server(_) => Some(doubling),
        Failure::TooManyConcurrent(_) => Some(doubling),
        Failure::Refused(_) | Failure::Invalid(_) | Failure::QuotaUsedUp(_) | Failure::Form(_) => None,
    }
}

/// A stored code as a sentence for the staff: what it is, and what happens next or what to do.
pub fn sentence(stored: &str) -> String {
    let (code, words) = stored.split_once(' ').unwrap_or((stored, ""));
    match code {
        "not-sent" => "LINEにつながりません。つながりしだい、自動でもう一度試します。".into(),
        "credentials" => {
            "LINEの鍵（チャネルID・シークレット）が使えません。システム管理者に伝えてください。10分ごとに自動で試します。".into()
        }
        "rate" => {
            "LINEが決めた回数の上限（メニューを作れるのは1時間に100回まで）に達しました。10分ほど待って、自動で試します。".into()
        }
        "unsure" => "LINEがエラーを返しました。少し待って、自動でもう一度試します。".into(),
        "refused" => format!(
            "LINEがこのメニューを受け付けませんでした。ボタンと絵を確かめて、保存し直してください。LINEのことば: {words}"
        ),
        _ => "LINEの返事が読み取れません。システム管理者に伝えてください。".into(),
    }
}

#[cfg(test)]
mod tests {
    use line::failure::Rejection;

    use super::*;

    fn rejection() -> Rejection {
        Rejection { status: 400, message: "no".into(), details: Vec::new(), request_id: None }
    }

    #[test]
    fn what_stays_wrong_is_not_tried_again() {
        for (failure, again, word) in [
            (Failure::NotSent("x".into()), true, "つながりません"),
            (Failure::NoToken(Box::new(Failure::Refused(rejection()))), true, "鍵"),
            (Failure::NoToken(Box::new(Failure::NotSent("x".into()))), true, "つながりません"),
            (Failure::RateLimited(rejection()), true, "上限"),
            (Failure::Server(rejection()), true, "エラー"),
            (Failure::Refused(rejection()), false, "LINEのことば: 400 no"),
            (Failure::Form("x".into()), false, "読み取れません"),
        ] {
            assert_eq!(pause(&failure, 0).is_some(), again, "{failure:?}");
            assert!(sentence(&code(&failure)).contains(word), "{failure:?}: {}", sentence(&code(&failure)));
        }
    }

    #[test]
    fn pauses_grow_to_ten_minutes() {
        let server = Failure::Server(rejection());
        let said: Vec<u64> = (0..9).filter_map(|n| pause(&server, n)).map(|p| p.as_secs()).collect();
        assert_eq!(said, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
    }
}
