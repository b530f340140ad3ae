//! Words that found nothing, counted per day and without anything about who asked.
//!
//! Invariants:
//! - kept are the day, the language, the words and how often; no address, no time of day, no order;
//! - long numbers, mail addresses and telephone numbers are masked before anything is kept;
//! - a question never waits for the database and never fails because of this: counts stand in memory and are
//!   written every few seconds. What a killed process had not written is lost, which costs a few counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use calendar::{Clock, Date, Instant};
use city::Lang;
use store::{Db, Result, Tx};
use tokio::sync::watch;

use crate::store::miss as rows;
pub use crate::store::miss::{Counted, since};

/// The setting that says whether misses are counted: `true` (also when absent) or `false`.
pub const SETTING: &str = "board.keep_misses";
/// Longest words that are kept, in characters.
pub const MAX_CHARS: usize = 100;
/// What stands where something was masked.
pub const MASK: char = '＊';
/// Different words that are held in memory until they are written; more are not counted.
const MAX_HELD: usize = 2_000;
/// How often they are written.
const PAUSE: Duration = Duration::from_secs(5);
/// Digits in a row that are masked: house numbers stay, telephone and account numbers do not.
const LONG_NUMBER: usize = 4;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Counts that are not written yet.
#[derive(Default)]
pub struct Misses {
    off: AtomicBool,
    held: Mutex<BTreeMap<(Date, Lang, String), i64>>,
}

impl Misses {
    /// Counts a question that found nothing. Never fails and never waits.
    pub fn note(&self, today: Date, lang: Lang, asked: &str) {
        if self.off.load(Ordering::Relaxed) {
            return;
        }
        let words = clean(asked);
        if !words.chars().any(char::is_alphanumeric) {
            return;
        }
        self.put((today, lang, words), 1);
    }

    fn put(&self, key: (Date, Lang, String), times: i64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&key) {
            *count += times;
        } else if held.len() < MAX_HELD {
            held.insert(key, times);
        }
    }

    /// Writes what is held, or drops it if the city does not want it. What could not be written is kept.
    /// Returns how many different words were written.
    pub async fn flush(&self, db: &Db) -> Result<usize> {
        let keep = {
            let mut tx = db.read().await?;
            wanted(&mut tx).await?
        };
        self.off.store(!keep, Ordering::Relaxed);
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        if !keep || held.is_empty() {
            return Ok(0);
        }
        let counted: Vec<Counted> = held
            .iter()
            .map(|((day, lang, words), times)| Counted {
                day: *day,
                lang: lang.code().to_owned(),
                words: words.clone(),
                times: *times,
            })
            .collect();
        let written = async {
            let mut tx = db.write().await?;
            rows::add(&mut tx, &counted).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            for (key, times) in held {
                self.put(key, times);
            }
            return Err(error);
        }
        Ok(counted.len())
    }

    /// Writes every few seconds until told to stop, and removes old counts once a day.
    pub async fn run(self: Arc<Self>, db: Db, clock: Arc<dyn Clock>, mut stopped: watch::Receiver<bool>) {
        let mut swept = None;
        loop {
            // An error means that the sender is gone, which is a stop as well.
            let stop = tokio::time::timeout(PAUSE, stopped.wait_for(|stop| *stop)).await.is_ok();
            if let Err(error) = self.flush(&db).await {
                tracing::warn!(%error, "words that found nothing could not be written; trying again");
            }
            if stop {
                return;
            }
            let today = clock.now().jst_date();
            if swept != Some(today) {
                let sweeping = async {
                    let mut tx = db.write().await?;
                    sweep(&mut tx, today).await?;
                    tx.commit().await
                };
                match sweeping.await {
                    Ok(()) => swept = Some(today),
                    Err(error) => tracing::warn!(%error, "old words that found nothing could not be removed"),
                }
            }
        }
    }
}

/// Whether the city wants misses to be counted.
pub async fn wanted(tx: &mut Tx) -> Result<bool> {
    Ok(city::store::setting(tx, SETTING).await?.is_none_or(|value| value.trim() != "false"))
}

/// Removes counts that are older than the rule `retention.misses` says; returns how many.
pub async fn sweep(tx: &mut Tx, today: Date) -> Result<u64> {
    match crate::retention::days(tx, "misses").await? {
        Some(days) => rows::remove_before(tx, days_before(today, days)).await,
        None => Ok(0),
    }
}

/// The day some days before another.
pub(crate) fn days_before(day: Date, days: u64) -> Date {
    Instant::start_of(day).minus(DAY * u32::try_from(days).unwrap_or(u32::MAX)).jst_date()
}

