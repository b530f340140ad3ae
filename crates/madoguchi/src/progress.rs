//! Progress of long work: a bar on a terminal, nothing where a script listens.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` steps, or a spinner where the total is not known.
pub(crate) fn bar(words: &'static str, total: Option<u64>, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, form) = match total {
        Some(total) => (ProgressBar::new(total), "{msg:20} [{bar:30}] {human_pos}/{human_len} {eta}"),
        None => (ProgressBar::new_spinner(), "{msg:20} {spinner} {human_pos} {elapsed}"),
    };
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar.with_message(words)
}
