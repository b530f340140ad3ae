//! What was measured of a ranking, in words and drawn.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use knowledge::eval::{Compared, Measured, drawn};

use crate::cli::Shown;
use crate::failure::{Code, Failure};
use crate::whole_file::WholeFile;

/// Bins of a reliability diagram.
const BINS: f64 = 10.0;

pub(super) fn in_words(m: &Measured, shown: &Shown) -> String {
    let f = &m.figures;
    let sr: Vec<String> = f.sr.iter().map(|(k, share)| format!("SR@{k} {share:.3}")).collect();
    let mut out = format!(
        "{}: {} questions over {} articles\nnDCG@10 {:.4}   recall@10 {:.4}   P@10 {:.4}   MRR {:.4}   {}\nfirst answer: calibration error {:.3}; at 95 % precision {:.1} % of the questions are answered (from probability {:.2})",
        m.set,
        f.queries,
        f.articles,
        f.ndcg_10,
        f.recall_10,
        f.precision_10,
        f.mrr,
        sr.join("   "),
        m.calibration_error,
        100.0 * m.coverage_at_95,
        m.threshold_at_95,
    );
    let bins = m.reliability.iter().map(|b| format!("{:.2}→{:.2} ({})", b.said, b.right, b.questions));
    let _infallible = write!(out, "\nsaid→right (questions): {}", bins.collect::<Vec<_>>().join("  "));
    let cost = |c: &knowledge::eval::Cost| {
        let in_vain = c.answered_in_vain.map_or_else(String::new, |share| format!(" / {:.0} %", 100.0 * share));
        format!("{:.1}: {:.0} % / {:.0} %{in_vain}", c.from, 100.0 * c.answered, 100.0 * c.wrong)
    };
    let costs: Vec<String> = m.costs.iter().map(cost).collect();
    let third = if m.said_of_unanswered.is_some() { " / answered though nothing is right" } else { "" };
    let _infallible = write!(out, "\nanswer_from: answered / wrong among these{third}: {}", costs.join("   "));
    let became = |b: &knowledge::eval::Became| {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        format!("{} {} ({} / {})", b.outcome, percent(b.share), percent(b.first_right), percent(b.right_within_5))
    };
    let outcomes: Vec<String> = m.outcomes.iter().map(became).collect();
    let _infallible = write!(out, "\nbecomes (first fully right / one of five): {}", outcomes.join("   "));
    if shown.slices {
        for slice in &m.slices {
            let f = &slice.figures;
            let sr = |k: usize| f.sr.get(&k).copied().unwrap_or(0.0);
            let _infallible = write!(
                out,
                "\n  {:>5} questions  nDCG@10 {:.3}  SR@1 {:.3}  SR@5 {:.3}  {}",
                f.queries,
                f.ndcg_10,
                sr(1),
                sr(5),
                slice.name
            );
        }
    }
    for e in m.worst.iter().take(shown.worst) {
        let _infallible = write!(
            out,
            "\n  {} nDCG@10 {:.2}  {}\n      wanted {}\n      found  {}",
            e.id,
            e.ndcg_10,
            e.query,
            e.wanted.join(" "),
            e.found.join(" ")
        );
    }
    out
}

/// Expected calibration error of several sets taken as one, by their bins of equal width; and how many questions.
pub(super) fn calibration_together(all: &[Measured]) -> (f64, usize) {
    let mut bins: BTreeMap<usize, f64> = BTreeMap::new();
    let mut questions = 0;
    for bin in all.iter().flat_map(|m| &m.reliability) {
        questions += bin.questions;
        let place = ((bin.said * BINS) as usize).min(BINS as usize - 1);
        *bins.entry(place).or_default() += bin.questions as f64 * (bin.said - bin.right);
    }
    (bins.values().map(|off| off.abs()).sum::<f64>() / questions.max(1) as f64, questions)
}

pub(super) fn compared(c: &Compared) -> String {
    format!(
        "against the other run: nDCG@10 {:+.4} over {} questions, {} better, {} worse; chance alone does that in {:.1} % of the cases",
        c.difference,
        c.questions,
        c.better,
        c.worse,
        100.0 * c.p
    )
}

/// Writes the diagrams that are asked for.
pub(super) fn draw(all: &[Measured], shown: &Shown) -> Result<(), Failure> {
    let Some(folder) = &shown.diagrams else { return Ok(()) };
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::new(Code::File, format!("{} cannot be made: {e}", folder.display())))?;
    for (number, m) in (1..).zip(all) {
        for (name, svg) in [("reliability", drawn::reliability(m)), ("risk", drawn::risk(m))] {
            WholeFile::with(&folder.join(format!("{number}-{name}.svg")), svg.as_bytes())?.keep()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use knowledge::eval::Reliability;

    use super::*;

    #[test]
    fn what_one_set_says_too_much_another_may_say_too_little() {
        let set = |bins: &[(usize, f64, f64)]| {
            let mut measured = Measured::of("test", &[], &[], &[], &[]);
            let bin = |(questions, said, right): &(usize, f64, f64)| Reliability {
                questions: *questions,
                said: *said,
                right: *right,
            };
            measured.reliability = bins.iter().map(bin).collect();
            measured
        };
        let (off, questions) =
            calibration_together(&[set(&[(10, 0.55, 0.65)]), set(&[(10, 0.55, 0.45), (20, 0.95, 0.85)])]);
        assert_eq!(questions, 40);
        assert!((off - 0.05).abs() < 1e-9, "{off}");
        assert_eq!(calibration_together(&[]), (0.0, 0));
    }
}
