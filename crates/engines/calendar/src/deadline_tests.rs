//! Deadlines around their due instant, with and without pauses.

use jiff::civil::date;

use super::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

fn pause(from: i64, to: impl Into<Option<i64>>) -> Pause {
    Pause { from: at(from), to: to.into().map(at), reason: "補正".to_owned() }
}

/// From 0 to 10 o'clock.
fn deadline(pauses: Vec<Pause>) -> Deadline {
    Deadline { pauses, ..Deadline::new(at(0), at(10 * HOUR)) }
}

/// Checks that the deadline falls due at `due` and not a minute off.
#[track_caller]
fn check_due(deadline: &Deadline, due: i64) {
    let left_ms = MINUTE;
    assert_eq!(deadline.state_at(at(due - MINUTE)), DeadlineState::Running { left_ms });
    assert_eq!(deadline.state_at(at(due - 1)), DeadlineState::Running { left_ms: 1 });
    assert_eq!(deadline.state_at(at(due)), DeadlineState::Overdue { by_ms: 0 });
    let by_ms = MINUTE;
    assert_eq!(deadline.state_at(at(due + MINUTE)), DeadlineState::Overdue { by_ms });
    assert_eq!(deadline.due_as_of(at(due)), at(due));
}

#[test]
fn without_pauses() {
    check_due(&deadline(vec![]), 10 * HOUR);
}

#[test]
fn a_pause_puts_off_by_its_length() {
    let paused = deadline(vec![pause(2 * HOUR, 5 * HOUR)]);
    check_due(&paused, 13 * HOUR);
    assert_eq!(paused.state_at(at(2 * HOUR - 1)), DeadlineState::Running { left_ms: 8 * HOUR + 1 });
    assert_eq!(paused.state_at(at(2 * HOUR)), DeadlineState::Paused);
    assert_eq!(paused.state_at(at(5 * HOUR - 1)), DeadlineState::Paused);
    assert_eq!(paused.state_at(at(5 * HOUR)), DeadlineState::Running { left_ms: 8 * HOUR });
    assert_eq!(paused.due_as_of(at(3 * HOUR)), at(11 * HOUR));
}

#[test]
fn an_open_pause_lasts() {
    let paused = deadline(vec![pause(9 * HOUR, None)]);
    assert_eq!(paused.state_at(at(9 * HOUR)), DeadlineState::Paused);
    assert_eq!(paused.state_at(at(900 * HOUR)), DeadlineState::Paused);
    assert_eq!(paused.due_as_of(at(900 * HOUR)), at(901 * HOUR));
}

#[test]
fn overlapping_pauses_count_once() {
    let paused = deadline(vec![
        pause(4 * HOUR, 6 * HOUR),
        pause(2 * HOUR, 5 * HOUR),
        pause(3 * HOUR, 4 * HOUR),
        pause(8 * HOUR, 9 * HOUR),
    ]);
    check_due(&paused, 15 * HOUR);
    // Adjoining pauses leave no gap.
    assert_eq!(paused.state_at(at(5 * HOUR)), DeadlineState::Paused);
}

#[test]
fn time_before_the_start_does_not_count() {
    check_due(&deadline(vec![pause(-5 * HOUR, HOUR)]), 11 * HOUR);
    check_due(&deadline(vec![pause(-5 * HOUR, -HOUR)]), 10 * HOUR);
}

#[test]
fn a_pause_cannot_save_what_has_passed() {
    for from in [10 * HOUR, 11 * HOUR] {
        let late = deadline(vec![pause(from, None)]);
        assert_eq!(late.state_at(at(12 * HOUR)), DeadlineState::Overdue { by_ms: 2 * HOUR });
    }
    // A second pause after the time won by the first is in time.
    let saved = deadline(vec![pause(9 * HOUR, 12 * HOUR), pause(12 * HOUR, 14 * HOUR)]);
    check_due(&saved, 15 * HOUR);
}

#[test]
fn pauses_without_length_are_nothing() {
    let paused = deadline(vec![pause(2 * HOUR, 2 * HOUR), pause(5 * HOUR, HOUR)]);
    check_due(&paused, 10 * HOUR);
    assert_eq!(paused.state_at(at(2 * HOUR)), DeadlineState::Running { left_ms: 8 * HOUR });
}

#[test]
fn extremes_do_not_overflow() {
    let ends = [at(i64::MIN), at(0), at(i64::MAX)];
    for start in ends {
        for due in ends {
            let mut deadline = Deadline::new(start, due);
            deadline.pauses = vec![pause(i64::MIN, i64::MAX), pause(0, None)];
            for now in ends {
                deadline.state_at(now);
            }
        }
    }
}

#[test]
fn counted_by_the_law() {
    let start = Instant::from_jst(date(2026, 4, 18).at(15, 30, 0, 0));
    let deadline = Deadline::counted(
        start,
        Period::Days(14),
        FirstDay::Excluded,
        Roll::ToNextBusinessDay,
        &BusinessCalendar::default(),
    )
    .expect("in range");
    // Saturday 2 May rolls to 7 May, which ends at midnight.
    check_due(&deadline, Instant::start_of(date(2026, 5, 8)).millis());
    assert_eq!(deadline.start, start);
}
