//! On which homes other rules are tried out, where there are more than can be gone through.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{HomeId, Time};
use crate::store::{Reader, StoreError};

use super::bench::INPUTS_MAX;
use super::proposed::Proposed;

/// The homes of a trial, and how many more somebody comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Whom {
    pub(super) homes: BTreeSet<HomeId>,
    pub(super) left_out: usize,
}

/// As many as can be gone through by what the journal holds of a home on average; first those where the rule
/// found most since then, in wall time. `all`: how many homes the journal is of.
pub(super) fn whom(
    reader: &Reader,
    proposed: &Proposed,
    homes: Vec<HomeId>,
    all: usize,
    since: Time,
) -> Result<Whom, StoreError> {
    let rows = reader.journal_end()? - reader.journal_begin()?.unwrap_or(0) + 1;
    let mut found: BTreeMap<HomeId, usize> = BTreeMap::new();
    for ended in reader.ended(since)? {
        if ended.rule == proposed.rule {
            *found.entry(ended.home).or_default() += ended.count;
        }
    }
    Ok(chosen(homes, &found, room(u64::try_from(rows).unwrap_or(0), all)))
}

/// For how many homes there is room.
fn room(rows: u64, all: usize) -> usize {
    let all = u64::try_from(all).unwrap_or(u64::MAX).max(1);
    let each = (rows / all).max(1);
    usize::try_from(INPUTS_MAX / each).unwrap_or(usize::MAX).max(1)
}

fn chosen(mut homes: Vec<HomeId>, found: &BTreeMap<HomeId, usize>, room: usize) -> Whom {
    let left_out = homes.len().saturating_sub(room);
    homes.sort_by_key(|home| std::cmp::Reverse(found.get(home).copied().unwrap_or(0)));
    Whom { homes: homes.into_iter().take(room).collect(), left_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_room_for_all_those_come_first_where_something_was_found() {
        let home = |n: usize| -> HomeId { format!("h{n}").parse().unwrap() };
        let homes: Vec<HomeId> = (0..9).map(home).collect();
        let found = BTreeMap::from([(home(7), 2), (home(5), 9)]);
        let whom = chosen(homes.clone(), &found, 3);
        assert_eq!((whom.homes, whom.left_out), (BTreeSet::from([home(0), home(5), home(7)]), 6));
        assert_eq!(chosen(homes, &found, 99).homes.len(), 9);
        assert_eq!(room(30 * 5_000 * 1_000, 1_000), 13);
        assert_eq!((room(0, 0), room(u64::MAX, 1)), (2_000_000, 1));
    }
}
