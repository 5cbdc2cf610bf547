//! The figures of a month, against a ledger that is kept by hand: what the engine said as it said it, what
//! people did and when, and what the far sides answered. The ledger never looks at the record, and counts as
//! plainly as can be.

mod errands;
mod ledger;
mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use careloop::domain::grid::{Grid, GridKind, Within};
use careloop::domain::{IncidentId, Level, Outcome, Span, Time};
use careloop::engine::Plan;
use careloop::report::{Case, Kpi, Month, Share, Spread};

use crate::hub::{SHIPPED, id};

use errands::{desk, errands};
use ledger::{MONTH, Message, Page, lived, register};

/// The smallest of which at least so many per cent are no greater, found by trying each.
fn percentile(all: &[Span], percent: usize) -> Option<Span> {
    let enough = |span: &&Span| {
        let below = all.iter().filter(|other| *other <= *span).count();
        percent * all.len() <= below * 100
    };
    all.iter().filter(enough).min().copied()
}

fn is_spread(spread: &Spread, all: &[Span], what: &str) {
    assert!(!all.is_empty(), "there is something to measure {what} by");
    assert_eq!(spread.count(), all.len(), "{what}");
    for percent in [50, 90] {
        assert_eq!(spread.percentile(percent), percentile(all, percent), "{what} {percent}");
    }
    assert_eq!(spread.max(), all.iter().max().copied(), "{what}");
    assert_eq!(spread.unmeasured, 0, "{what}");
}

/// What is found and alarmed in a grid in which only `north` lies.
fn of_the_whole(cases: &[Case], now: Time) -> (usize, usize) {
    let (whole, kind) = (id("whole"), GridKind::Micro);
    let north = Grid { id: id("north"), name: String::new(), kind, parent: Some(id("whole")) };
    let within = Some(Within { grid: &whole, grids: &[north] });
    let kpi = Kpi::new(id(MONTH), within, cases, &register(), &SHIPPED.targets, now);
    (kpi.found.total, kpi.alarms)
}

#[test]
fn the_report_of_a_simulated_month_equals_what_was_done_in_it() {
    let ledger = lived();
    let (from, to) = id::<Month>(MONTH).widest();
    let now = ledger.hub.now;
    let cases = ledger.hub.reader().cases(from, to, &register()).expect("it can be read");
    let kpi = Kpi::new(id(MONTH), None, &cases, &register(), &SHIPPED.targets, now);

    let of_month = ledger.of_month();
    errands(&kpi, &ledger, &of_month);
    desk(&kpi, &of_month, now);
    let all = of_month.into_iter().filter(|(_, p, _)| !p.is_visit() && !p.is_request());
    let all: Vec<Seen<'_>> = all.collect();
    assert!(60 < all.len(), "a month of something: {}", all.len());
    assert_eq!(kpi.found.total, all.len());
    let rules: BTreeSet<&str> = all.iter().map(|(_, page, _)| &*page.rule).collect();
    for rule in rules {
        let count = all.iter().filter(|(_, page, _)| page.rule == rule).count();
        assert_eq!(kpi.found.by_rule[&id(rule)], count, "{rule}");
    }
    let level = |page: &Page| {
        let rule = SHIPPED.book.rules.iter().find(|r| r.name.as_str() == page.rule);
        page.level.max(rule.map(|rule| rule.level)).expect("a level")
    };
    for of in Level::ALL {
        let count = all.iter().filter(|(_, page, _)| level(page) == *of).count();
        assert_eq!(kpi.found.by_level.get(of).copied().unwrap_or(0), count, "{of}");
    }
    let of_grid =
        |names: &[&str]| all.iter().filter(|(id, ..)| names.contains(&id.home.as_str())).count();
    assert_eq!(kpi.found.by_grid[&id("north")], of_grid(&["h1", "h2"]));
    assert_eq!(kpi.found.by_grid[&id("south")], of_grid(&["h3"]));
    let of = id("north");
    let north = Kpi::new(
        id(MONTH),
        Some(Within { grid: &of, grids: &[] }),
        &cases,
        &register(),
        &SHIPPED.targets,
        now,
    );
    assert_eq!(north.found.total, of_grid(&["h1", "h2"]));
    assert_eq!(of_the_whole(&cases, now), (north.found.total, north.alarms));

    assert_eq!(kpi.reopened, all.iter().map(|(_, page, _)| page.reopened).sum::<usize>());
    assert_eq!(kpi.reworked, all.iter().map(|(_, page, _)| page.reworked).sum::<usize>());
    assert!(0 < kpi.reworked);
    assert_eq!(kpi.repeats, all.iter().map(|(_, page, _)| page.repeated).sum::<usize>());
    let mut escalated: BTreeMap<String, usize> = BTreeMap::new();
    for (roles, count) in all.iter().flat_map(|(_, page, _)| &page.escalated) {
        *escalated.entry(roles.clone()).or_default() += count;
    }
    assert_eq!(kpi.escalations, escalated);
    let was_open = |of: fn(&Page) -> bool| {
        let all = ledger.pages.values().filter(|page| page.was_open_at_end == Some(true));
        all.filter(|page| of(page)).count()
    };
    assert_eq!(kpi.open_at_end, was_open(|page| !page.is_visit() && !page.is_request()));
    assert_eq!(kpi.visits.open_at_end, was_open(Page::is_visit));
    assert_eq!(kpi.requests.open_at_end, was_open(Page::is_request));
    assert!(0 < kpi.open_at_end && 0 < kpi.requests.open_at_end);

    messages(&kpi, &all);
    let alarms: Vec<_> = all.iter().filter(|(_, page, _)| page.alarmed.is_some()).collect();
    assert_eq!(kpi.alarms, alarms.len());
    assert!(alarms.len() < all.len(), "some end before the alarm");
    let dealt: Vec<_> = alarms.iter().copied().filter(|(_, p, _)| !p.is_set_aside()).collect();
    assert_eq!(kpi.set_aside, alarms.len() - dealt.len());
    assert!(0 < kpi.set_aside, "some are set aside");
    told(&kpi, &alarms);
    times(&kpi, &dealt);
    shares(&kpi, &dealt, now);
}

