//! How the figures went over the months, and what of a month is worst: what a page draws.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Cell, Column, Kpi, Month, Share};

/// One figure over the months.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Which.
    pub name: Column,
    /// One for each month, in their order.
    pub bars: Vec<Bar>,
}

/// One figure of one month.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Of which.
    pub month: Month,
    /// As people read it.
    pub value: Cell,
    /// How high it stands, from 0 to 1; nothing where there was nothing to count.
    pub height: Option<f64>,
}

/// How they went. Counts stand in proportion to the highest of them, shares to all there could be.
pub fn trend(months: &[Kpi]) -> Vec<Trend> {
    let highest = months.iter().map(|kpi| kpi.alarms).max().unwrap_or(0);
    let alarms = months.iter().map(|kpi| {
        let height = Share { hits: kpi.alarms, of: highest }.percent().map(|p| p / 100.0);
        Bar { month: kpi.month, value: Cell::Count(kpi.alarms), height }
    });
    let shares = |key: &str, zh: &str, en: &str, of: &dyn Fn(&Kpi) -> Share| {
        let bar = |kpi: &Kpi| {
            let share = of(kpi);
            let height = share.percent().map(|p| p / 100.0);
            Bar { month: kpi.month, value: Cell::Share(share), height }
        };
        Trend { name: Column::new(key, zh, en), bars: months.iter().map(bar).collect() }
    };
    let answered = |kpi: &Kpi| kpi.answered.first().map(|p| p.share).unwrap_or_default();
    let within = months.first().and_then(|kpi| kpi.answered.first()).map(|p| p.within_s);
    let within = within.map_or(String::new(), |seconds| seconds.to_string());
    vec![
        Trend { name: Column::new("alarms", "报警", "Alarms"), bars: alarms.collect() },
        shares(
            "answered",
            &format!("{within} 秒内签收"),
            &format!("Answered within {within} s"),
            &answered,
        ),
        shares("false-alarms", "误报率", "False alarms", &|kpi| kpi.false_alarms.all),
        shares("closed-loop", "闭环率", "Closed-loop rate", &|kpi| kpi.closed_loop),
    ]
}

/// At most so many of those that have any, the most first, and of as many first the higher share.
pub fn worst<K>(all: &BTreeMap<K, Share>, most: usize) -> Vec<(&K, Share)> {
    let mut all: Vec<_> = all.iter().filter(|(_, s)| 0 < s.hits).map(|(k, s)| (k, *s)).collect();
    all.sort_by_key(|(_, share)| (Reverse(share.hits), share.of));
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Level, Time};
    use crate::report::Targets;

    #[test]
    fn the_worst_are_those_with_the_most_and_who_has_none_is_not_among_them() {
        let share = |hits, of| Share { hits, of };
        let all = BTreeMap::from([
            ("a", share(0, 9)),
            ("b", share(2, 9)),
            ("c", share(2, 4)),
            ("d", share(3, 30)),
            ("e", share(1, 1)),
        ]);
        let names = |most| worst(&all, most).into_iter().map(|(k, _)| *k).collect::<Vec<_>>();
        assert_eq!(names(3), ["d", "c", "b"]);
        assert_eq!(names(10), ["d", "c", "b", "e"]);
    }

    #[test]
    fn counts_stand_to_the_highest_and_a_share_of_nothing_is_no_bar() {
        let targets = Targets { level: Level::Serious, answer: Vec::new(), arrive: Vec::new() };
        let month = |text: &str, alarms| {
            let now: Time = "2026-12-01T00:00:00Z".parse().unwrap();
            let kpi = Kpi::new(text.parse().unwrap(), None, &[], &[], &targets, now);
            Kpi { alarms, closed_loop: Share { hits: alarms, of: 2 * alarms }, ..kpi }
        };
        let series = trend(&[month("2026-10", 0), month("2026-11", 3), month("2026-12", 4)]);
        let heights = |n: usize| series[n].bars.iter().map(|b| b.height).collect::<Vec<_>>();
        assert_eq!(heights(0), [Some(0.0), Some(0.75), Some(1.0)]);
        assert_eq!(heights(3), [None, Some(0.5), Some(0.5)]);
        assert!(trend(&[month("2026-10", 0)])[0].bars[0].height.is_none());
    }
}
