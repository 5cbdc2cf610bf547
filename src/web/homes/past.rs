//! What a page about a home shows of its past: read from the journal once, and no further back than it must.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Query;
use axum::http::Uri;
use jiff::civil::{Date, Time as Clock};
use jiff::tz::TimeZone;

use crate::domain::{Customs, Home, Property, Span, Time};
use crate::report::{Day, Diary, Readings, Series};
use crate::store::views::{Filter, Shown};
use crate::store::{Reader, StoreError};
use crate::web::ask::Trouble;
use crate::web::card::Maker;
use crate::web::{Web, lang::Lang};

/// More rows of the journal are not read for one page; of more, the latest. A month of some hundred homes.
const ROWS_MAX: i64 = 3_000_000;
/// More incidents are not marked.
const INCIDENTS_MAX: u32 = 400;

/// How far back charts go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Day,
    Week,
    Month,
}

impl Reach {
    pub(super) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// As in the address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    pub(super) const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Day => lang.say("24 小时", "24 hours"),
            Self::Week => lang.say("7 天", "7 days"),
            Self::Month => lang.say("30 天", "30 days"),
        }
    }

    const fn span(self) -> Span {
        match self {
            Self::Day => Span::hours(24),
            Self::Week => Span::hours(7 * 24),
            Self::Month => Span::hours(30 * 24),
        }
    }

    /// In how many pieces, and how many hours from one word below a chart to the next.
    pub(super) const fn pieces(self) -> (i64, i64) {
        match self {
            Self::Day => (96, 6),
            Self::Week => (84, 24),
            Self::Month => (120, 5 * 24),
        }
    }
}

/// What of the past somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) reach: Reach,
    pub(super) today: Date,
    pub(super) date: Date,
    /// The charts in hub time.
    pub(super) charts: (Time, Time),
    /// The day in hub time.
    pub(super) day: (Time, Time),
    now: Time,
}

/// What the past shows.
pub(super) struct Past {
    pub(super) series: Vec<Series>,
    pub(super) day: Day,
    /// Incidents, open or not.
    pub(super) incidents: Vec<Shown>,
    /// Since when something is on record, in hub time; nothing is, if there is none.
    pub(super) begins: Option<Time>,
}

impl Asked {
    /// What the address asks for; the last 24 hours and today, where it asks for nothing that there is.
    pub(super) fn read(maker: &Maker<'_>, home: &Home, uri: &Uri) -> Self {
        let query = Query::<BTreeMap<String, String>>::try_from_uri(uri);
        let query = query.map(|Query(all)| all).unwrap_or_default();
        let span = query.get("span").map_or("", String::as_str);
        let reach = Reach::ALL.into_iter().find(|reach| reach.name() == span).unwrap_or(Reach::Day);
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let (now, wall) = (maker.now(), maker.wall(maker.now()));
        let today = wall.civil(&zone).date();
        let date = query.get("day").and_then(|day| day.parse::<Date>().ok());
        let date = date.filter(|date| *date <= today).unwrap_or(today);
        let begins = Time::of_civil(date.to_datetime(Clock::midnight()), &zone);
        let offset = wall - now;
        let day = (begins - offset, begins.next_midnight(&zone) - offset);
        Self { reach, today, date, charts: (now - reach.span(), now), day, now }
    }

    /// Where the same is for another reach and day.
    pub(super) fn href(&self, reach: Reach, date: Date) -> String {
        format!("?span={}&day={date}", reach.name())
    }

    /// Reads it.
    pub(super) async fn past(
        self,
        web: &Web,
        home: Arc<Home>,
        customs: Option<Customs>,
    ) -> Result<Past, Trouble> {
        web.read(move |reader| self.fold(reader, home, customs)).await
    }

    fn fold(
        self,
        reader: &Reader,
        home: Arc<Home>,
        customs: Option<Customs>,
    ) -> Result<Past, StoreError> {
        let id = home.id.clone();
        let filter = Filter {
            homes: Some(vec![id.clone()]),
            most: Some(INCIDENTS_MAX),
            ..Filter::default()
        };
        let incidents = reader.incidents(&filter)?;
        let mut readings = Readings::new(self.charts, self.reach.pieces().0);
        let mut diary = Diary::new(home, customs, self.day);
        let mut begins: Option<Time> = None;
        for span in once(self.charts, (Diary::wants(self.day.0), self.day.1)) {
            let from = reader.journal_of(&id, span, ROWS_MAX, |at, input| {
                if let Some(input) = &input {
                    readings.note(at, input);
                }
                diary.note(at, input.as_ref());
            })?;
            begins = begins.or(from);
        }
        let day = diary.end(self.now);
        Ok(Past { series: readings.series(), day, incidents, begins })
    }
}

/// A stretch of time up to now, what is open, and what was closed within a day, the latest first.
pub(super) async fn lately(
    web: &Web,
    home: Arc<Home>,
    customs: Option<Customs>,
    span: (Time, Time),
    now: Time,
) -> Result<(Day, Vec<Shown>, Vec<Shown>), Trouble> {
    let offset = web.site.clock.offset();
    let read = web.read(move |reader| {
        let id = home.id.clone();
        let filter =
            Filter { open: Some(true), homes: Some(vec![id.clone()]), ..Filter::default() };
        let mut diary = Diary::new(home, customs, span);
        let wanted = (Diary::wants(span.0), span.1);
        reader.journal_of(&id, wanted, ROWS_MAX, |at, input| diary.note(at, input.as_ref()))?;
        let open = reader.incidents(&filter)?;
        let filter = Filter { open: Some(false), most: Some(INCIDENTS_MAX), ..filter };
        let mut ended = reader.incidents(&filter)?;
        let since = now + offset - Span::hours(24);
        ended.retain(|shown| shown.closed_at.is_some_and(|at| since <= at));
        ended.sort_by_key(|shown| Reverse(shown.closed_at));
        Ok((diary.end(now), open, ended))
    });
    read.await
}

/// The same time in order, and no part of it twice.
fn once(one: (Time, Time), other: (Time, Time)) -> Vec<(Time, Time)> {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    if second.0 <= first.1 { vec![(first.0, first.1.max(second.1))] } else { vec![first, second] }
}

impl Past {
    /// Keeps only what anybody may see who may not see vital signs.
    pub(super) fn without_vitals(&mut self) {
        self.series.retain(|series| !series.property.is_vital());
    }

    /// Whether any vital sign was measured.
    pub(super) fn has_vitals(&self) -> bool {
        self.series.iter().any(|series| Property::is_vital(series.property))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_read_twice() {
        let of = |a: (i64, i64), b: (i64, i64)| {
            let spans = once((Time(a.0), Time(a.1)), (Time(b.0), Time(b.1)));
            spans.into_iter().map(|(from, to)| (from.0, to.0)).collect::<Vec<_>>()
        };
        assert_eq!(of((5, 9), (0, 7)), [(0, 9)]);
        assert_eq!(of((0, 9), (2, 3)), [(0, 9)]);
        assert_eq!(of((5, 9), (0, 3)), [(0, 3), (5, 9)]);
    }
}
