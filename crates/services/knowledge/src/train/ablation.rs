//! What each kind of sign gives: the order is learnt again without it, and measured on questions that were not seen.

use search::learn::Parameters;
use search::{FEATURES, Features, Kind};
use serde::Serialize;

use super::{Prepared, Set, cross_validate, prepare};
use crate::eval::Measured;
use crate::reading::Reading;

/// The figures of one set without one kind of sign.
#[derive(Clone, Debug, Serialize)]
pub struct Without {
    /// What was left out; `None`: nothing.
    pub kind: Option<&'static str>,
    /// Figures of each set.
    pub measured: Vec<Measured>,
}

/// Learns with all signs, and without each kind. The plain order before learning uses some signs as well: these are 0
/// there too.
pub fn ablation(reading: &Reading, sets: &[Set], mut progress: impl FnMut(usize)) -> Vec<Without> {
    let parameters = Parameters::default();
    let kinds = std::iter::once(None).chain(Kind::ALL.into_iter().map(Some));
    let one = |(step, kind): (usize, Option<Kind>)| {
        let mut prepared: Vec<Prepared<'_>> = sets.iter().map(|set| prepare(reading, set)).collect();
        if let Some(kind) = kind {
            prepared.iter_mut().for_each(|p| blank(p, kind));
        }
        let (measured, _) = cross_validate(&prepared, &parameters, &reading.thresholds, &mut |_| {});
        progress(step + 1);
        Without { kind: kind.map(Kind::code), measured }
    };
    kinds.enumerate().map(one).collect()
}

/// Signs of a kind are as if they said nothing.
fn blank(prepared: &mut Prepared<'_>, kind: Kind) {
    let of_kind: Vec<usize> = (0..FEATURES).filter(|f| search::kind_of(*f) == kind).collect();
    let blank = |features: &mut Features| of_kind.iter().for_each(|f| features[*f] = 0.0);
    for group in &mut prepared.groups {
        group.features.iter_mut().for_each(blank);
    }
    for (_, candidates) in &mut prepared.unanswered {
        candidates.iter_mut().for_each(|(_, features)| blank(features));
    }
}
