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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_is_of_one_kind_and_goes_with_it_alone() {
        let set = Set {
            name: "test".into(),
            ids: Vec::new(),
            texts: Vec::new(),
            queries: Vec::new(),
            judgements: Default::default(),
            kin: Vec::new(),
            weights: Vec::new(),
            labels: Default::default(),
            vectors: None,
        };
        let mut gone = 0;
        for kind in Kind::ALL {
            let group = search::learn::Group { features: vec![[1.0; FEATURES]], relevance: vec![0], weight: 1.0 };
            let unanswered = vec![(0, vec![(0, [1.0; FEATURES])])];
            let mut prepared =
                Prepared { set: &set, candidates: Vec::new(), groups: vec![group], unanswered, parts: vec![0] };
            blank(&mut prepared, kind);
            let left = prepared.groups[0].features[0];
            assert_eq!(left, prepared.unanswered[0].1[0].1);
            gone += left.iter().filter(|sign| **sign == 0.0).count();
            assert!(left.contains(&0.0) && left.contains(&1.0), "{kind:?}");
        }
        assert_eq!(gone, FEATURES);
    }
}
