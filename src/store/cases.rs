//! Incidents with their stories, as reports read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use rusqlite::params;

use crate::domain::{Happening, Home, HomeId, Name, Time};
use crate::engine::{Book, BookTexts, Plan};
use crate::report::{Case, Ended, Fate, Sending};

use super::views::{Sent, Shown, shown};
use super::{Reader, StoreError, failed, parsed, readable};

impl Reader {
    /// Every incident that was found before `to` and not closed before `from` (wall time), oldest first.
    /// `homes`: the register as it is now, which knows grids and clocks.
    ///
    /// # Errors
    /// When SQLite cannot, or an entry cannot be read: a figure must not be wrong in silence.
    pub fn cases(
        &self,
        from: Time,
        to: Time,
        homes: &[Arc<Home>],
    ) -> Result<Vec<Case>, StoreError> {
        let sql = "SELECT home, n, incident, alarmed_at, due_at, closed_at, outcome FROM incident
            WHERE detected_at < ?2 AND (closed_at IS NULL OR ?1 <= closed_at)
            ORDER BY detected_at, home, n";
        let all = readable(self.db(), sql, params![from.0, to.0], shown)
            .map_err(failed("read the incidents of a report"))?;
        let (places, mut books) = (Places::of(homes), Books::new(self.books()?));
        all.into_iter().map(|shown| self.case(shown, &places, &mut books)).collect()
    }

    /// What was found since then (wall time), counted.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn ended(&self, since: Time) -> Result<Vec<Ended>, StoreError> {
        let sql = "SELECT home, json_extract(incident, '$.rule'), alarmed_at IS NOT NULL, outcome, count(*)
            FROM incident WHERE ?1 <= detected_at GROUP BY 1, 2, 3, 4";
        let ended = |row: &rusqlite::Row<'_>| {
            Some(Ended {
                home: parsed(row, 0)?,
                rule: parsed(row, 1)?,
                is_alarm: row.get(2).ok()?,
                outcome: parsed(row, 3),
                count: usize::try_from(row.get::<_, i64>(4).ok()?).ok()?,
            })
        };
        readable(self.db(), sql, params![since.0], ended).map_err(failed("count what rules found"))
    }

    fn case(&self, shown: Shown, places: &Places, books: &mut Books) -> Result<Case, StoreError> {
        let Shown { id, incident, .. } = shown;
        let entries = self.entries(&id)?;
        let sendings = self.deliveries(&id)?.into_iter().map(sending).collect();
        let digest = entries.iter().find_map(|entry| {
            let Happening::Detected { grounds, .. } = &entry.what else { return None };
            grounds.as_ref().map(|grounds| grounds.rules.clone())
        });
        let plan = digest.and_then(|digest| books.plan(&digest, &incident.plan));
        let Place { name: place, grid, zone } = places.of_home(&id.home);
        Ok(Case { id, place, incident, entries, sendings, grid, zone, plan })
    }
}

fn sending(sent: Sent) -> Sending {
    let to = sent.person.and_then(|person| person.parse().ok());
    let fate = Fate::of(&sent.state);
    Sending { to, channel: sent.channel, fate, said_at: sent.said_at }
}

/// Where a home is.
#[derive(Clone)]
struct Place {
    /// What people call it.
    name: String,
    grid: Option<Name>,
    zone: TimeZone,
}

struct Places {
    all: BTreeMap<HomeId, Place>,
    /// Of homes that are no longer in the register: all of a hub are in one place.
    zone: TimeZone,
}

impl Places {
    fn of(homes: &[Arc<Home>]) -> Self {
        let zone = |home: &Home| TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let place = |home: &Home| Place {
            name: home.name.clone(),
            grid: home.grid.clone(),
            zone: zone(home),
        };
        let all = homes.iter().map(|home| (home.id.clone(), place(home))).collect();
        let here = homes.iter().find(|home| !home.is_hub()).map_or(TimeZone::UTC, |h| zone(h));
        Self { all, zone: here }
    }

    fn of_home(&self, home: &HomeId) -> Place {
        let known = self.all.get(home).cloned();
        let zone = self.zone.clone();
        let mut place = known.unwrap_or_else(|| Place { name: home.to_string(), grid: None, zone });
        // A grid is a home too, and its own grid.
        let grids = self.all.values().filter_map(|place| place.grid.as_ref());
        let own = grids.filter(|grid| grid.as_str() == home.as_str()).min();
        place.grid = place.grid.or_else(|| own.cloned());
        place
    }
}

/// The rule books of the store, each read when it is first asked for.
struct Books {
    texts: BTreeMap<String, (String, String)>,
    read: BTreeMap<String, Option<Book>>,
}

impl Books {
    const fn new(texts: BTreeMap<String, (String, String)>) -> Self {
        Self { texts, read: BTreeMap::new() }
    }

    fn plan(&mut self, digest: &str, name: &Name) -> Option<Arc<Plan>> {
        if !self.read.contains_key(digest) {
            let texts = self.texts.get(digest).cloned();
            let book = texts.and_then(|(rules, plans)| BookTexts { rules, plans }.read().ok());
            self.read.insert(digest.to_owned(), book);
        }
        let plan = self.read.get(digest)?.as_ref()?.plan(name)?;
        (plan.name == *name).then(|| Arc::clone(plan))
    }
}
