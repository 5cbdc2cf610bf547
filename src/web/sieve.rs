//! What of the open incidents somebody wants to see: parts and filters, as parameters of the address that combine.
//! What an address asks for and there is not, it does not ask for: rather too much is shown than too little (P6).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Query;
use axum::http::Uri;

use crate::domain::grid::{Grid, Within};
use crate::domain::{Group, Home, Light, Name, PersonId, Time};
use crate::store::views::Shown;

use super::lang::encode;

/// The longest text that is looked for, in characters.
const TEXT_MAX: usize = 100;

/// Part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Part {
    #[default]
    Everything,
    Alarms,
    Visits,
    Requests,
    Equipment,
}

impl Part {
    /// Each as in addresses and in both languages.
    pub(super) const ALL: [(Self, &'static str, &'static str, &'static str); 5] = [
        (Self::Everything, "", "全部", "all"),
        (Self::Alarms, "alarms", "报警", "alarms"),
        (Self::Visits, "visits", "巡访", "visits"),
        (Self::Requests, "requests", "诉求", "requests"),
        (Self::Equipment, "equipment", "设备", "equipment"),
    ];

    pub(super) const fn has(self, group: Group) -> bool {
        match self {
            Self::Everything => true,
            Self::Alarms => !matches!(group, Group::Visit | Group::Request | Group::Equipment),
            Self::Visits => matches!(group, Group::Visit),
            Self::Requests => matches!(group, Group::Request),
            Self::Equipment => matches!(group, Group::Equipment),
        }
    }
}

/// Who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Nobody,
    Me,
    Others,
}

impl Holder {
    /// Each as in addresses and in both languages.
    pub(super) const ALL: [(Self, &'static str, &'static str, &'static str); 3] = [
        (Self::Nobody, "nobody", "无人签收", "nobody"),
        (Self::Me, "me", "我", "me"),
        (Self::Others, "others", "其他人", "others"),
    ];

    fn is(self, of: Option<&PersonId>, me: Option<&PersonId>) -> bool {
        match self {
            Self::Nobody => of.is_none(),
            Self::Me => of.is_some() && of == me,
            Self::Others => of.is_some() && of != me,
        }
    }
}

/// What of the list somebody wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sieve {
    pub(super) part: Part,
    pub(super) grid: Option<Name>,
    pub(super) holder: Option<Holder>,
    pub(super) overdue: bool,
    /// In the title, the name of the home, or the number of the incident.
    pub(super) text: String,
}

/// By what it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) homes: &'k [Arc<Home>],
    pub(super) grids: &'k [Grid],
    pub(super) me: Option<&'k PersonId>,
    /// In hub time.
    pub(super) now: Time,
}

impl Sieve {
    /// What an address asks for.
    pub(super) fn read(uri: &Uri) -> Self {
        let query = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let mut sieve = Self::default();
        for (key, value) in &query {
            match key.as_str() {
                "show" => {
                    let found = Part::ALL.iter().find(|(_, word, ..)| word == value);
                    sieve.part = found.map_or(Part::Everything, |(part, ..)| *part);
                }
                "grid" => sieve.grid = value.parse().ok(),
                "who" => {
                    let found = Holder::ALL.iter().find(|(_, word, ..)| word == value);
                    sieve.holder = found.map(|(holder, ..)| *holder);
                }
                "overdue" => sieve.overdue = value == "1",
                "q" => sieve.text = value.trim().chars().take(TEXT_MAX).collect(),
                _ => {}
            }
        }
        sieve
    }

    /// What a form that was made by [`Sieve::query`] asks for.
    pub(super) fn of_query(query: &str) -> Self {
        format!("/?{query}").parse().map_or_else(|_no_uri| Self::default(), |uri| Self::read(&uri))
    }

