//! Topic names, topic filters, and the tree that finds whose filters match a name.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// More levels than this are refused, so that the depth of the tree is bounded.
pub const LEVELS_MAX: usize = 128;

/// Whether a message may be published to this.
pub fn is_name(topic: &str) -> bool {
    is_sound(topic) && !topic.contains(['+', '#'])
}

fn is_sound(topic: &str) -> bool {
    !topic.is_empty()
        && topic.len() <= usize::from(u16::MAX)
        && !topic.contains('\0')
        && topic.split('/').take(LEVELS_MAX + 1).count() <= LEVELS_MAX
}

/// A topic filter: levels between slashes, `+` for any one, `#` at the end for all that follow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter(String);

/// A topic filter that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a topic filter: `+` stands for one whole level, `#` only at the end")]
pub struct BadFilter(String);

impl Filter {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a topic name matches. A wildcard at the start does not match a name with `$`.
    pub fn matches(&self, topic: &str) -> bool {
        if topic.starts_with('$') && self.0.starts_with(['+', '#']) {
            return false;
        }
        let mut names = topic.split('/');
        for level in self.0.split('/') {
            match (level, names.next()) {
                ("#", _) => return true,
                (_, None) => return false,
                ("+", Some(_)) => {}
                (level, Some(name)) if level == name => {}
                (_, Some(_)) => return false,
            }
        }
        names.next().is_none()
    }

    /// What every name that matches begins with.
    pub fn stem(&self) -> &str {
        self.0.split(['+', '#']).next().unwrap_or_default()
    }

    /// Whether only one name matches.
    pub fn is_plain(&self) -> bool {
        self.stem().len() == self.0.len()
    }
}

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        let mut levels = text.split('/').peekable();
        let mut sound = is_sound(text);
        while let Some(level) = levels.next() {
            sound &= match level {
                "+" => true,
                "#" => levels.peek().is_none(),
                other => !other.contains(['+', '#']),
            };
        }
        if sound { Ok(Self(text.to_owned())) } else { Err(BadFilter(text.to_owned())) }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Filters, each with what is kept for each of its holders.
#[derive(Debug)]
pub struct Tree<V> {
    root: Node<V>,
}

#[derive(Debug)]
struct Node<V> {
    below: BTreeMap<Box<str>, Self>,
    here: BTreeMap<u64, V>,
}

impl<V> Default for Node<V> {
    fn default() -> Self {
        Self { below: BTreeMap::new(), here: BTreeMap::new() }
    }
}

impl<V> Default for Tree<V> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<V> Tree<V> {
    /// Puts a value, and hands back the one it replaces.
    pub fn put(&mut self, filter: &Filter, holder: u64, value: V) -> Option<V> {
        let mut node = &mut self.root;
        for level in filter.0.split('/') {
            node = node.below.entry(level.into()).or_default();
        }
        node.here.insert(holder, value)
    }

    /// Takes a value out, with the branches that only it needed.
    pub fn take(&mut self, filter: &Filter, holder: u64) -> Option<V> {
        let levels: Vec<&str> = filter.0.split('/').collect();
        self.root.take(&levels, holder)
    }

    /// Calls `found` for each value whose filter matches the name; one holder may come more often.
    pub fn find<'t>(&'t self, topic: &str, found: &mut impl FnMut(u64, &'t V)) {
        self.root.find(Some(topic), topic.starts_with('$'), found);
    }
}

impl<V> Node<V> {
    fn take(&mut self, levels: &[&str], holder: u64) -> Option<V> {
        let Some((first, rest)) = levels.split_first() else {
            return self.here.remove(&holder);
        };
        let below = self.below.get_mut(*first)?;
        let taken = below.take(rest, holder);
        if below.here.is_empty() && below.below.is_empty() {
            self.below.remove(*first);
        }
        taken
    }

    fn find<'t>(&'t self, rest: Option<&str>, hidden: bool, found: &mut impl FnMut(u64, &'t V)) {
        if !hidden && let Some(all) = self.below.get("#") {
            all.here.iter().for_each(|(holder, value)| found(*holder, value));
        }
        let Some(rest) = rest else {
            self.here.iter().for_each(|(holder, value)| found(*holder, value));
            return;
        };
        let (level, rest) =
            rest.split_once('/').map_or((rest, None), |(level, rest)| (level, Some(rest)));
        if let Some(same) = self.below.get(level) {
            same.find(rest, false, found);
        }
        if !hidden && let Some(any) = self.below.get("+") {
            any.find(rest, false, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filter(text: &str) -> Filter {
        text.parse().unwrap()
    }

    #[test]
    fn filters_match_as_the_standard_says() {
        for (text, topic, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/+", "a/b", true),
            ("a/+", "a", false),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("#", "a", true),
            ("#", "$SYS/a", false),
            ("+/a", "$SYS/a", false),
            ("$SYS/#", "$SYS/a", true),
            ("a//b", "a//b", true),
            ("a/+/b", "a//b", true),
        ] {
            assert_eq!(filter(text).matches(topic), expected, "{text} and {topic}");
        }
    }

    #[test]
    fn what_is_no_filter_or_no_name_is_refused() {
        let deep = "a/".repeat(LEVELS_MAX);
        for text in ["", "a#", "#/a", "a+/b", "a/#/b", "a\0", deep.as_str()] {
            assert!(text.parse::<Filter>().is_err(), "{text:?}");
            assert!(!is_name(text) || text.contains('+'), "{text:?}");
        }
        assert!(!is_name("a/+") && !is_name("#") && is_name("a/b/") && is_name("/"));
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_matches_and_is_empty_when_all_is_taken(
            filters in prop::collection::vec("(\\$?[ab+]|)(/([ab+]|)){0,3}(/#)?", 0..20),
            topic in "(\\$?[ab]|)(/([ab]|)){0,4}",
        ) {
            let filters: Vec<Filter> = filters.iter().filter_map(|f| f.parse().ok()).collect();
            let mut tree = Tree::default();
            for (holder, filter) in (0..).zip(&filters) {
                tree.put(filter, holder, ());
            }
            let mut found = Vec::new();
            if is_name(&topic) {
                tree.find(&topic, &mut |holder, ()| found.push(holder));
                found.sort_unstable();
                let expected: Vec<u64> =
                    (0..).zip(&filters).filter(|(_, f)| f.matches(&topic)).map(|(n, _)| n).collect();
                prop_assert_eq!(found, expected);
            }
            for (holder, filter) in (0..).zip(&filters) {
                prop_assert_eq!(tree.take(filter, holder), Some(()));
            }
            prop_assert!(tree.root.below.is_empty());
        }
    }
}
