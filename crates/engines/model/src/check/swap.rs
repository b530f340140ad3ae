//! What a number belongs to: the nouns beside it. 住民票は300円、戸籍は450円 must not come back the other way round.

use std::collections::HashSet;

use text::{Analyzer, Class};

use super::quantity::{Quantity, quantities};

/// A quantity and the nouns of its clause, or of the nearest clause before it that has any.
pub(crate) struct Anchored {
    pub(crate) quantity: Quantity,
    pub(crate) nouns: HashSet<String>,
    /// Which clause of its sentence.
    pub(crate) clause: usize,
}

/// Nouns that stand beside any number.
pub(crate) const GENERAL: &[&str] = &[
    "手数料",
    "料金",
    "費用",
    "お金",
    "金額",
    "金",
    "期限",
    "締め切り",
    "方",
    "人",
    "必要",
    "場合",
    "時間",
    "手続き",
    "申請",
    "届出",
    "届け出",
    "届け",
    "届",
    "窓口",
    "市",
    "市役所",
    "以内",
    "以上",
    "以下",
    "未満",
    "平日",
    "午前",
    "午後",
    "おおよそ",
    "約",
    "ほか",
    "目安",
    "対象",
    "受付",
    "みなさん",
    "とき",
    "fee",
    "yen",
    "day",
    "cost",
    "open",
    "hour",
    "free",
    "time",
    "please",
    "city",
];

/// The quantities of a sentence with what they belong to.
pub(crate) fn anchored(sentence: &str, words: &Analyzer) -> Vec<Anchored> {
    let mut out = Vec::new();
    let mut last: HashSet<String> = HashSet::new();
    // A comma inside a number parts nothing.
    let sentence = sentence.replace(", ", "、").replace(" and ", "、");
    for (number, clause) in sentence.split(['、', '，', '。', '（', '(', '）', ')', '|', ';', '；', '/']).enumerate()
    {
        let found = quantities(clause);
        let tokens = words.tokens(&super::plain::plain(clause)).into_iter();
        let names = tokens.filter(|t| matches!(t.class, Class::Noun | Class::Latin) && t.base.chars().count() > 1);
        let nouns: HashSet<String> = names.map(|t| t.base).filter(|b| !GENERAL.contains(&b.as_str())).collect();
        if !nouns.is_empty() {
            last = nouns;
        }
        out.extend(found.into_iter().map(|quantity| Anchored { quantity, nouns: last.clone(), clause: number }));
    }
    out
}

/// Whether a quantity stands beside nouns that in the source stand only beside another of its kind.
pub(crate) fn is_moved<'a>(reply: &Anchored, source: impl Iterator<Item = &'a Anchored>) -> bool {
    let same_unit = source.filter(|s| s.quantity.unit == reply.quantity.unit);
    let (right, others): (Vec<_>, Vec<_>) = same_unit.partition(|s| s.quantity.value == reply.quantity.value);
    let shares = |s: &&Anchored| !s.nouns.is_disjoint(&reply.nouns);
    // One of several amounts, told without saying of what.
    let of_what = reply.quantity.unit == "円" && reply.nouns.is_empty() && !others.is_empty();
    if of_what && !right.is_empty() && right.iter().all(|r| !r.nouns.is_empty()) {
        return true;
    }
    let alone = |s: &&Anchored| s.nouns.intersection(&reply.nouns).any(|n| right.iter().all(|r| !r.nouns.contains(n)));
    !right.is_empty() && !right.iter().any(|s| shares(s) || s.nouns.is_empty()) && others.iter().any(alone)
}

/// Whether a quantity stands with another that in the source stands only with a different one of its kind: the row of a
/// table that says 3歳未満 says 15,000円.
pub(crate) fn is_parted<'a>(
    reply: &Anchored,
    sentence: &[Anchored],
    segments: impl Iterator<Item = &'a [Anchored]> + Clone,
) -> bool {
    let same = |a: &Quantity, b: &Quantity| a.value == b.value && a.unit == b.unit;
    let bound = |a: &Quantity| a.bound.map(|(bound, _)| bound);
    let q = &reply.quantity;
    let clause = sentence.iter().filter(|a| a.clause == reply.clause);
    let partners = clause.map(|a| &a.quantity).filter(|r| r.unit != q.unit && !r.unit.is_empty());
    partners.into_iter().any(|r| {
        let with =
            segments.clone().filter(|s| s.iter().any(|a| same(&a.quantity, r) && bound(&a.quantity) == bound(r)));
        let kinds = with.filter(|s| s.iter().any(|a| a.quantity.unit == q.unit));
        let (mut any, mut right) = (false, false);
        for segment in kinds {
            any = true;
            right |= segment.iter().any(|a| same(&a.quantity, q));
        }
        any && !right
    })
}