/// Stands for what was masked until the text is in normal form, which would change [`MASK`]; for private use, so that
/// nobody types it.
const HELD_PLACE: char = '\u{E000}';

/// The words as they are kept: normalised, on one line, masked, at most [`MAX_CHARS`].
///
/// Everything that [`text::private`] finds is masked, and more: these words are kept apart from whoever typed them, so
/// any long number and whatever touches an `@` is too much.
pub fn clean(asked: &str) -> String {
    let mut found = text::private::mask(asked).text;
    for kind in text::private::Kind::ALL {
        found = found.replace(kind.token(), HELD_PLACE.encode_utf8(&mut [0; 4]));
    }
    let normal = text::private::mask_every_at(&text::normal::normalise(&found), HELD_PLACE);
    let one_line = normal.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let words = mask_numbers(&one_line.collect::<Vec<_>>().join(" "));
    let masked = words.chars().map(|c| if c == HELD_PLACE { MASK } else { c });
    masked.take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}

fn is_digit(c: char) -> bool {
    c.is_numeric() || "一二三四五六七八九零壱弐参".contains(c)
}

/// Masks runs of [`LONG_NUMBER`] or more digits; blanks, hyphens and brackets inside do not end a run.
fn mask_numbers(words: &str) -> String {
    let between = |c: char| " -‐‑‒–—―−ーｰ－()（）.・/+_".contains(c);
    let chars: Vec<char> = words.chars().collect();
    let mut out = String::with_capacity(words.len());
    let mut at = 0;
    while at < chars.len() {
        if !is_digit(chars[at]) {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let (mut end, mut digits, mut look) = (at, 0, at);
        while look < chars.len() && (is_digit(chars[look]) || between(chars[look])) {
            if is_digit(chars[look]) {
                digits += 1;
                end = look + 1;
            }
            look += 1;
        }
        if digits >= LONG_NUMBER {
            out.push(MASK);
        } else {
            out.extend(&chars[at..end]);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_name_a_person_is_masked() {
        for (asked, kept) in [
            ("ドッグラン　ありますか", "ドッグラン ありますか"),
            ("０９０－１２３４－５６７８に電話して", "＊に電話して"),
            ("(03) 1234 5678", "(＊"),
            ("マイナンバー 123456789012", "マイナンバー ＊"),
            ("taro.yama-da+x@example.jp へ返事", "＊ へ返事"),
            ("連絡はa@b.jpまで", "連絡は＊まで"),
            ("3丁目12番", "3丁目12番"),
            ("南町1-23-4", "南町＊"),
            ("〇九〇一二三四五六七八", "＊"),
            ("ta\u{200b}ro@exam\u{200b}ple.jp へ", "＊ へ"),
            ("氏名：見本太郎", "氏名:＊"),
            ("在留カードAB12345678CD", "在留カード＊"),
            ("@minamoの投稿", "＊の投稿"),
            ("\u{0}改\n行\t", "改 行"),
        ] {
            assert_eq!(clean(asked), kept, "{asked}");
        }
        assert_eq!(clean(&"あ".repeat(500)).chars().count(), MAX_CHARS);
    }

    #[test]
    fn memory_is_bounded() {
        let (misses, today) = (Misses::default(), Date::constant(2026, 11, 23));
        for i in 0..MAX_HELD + 500 {
            // Three digits at most, so that nothing is masked.
            misses.note(today, Lang::Ja, &format!("{}あ{}い", i % 1000, i / 1000));
        }
        misses.note(today, Lang::Ja, "0あ0い");
        let held = misses.held.lock().expect("held");
        assert_eq!(held.len(), MAX_HELD);
        assert_eq!(held.get(&(today, Lang::Ja, "0あ0い".into())), Some(&2));
    }

    proptest! {
        #[test]
        fn no_long_number_and_no_address_is_left(
            asked in prop_oneof![any::<String>(), "[0-9０-９一二あ@.a-z －ー-]{0,60}", "(電話|,)?[0-9]{2,4}[- ]?[0-9]{2,4}[- ]?[0-9]{4}(です)?"]
        ) {
            let kept = clean(&asked);
            prop_assert!(kept.chars().count() <= MAX_CHARS);
            prop_assert!(!kept.contains('@'), "{kept}");
            let mut run = 0;
            for c in kept.chars() {
                run = if is_digit(c) { run + 1 } else { 0 };
                prop_assert!(run < LONG_NUMBER, "{kept}");
            }
        }
    }
}