type Seen<'l> = (&'l IncidentId, &'l Page, Arc<Plan>);

fn messages(kpi: &Kpi, all: &[Seen<'_>]) {
    let told = || all.iter().flat_map(|(_, page, _)| page.told.values());
    let channels: BTreeSet<&String> = told().map(|(_, channel, ..)| channel).collect();
    assert_eq!(kpi.deliveries.keys().collect::<BTreeSet<_>>(), channels);
    for channel in channels {
        let count = |wanted: Option<&str>| {
            let is = |word: &Option<(&str, Time)>| word.map(|(word, _)| word) == wanted;
            told().filter(|(_, of, word, _)| of == channel && is(word)).count()
        };
        let fates = kpi.deliveries[channel];
        assert_eq!(fates.sent, count(Some("sent")), "{channel}");
        assert_eq!(fates.delivered, count(Some("delivered")), "{channel}");
        assert_eq!(fates.failed, count(Some("failed")), "{channel}");
        assert_eq!(fates.unknown, count(Some("unknown")), "{channel}");
        assert_eq!(fates.withdrawn, count(Some("withdrawn")), "{channel}");
        assert_eq!(fates.waiting, count(None), "{channel}");
    }
}

fn times(kpi: &Kpi, alarms: &[&Seen<'_>]) {
    let since = |of: fn(&Page) -> Option<Time>| -> Vec<Span> {
        let took = |page: &Page| Some(of(page)? - page.alarmed?);
        alarms.iter().filter_map(|(_, page, _)| took(page)).collect()
    };
    is_spread(&kpi.to_accept, &since(|page| page.answered), "accept");
    is_spread(&kpi.to_arrive, &since(|page| page.on_scene), "arrive");
    is_spread(&kpi.to_resolve, &since(|page| page.resolved), "resolve");
    is_spread(&kpi.to_close, &since(|page| page.closed.map(|(at, _)| at)), "close");
}

fn told(kpi: &Kpi, alarms: &[&Seen<'_>]) {
    let told = |page: &Page| {
        let taken = |told: &&Message| {
            told.0 && told.2.is_some_and(|(word, _)| word == "sent" || word == "delivered")
        };
        let all = page.told.values().filter(taken).filter_map(|told| told.2.map(|(_, at)| at));
        all.filter(|at| page.alarmed.is_some_and(|alarmed| alarmed <= *at)).min()
    };
    let took = |page: &Page| Some(told(page)? - page.alarmed?);
    let all: Vec<Span> = alarms.iter().filter_map(|(_, page, _)| took(page)).collect();
    is_spread(&kpi.to_tell, &all, "tell");
}

fn is(share: Share, all: &[bool], what: &str) {
    let hits = all.iter().filter(|hit| **hit).count();
    assert_eq!((share.hits, share.of), (hits, all.len()), "{what}");
    assert!(0 < hits && hits < all.len(), "{what}: some of each");
}

/// In time, and late; what is still to come is neither.
fn judged(
    begun: Option<Time>,
    ended: Option<Time>,
    within: Span,
    is_off: bool,
    now: Time,
) -> Option<bool> {
    let begun = begun?;
    match ended {
        Some(ended) => Some(ended - begun <= within),
        None if is_off || now <= begun + within => None,
        None => Some(false),
    }
}

fn shares(kpi: &Kpi, alarms: &[&Seen<'_>], now: Time) {
    let counted = |judge: &dyn Fn(&Page, &Plan) -> Option<bool>| -> (usize, usize) {
        let all: Vec<bool> = alarms.iter().filter_map(|(_, p, plan)| judge(p, plan)).collect();
        (all.iter().filter(|hit| **hit).count(), all.len())
    };
    let is = |share: Share, counted: (usize, usize), what: &str| {
        assert_eq!((share.hits, share.of), counted, "{what}");
        assert!(0 < counted.0 && 0 < counted.1, "{what}: something to count");
    };
    let closed = |page: &Page| page.closed.is_some();
    is(kpi.closed_loop, counted(&|page, _| Some(closed(page))), "closed loop");
    let is_false = |page: &Page| {
        let (_, outcome) = page.closed.filter(|(_, outcome)| *outcome != Outcome::Test)?;
        Some(outcome == Outcome::FalseAlarm)
    };
    is(kpi.false_alarms.all, counted(&|page, _| is_false(page)), "false");
    for (rule, share) in &kpi.false_alarms.by_rule {
        let of = counted(&|page, _| is_false(page).filter(|_| page.rule == rule.as_str()));
        assert_eq!((share.hits, share.of), of, "{rule}");
    }
    let steps = kpi.on_time;
    let accept = |page: &Page, plan: &Plan| {
        judged(page.alarmed, page.answered, plan.rung(1).after, closed(page), now)
    };
    is(steps.accept, counted(&accept), "accept");
    let arrive = |page: &Page, within: Span| {
        let is_off = closed(page) || page.resolved.is_some();
        judged(page.answered, page.on_scene, within, is_off, now)
    };
    is(steps.arrive, counted(&|page, plan| arrive(page, plan.arrive_within)), "arrive");
    let resolve = |page: &Page, plan: &Plan| {
        judged(page.on_scene, page.resolved, plan.resolve_within, closed(page), now)
    };
    is(steps.resolve, counted(&resolve), "resolve");
    let is_measured = |page: &Page| {
        let rule = SHIPPED.book.rules.iter().find(|r| r.name.as_str() == page.rule);
        Some(Level::Serious) <= page.level.max(rule.map(|rule| rule.level))
    };
    for (n, seconds) in [60, 180].into_iter().enumerate() {
        let within = Span::seconds(seconds);
        let judge = |page: &Page, _: &Plan| {
            judged(page.alarmed, page.answered, within, closed(page), now)
                .filter(|_| is_measured(page))
        };
        is(kpi.answered[n].share, counted(&judge), "answered");
    }
    for (n, minutes) in [45, 60].into_iter().enumerate() {
        let judge = |page: &Page, _: &Plan| {
            arrive(page, Span::minutes(minutes)).filter(|_| is_measured(page))
        };
        is(kpi.arrived[n].share, counted(&judge), "arrived");
    }
}
