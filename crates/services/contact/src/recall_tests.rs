use super::*;

#[test]
fn who_can_be_told_how() {
    let at = Some(Instant::from_millis(1));
    assert_eq!(reach(Channel::Web, State::Resolved, None), Reach::Thread);
    assert_eq!(reach(Channel::Web, State::Resolved, at), Reach::Erased);
    assert_eq!(reach(Channel::Web, State::Merged, None), Reach::Staff);
    for channel in Channel::ALL.iter().filter(|c| **c != Channel::Web) {
        assert_eq!(reach(*channel, State::Held, None), Reach::Staff, "{channel:?}");
    }
}

#[test]
fn versions_and_texts_are_checked() {
    assert_eq!(version(" ３ ", "version_from").expect("a number"), 3);
    for wrong in ["", "0", "-1", "三", "1.5"] {
        version(wrong, "version_from").expect_err(wrong);
    }
    assert_eq!(bounded(" a ", "ja", 1, 3, "文").expect("short"), "a");
    for wrong in [" ", "abcd"] {
        bounded(wrong, "ja", 1, 3, "文").expect_err(wrong);
    }
    assert_eq!(bounded("", "en", 0, 3, "文").expect("may be empty"), "");
}
