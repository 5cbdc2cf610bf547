//! What was changed of a rule lately, as it is on record, and how the rule is written now.

use crate::domain::{Altered, DeedOnRecord, Home, Name, Time};
use crate::engine::Book;
use crate::rule::dial::{Wanted, dials};

use super::proposed::Standing;
use crate::web::Web;
use crate::web::ask::Trouble;

/// So many of the latest changes are shown.
const MOST: u32 = 10;

/// Their numbers, and when they were made in wall time; the latest first.
pub(super) type Changes = Vec<(i64, Time, DeedOnRecord)>;

/// What was changed of the rule lately, for everybody or for the home.
pub(super) async fn changes(
    web: &Web,
    rule: &Name,
    home: Option<&Home>,
) -> Result<Changes, Trouble> {
    let Some(home) = home else {
        let of = format!("rule {rule}");
        return web.read(move |reader| reader.changes_of(&of, None, MOST)).await;
    };
    let id = home.id.clone();
    // Of a home much else is changed as well.
    let mut all = web.read(move |r| r.changes_of("home", Some(&id), 20 * MOST)).await?;
    for (_, _, deed) in &mut all {
        deed.altered.retain(|altered| of_home(rule, altered).is_some());
    }
    all.retain(|(_, _, deed)| !deed.altered.is_empty());
    all.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(all)
}

/// What of a change of a home is about how this rule is looked for: `set` or `off`.
fn of_home<'a>(rule: &Name, altered: &'a Altered) -> Option<&'a str> {
    let key = altered.key.strip_prefix("changes/")?.strip_prefix(rule.as_str())?;
    key.strip_prefix('/').filter(|key| ["set", "off"].contains(key))
}

/// What was otherwise before a change: by dial, and whether the rule was off.
pub(super) fn before(
    deed: &DeedOnRecord,
    (book, rule): (&Book, &Name),
    home: Option<&Home>,
    stands: &Standing,
) -> (Wanted, Option<bool>) {
    let is_dial = |key: &str| stands.dials.iter().any(|dial| dial.key == key);
    if home.is_none() {
        let turned = deed.altered.iter().map(|altered| {
            (altered.key.replace('/', "."), altered.before.clone().unwrap_or_default())
        });
        let switch = deed.altered.iter().find(|altered| altered.key.starts_with("off/"));
        let off = switch.map(|altered| altered.before.is_some());
        return (turned.filter(|(key, _)| is_dial(key)).collect(), off);
    }
    let side = |what: &str| {
        let altered = deed.altered.iter().find(|altered| of_home(rule, altered) == Some(what));
        altered.map(|altered| altered.before.clone().unwrap_or_default())
    };
    let set: Option<toml::Table> = side("set").map(|set| set.parse().unwrap_or_default());
    let table = set.and_then(|set| book.source_with(rule, &set));
    let was = table.as_ref().map(dials).unwrap_or_default();
    let wanted = was.into_iter().filter(|dial| is_dial(&dial.key)).map(|d| (d.key, d.value));
    (wanted.collect(), side("off").map(|off| off == "true"))
}

/// The rule's own lines, with the comment directly above.
pub(super) fn as_written(rules: &str, name: &Name) -> String {
    let lines: Vec<&str> = rules.lines().collect();
    let begins: Vec<usize> =
        (0..lines.len()).filter(|n| lines.get(*n).is_some_and(|l| l.starts_with("[["))).collect();
    let named = format!("\"{name}\"");
    let is_named = |line: &&str| {
        line.split_once('=')
            .is_some_and(|(key, value)| key.trim() == "name" && value.trim() == named)
    };
    for (n, begin) in begins.iter().enumerate() {
        let end = begins.get(n + 1).copied().unwrap_or(lines.len());
        let own = lines.get(*begin..end).unwrap_or_default();
        if own.first() != Some(&"[[rule]]") || !own.iter().any(is_named) {
            continue;
        }
        let above = lines.get(..*begin).unwrap_or_default().iter().rev();
        let mut text: Vec<&str> = above.take_while(|l| l.starts_with('#')).copied().collect();
        text.reverse();
        // What stands below is about the next one.
        let is_own = |line: &&&str| line.is_empty() || line.starts_with('#');
        let after = own.iter().rev().take_while(is_own).count();
        text.extend(own.get(..own.len() - after).unwrap_or_default());
        return text.join("\n");
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_shown_with_its_own_comment_and_without_its_neighbours() {
        let rules = include_str!("../../../config/rules.toml");
        let shown = |name: &str| as_written(rules, &name.parse().unwrap());
        let oxygen = shown("oxygen");
        assert!(oxygen.starts_with("# Whoever has a target of 88 to 92 %"), "{oxygen}");
        assert!(oxygen.ends_with("again_after = \"30m\"") && !oxygen.contains("fever"), "{oxygen}");
        let leak = shown("leak");
        assert!(
            leak.starts_with("[[rule]]\nname   = \"leak\"") && !leak.contains("# ---"),
            "{leak}"
        );
        assert_eq!(shown("nobody"), "");
    }
}
