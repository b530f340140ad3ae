//! What is honest must pass, or the model is of no use.

use model::Style;

use crate::honest_texts::{FIRST, SECOND, THIRD};
use crate::support::{checked, source};

/// How many do not pass.
fn false_alarms(texts: &[(&str, Style, &str)]) -> usize {
    let mut alarms = 0;
    for (code, style, reply) in texts {
        let checked = checked(reply, &source(&[code], *style), *style);
        if !checked.passed {
            alarms += 1;
            println!("false alarm {code} {style:?}: {reply}\n   {:?}\n   {:?}", checked.faults, checked.support);
        }
    }
    let low = texts.iter().flat_map(|(code, style, reply)| checked(reply, &source(&[code], *style), *style).support);
    println!("sentences under 0.6: {:?}", low.filter(|(_, s)| *s < 0.6).collect::<Vec<_>>());
    println!("honest: {alarms} of {} refused ({:.1}%)", texts.len(), 100.0 * alarms as f64 / texts.len() as f64);
    alarms
}

#[test]
fn honest_rephrasings_pass() {
    assert!(FIRST.len() >= 60, "{}", FIRST.len());
    assert_eq!(false_alarms(FIRST), 0);
}

#[test]
fn honest_rephrasings_that_the_rules_were_not_written_with() {
    println!("second set, what it showed went into the rules:");
    let second = false_alarms(SECOND);
    println!("third set:");
    let third = false_alarms(THIRD);
    assert!(second * 10 <= SECOND.len(), "{second}");
    assert!(third * 4 <= THIRD.len(), "{third}");
}
