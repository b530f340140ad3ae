//! What the list of articles is asked for, in the address.

use access::{Action, Principal};
use city::Lang;
use knowledge::desk::{Filter, Sort, State};

use crate::staff::gate::encode;

/// Orders of the list: code in the address, words, order. The first is the usual one.
pub(super) const SORTS: &[(&str, &str, Sort)] = &[
    ("", "見直し期限が近い順", Sort::ReviewDue),
    ("updated", "新しく変わった順", Sort::Updated),
    ("feedback", "役に立たなかった順", Sort::Feedback),
    ("question", "質問の五十音順", Sort::Question),
    ("code", "記事コード順", Sort::Code),
    ("fit", "言葉に近い順", Sort::Fit),
];

/// What is asked for; what cannot be understood counts as not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Code of a section, `all`, or nothing for one's own.
    pub(crate) section: String,
    pub(crate) state: Option<State>,
    pub(crate) topic: String,
    pub(crate) q: String,
    pub(crate) missing: String,
    pub(crate) sort: String,
    pub(crate) page: usize,
}

impl Asked {
    /// Reads the query of an address.
    pub(super) fn read(query: &str) -> Asked {
        let uri = format!("/?{}", query.trim_start_matches('?'));
        let pairs = uri
            .parse()
            .ok()
            .and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok())
            .map(|q| q.0)
            .unwrap_or_default();
        let get = |name: &str| {
            let value = pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim());
            value.chars().filter(|c| !c.is_control()).take(100).collect::<String>()
        };
        let only = |value: String, known: bool| if known { value } else { String::new() };
        let (topic, missing, sort) = (get("topic"), get("missing"), get("sort"));
        Asked {
            section: get("section"),
            state: State::from_code(&get("state")),
            q: get("q"),
            page: get("page").parse().unwrap_or(1).max(1),
            topic: only(topic.clone(), city::topic(&topic).is_some()),
            missing: only(missing.clone(), Lang::from_code(&missing).is_some()),
            sort: only(sort.clone(), SORTS.iter().any(|(code, ..)| *code == sort)),
        }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let state = self.state.map_or("", State::code).to_owned();
        vec![
            ("section", self.section.clone()),
            ("state", state),
            ("topic", self.topic.clone()),
            ("missing", self.missing.clone()),
            ("q", self.q.clone()),
            ("sort", self.sort.clone()),
            ("page", page),
        ]
    }

    fn write(pairs: &[(&'static str, String)]) -> String {
        let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// The query again, without a page.
    pub(super) fn query(&self) -> String {
        Asked::write(&Asked { page: 1, ..self.clone() }.pairs())
    }

    /// The address with one part changed; all but a change of the page begins on the first one.
    pub(super) fn link(&self, name: &str, value: &str) -> String {
        let mut pairs = self.pairs();
        for (key, old) in &mut pairs {
            if *key == name {
                value.clone_into(old);
            } else if *key == "page" {
                old.clear();
            }
        }
        match Asked::write(&pairs) {
            query if query.is_empty() => "/articles".into(),
            query => format!("/articles?{query}"),
        }
    }

    /// Whether nothing but the state is asked for.
    pub(super) fn is_plain(&self) -> bool {
        let plain = Asked { state: self.state, page: self.page, sort: self.sort.clone(), ..Asked::default() };
        *self == plain
    }

    /// The filter, without the text. Whoever works for sections sees these unless more is asked for.
    pub(super) fn filter(&self, who: &Principal, per_page: usize) -> Filter {
        let own = || who.where_may(Action::ArticleRead).map(|s| s.into_iter().map(str::to_owned).collect());
        let order = SORTS.iter().find(|(code, ..)| *code == self.sort).map_or(Sort::ReviewDue, |s| s.2);
        let by_text = self.sort.is_empty() && !self.q.is_empty();
        Filter {
            sections: match self.section.as_str() {
                "" => own(),
                "all" => None,
                section => Some([section.to_owned()].into()),
            },
            state: self.state,
            topic: Some(self.topic.clone()).filter(|t| !t.is_empty()),
            missing: Lang::from_code(&self.missing),
            text: None,
            sort: if by_text { Sort::Fit } else { order },
            page: self.page,
            per_page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_again() {
        let asked = Asked::read("q=%E8%BB%A2%E5%85%A5&state=review-due&page=3&sort=updated&topic=nowhere&x=y");
        assert_eq!((asked.q.as_str(), asked.state, asked.page), ("転入", Some(State::ReviewDue), 3));
        assert_eq!(asked.topic, "", "an unknown topic is not asked for");
        assert_eq!(Asked::read(&asked.query()), Asked { page: 1, ..asked.clone() });
        assert_eq!(asked.link("state", ""), "/articles?q=%E8%BB%A2%E5%85%A5&sort=updated");
        assert!(asked.link("page", "4").ends_with("&page=4"));
        assert_eq!(Asked::default().link("page", "1"), "/articles?page=1");
    }
}