    /// The same as an address asks for it; empty if it wants everything.
    pub(super) fn query(&self) -> String {
        let part = Part::ALL.iter().find(|(part, ..)| *part == self.part);
        let holder = Holder::ALL.iter().find(|(holder, ..)| Some(*holder) == self.holder);
        let all = [
            ("show", part.map(|(_, word, ..)| *word)),
            ("grid", self.grid.as_ref().map(Name::as_str)),
            ("who", holder.map(|(_, word, ..)| *word)),
            ("overdue", self.overdue.then_some("1")),
            ("q", Some(self.text.as_str())),
        ];
        let all = all.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let all = all.filter(|(_, value)| !value.is_empty());
        all.map(|(key, value)| format!("{key}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// Where that is.
    pub(super) fn href(&self) -> String {
        match self.query() {
            none if none.is_empty() => "/".to_owned(),
            query => format!("/?{query}"),
        }
    }

    /// The same of another part.
    pub(super) fn of_part(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }

    /// Whether it is more than a part.
    pub(super) fn is_set(&self) -> bool {
        *self != Self { part: self.part, ..Self::default() }
    }

    /// Whether it lets this through, of whichever part.
    pub(super) fn passes(&self, shown: &Shown, by: Known<'_>) -> bool {
        let incident = &shown.incident;
        let accepted = incident.accepted.as_ref().map(|(who, _)| who);
        // What they were sent to is theirs, and all the same nobody has it yet.
        let sent = incident.desk.assigned.as_ref().filter(|to| Some(*to) == by.me);
        let is_held =
            |holder: Holder| holder.is(accepted, by.me) || (holder == Holder::Me && sent.is_some());
        (!self.overdue || incident.light(by.now) == Light::Red)
            && self.holder.is_none_or(is_held)
            && self.is_about(shown, by)
    }

    /// Whether grid and text let it through: what can be asked of a closed one too.
    pub(super) fn is_about(&self, shown: &Shown, by: Known<'_>) -> bool {
        let home = by.homes.iter().find(|home| home.id == shown.id.home);
        let is_there = self.grid.as_ref().is_none_or(|grid| {
            // What a grid itself has is of that grid.
            let own = shown.id.home.as_str().parse().ok();
            let of = home.and_then(|home| home.grid.as_ref()).or(own.as_ref());
            Within { grid, grids: by.grids }.has(of)
        });
        let title = &shown.incident.title;
        let (id, place) = (shown.id.to_string(), home.map_or("", |home| home.name.as_str()));
        let words = [&*title.zh, &*title.en, place, &*id].join("\n").to_lowercase();
        is_there && self.text.to_lowercase().split_whitespace().all(|word| words.contains(word))
    }
}

/// Where a form that was made in the list goes back to: what of it was looked at.
pub(super) fn back_to_list(form: &BTreeMap<String, String>) -> Option<String> {
    form.get("back").filter(|back| *back == "list")?;
    Some(Sieve::of_query(form.get("list").map_or("", String::as_str)).href())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::grid::GridKind;
    use crate::domain::{Incident, IncidentId, Span};

    #[test]
    fn what_an_address_asks_for_is_what_it_says_again() {
        let sieve = |uri: &str| Sieve::read(&uri.parse().unwrap());
        let all = "/?show=visits&grid=g-1&who=others&overdue=1&q=3-2%20%E8%B7%8C";
        assert_eq!(sieve(all).href(), all);
        assert_eq!(sieve(all).text, "3-2 跌");
        assert_eq!(Sieve::of_query(&sieve(all).query()), sieve(all));
        for nothing in ["/", "/?", "/?show=dance&who=x&grid=%20&lang=en", "/?q=+", "/?%%%"] {
            assert_eq!((sieve(nothing).href(), sieve(nothing).is_set()), ("/".to_owned(), false));
        }
        assert!(sieve("/?who=me").is_set() && !sieve("/?show=visits").is_set());
        assert_eq!(Sieve::of_query("//evil.example\r\nx: y").href(), "/");
    }

    #[test]
    fn late_is_what_is_beyond_its_limit_and_a_grid_is_its_homes_and_itself() {
        let incident = |home: &str| {
            let incident = Incident {
                step: Some((Time(0), Span::seconds(60))),
                ..serde_json::from_value(json!({
                    "n": 1, "rule": "help", "title": { "zh": "呼救", "en": "Help" }, "level": "urgent",
                    "plan": "urgent", "needs": { "on_scene": true, "verified": true },
                    "stage": "alarmed", "reason": { "why": "reported", "from": "resident" },
                    "since": 0, "detected_at": 0, "warn_at": null, "alarm_at": 0, "alarmed": 0,
                    "over_at": null, "due": 0, "rung": 0, "ladder_from": 0, "accepted": null,
                    "answered": null, "on_scene": null, "resolved": null, "signs": 1,
                    "told": [], "deliveries": 0,
                }))
                .unwrap()
            };
            let id = IncidentId { home: home.parse().unwrap(), n: 1 };
            let (alarmed_at, due_at, closed_at, outcome) = (None, None, None, None);
            Shown { id, incident, alarmed_at, due_at, closed_at, outcome }
        };
        let mut home = Home::new("h1".parse().unwrap(), "UTC", Vec::new());
        home.grid = Some("g1".parse().unwrap());
        let homes = [Arc::new(home)];
        let grid = |id: &str, parent: Option<&str>| Grid {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            kind: GridKind::Micro,
            parent: parent.map(|parent| parent.parse().unwrap()),
        };
        let grids = [grid("g1", Some("g0")), grid("g0", None)];
        let passes = |uri: &str, home: &str, seconds: i64| {
            let by = Known { homes: &homes, grids: &grids, me: None, now: Time(seconds * 1000) };
            Sieve::read(&uri.parse().unwrap()).passes(&incident(home), by)
        };
        assert!(!passes("/?overdue=1", "h1", 60) && passes("/?overdue=1", "h1", 61));
        assert!(passes("/?grid=g1", "h1", 0) && passes("/?grid=g1", "g1", 0));
        assert!(passes("/?grid=g0", "h1", 0) && passes("/?grid=g0", "g1", 0));
        assert!(!passes("/?grid=g1", "h2", 0) && !passes("/?grid=g2", "h1", 0));
        assert!(passes("/?q=h2", "h2", 0), "also where the home has left the register");
    }
}
