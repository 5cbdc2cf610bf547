//! Visits, requests, and what the desk did, by the ledger.

use careloop::domain::{Outcome, Span, Time};
use careloop::report::Kpi;

use crate::hub::id;

use super::ledger::{BEGINS, ENDS, Ledger, Page, REQUESTS, VALID};
use super::{Seen, is};

pub(super) fn errands(kpi: &Kpi, ledger: &Ledger, of_month: &[Seen<'_>]) {
    let (begins, ends, now): (Time, Time, Time) = (id(BEGINS), id(ENDS), ledger.hub.now);
    let homes = ["h1", "h2", "h3"];
    let valid = |home: &str| -> Vec<Outcome> {
        let of_home = ledger.pages.iter().filter(|(id, page)| {
            id.home.as_str() == home && page.is_visit() && page.closed.is_some()
        });
        let ended = of_home.filter_map(|(_, page)| page.closed);
        let in_month = ended.filter(|(at, of)| begins <= *at && *at < ends && VALID.contains(of));
        in_month.map(|(_, outcome)| outcome).collect()
    };
    let visited = homes.iter().filter(|home| !valid(home).is_empty()).count();
    assert_eq!((kpi.visits.rate.hits, kpi.visits.rate.of), (visited, 3));
    let remote = homes.iter().filter(|home| {
        !valid(home).is_empty() && valid(home).iter().all(|of| *of == Outcome::Remote)
    });
    assert_eq!(kpi.visits.remote_only, remote.count());
    assert_eq!(kpi.visits.remote_only, 1, "sensors showed the resident of h2");
    assert_eq!(kpi.visits.by_tier[&id("weekly")].of, 2);

    let visits: Vec<&Seen<'_>> = of_month.iter().filter(|(_, page, _)| page.is_visit()).collect();
    assert_eq!(kpi.visits.total, visits.len());
    for (outcome, count) in &kpi.visits.by_outcome {
        let of = |page: &Page| page.closed.is_some_and(|(_, of)| of == *outcome);
        assert_eq!(visits.iter().filter(|(_, page, _)| of(page)).count(), *count, "{outcome}");
    }
    let mut on_time = Vec::new();
    for (_, page, plan) in visits {
        let days = if plan.name.as_str() == "visit" { 7 } else { 1 };
        let (Some(alarmed), closed) = (page.alarmed, page.closed) else {
            on_time.push(true);
            continue;
        };
        let until = alarmed + Span::hours(24 * days);
        match closed {
            Some((at, _)) if until < at => on_time.push(false),
            Some((_, of)) if VALID.contains(&of) => on_time.push(true),
            None if until < now => on_time.push(false),
            Some(_) | None => {}
        }
    }
    is(kpi.visits.on_time, &on_time, "visits on time");

    for rule in REQUESTS {
        let asked: Vec<&Page> =
            of_month.iter().filter(|(_, page, _)| page.rule == rule).map(|(_, p, _)| *p).collect();
        let kpi = &kpi.requests.by_rule[&id(rule)];
        assert_eq!(kpi.total, asked.len(), "{rule}");
        let dealt: Vec<&&Page> = asked.iter().filter(|page| !page.is_set_aside()).collect();
        assert_eq!(kpi.set_aside, asked.len() - dealt.len());
        assert!(0 < kpi.set_aside, "{rule}: some are merged");
        let in_time = |page: &Page| {
            let until = (page.alarmed? + Span::hours(72)).max(page.put_off.unwrap_or(Time(0)));
            match page.closed {
                Some((at, _)) => Some(at <= until),
                None => (until < now).then_some(false),
            }
        };
        let all: Vec<bool> = dealt.iter().filter_map(|page| in_time(page)).collect();
        is(kpi.on_time, &all, rule);
        let scores: Vec<u8> = dealt.iter().filter_map(|page| page.score).collect();
        let content: Vec<bool> = scores.iter().map(|score| *score == 4 || *score == 5).collect();
        is(kpi.satisfaction.content, &content, rule);
        let (sum, asked) = (
            scores.iter().map(|s| f64::from(*s)).sum::<f64>(),
            scores.iter().map(|_| 1.0).sum::<f64>(),
        );
        let mean = sum / asked;
        assert!((mean - kpi.satisfaction.mean().expect("somebody was asked")).abs() < 0.01);
    }
}

pub(super) fn desk(kpi: &Kpi, of_month: &[Seen<'_>], now: Time) {
    let pages = || of_month.iter().map(|(_, page, _)| *page);
    let sum = |of: fn(&Page) -> usize| pages().map(of).sum::<usize>();
    assert_eq!(kpi.desk.taken_up, sum(|page| page.taken_up));
    assert_eq!(kpi.desk.pressed, sum(|page| page.pressed));
    assert_eq!(kpi.desk.passed, sum(|page| page.passed));
    assert!(0 < kpi.desk.taken_up && 0 < kpi.desk.pressed && 0 < kpi.desk.passed);
    let mut came = Vec::new();
    for page in pages() {
        for (_, at, in_time) in &page.called {
            let ended = page.closed.map_or(now, |(at, _)| at);
            let missed = (*at + Span::hours(1) < ended).then_some(false);
            came.extend(in_time.or(missed));
        }
    }
    is(kpi.desk.reported_in, &came, "departments");
    assert!(came.len() < sum(|page| page.called.len()) || 4 < came.len());
    let content = pages().filter_map(|page| page.score).map(|score| 4 <= score);
    is(kpi.desk.satisfaction.content, &content.collect::<Vec<_>>(), "content");
}
