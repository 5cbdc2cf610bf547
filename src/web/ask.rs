//! Asking the store and the loop. Reads run on threads of their own, never on those that serve;
//! whatever changes anything goes through the inbox and waits for its receipt (P1).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::tz::TimeZone;
use tokio::time::timeout;

use crate::domain::grid::{Grid, lies_in};
use crate::domain::{
    Act, Home, HomeId, IncidentId, Input, Name, PassDeed, PersonId, Refusal, Responder, Said, Span,
};
use crate::inbox::{Answer, Arrival, Look};
use crate::store::StoreError;
use crate::store::views::Reader;

use super::lang::Visitor;
use super::{People, Web};

/// How long a move may wait for its receipt.
const STORE_MAX: Span = Span::seconds(20);
/// How long a page may wait for what is known; then it says that nothing is known.
const LOOK_MAX: Span = Span::seconds(2);

/// What is known of several homes; `None` where nothing could be found out.
pub(super) type Looks = Vec<(Arc<Home>, Option<Look>)>;

/// Why there is no answer. None of it is the asker's fault.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hub is stopping.
    #[error("the hub is stopping")]
    Stopping,
    /// The same may succeed later.
    #[error("it could not be stored, and nothing was changed; please try again")]
    NotStored,
    /// It may or may not have been stored.
    #[error("the hub did not answer in time; look whether it was stored before trying again")]
    Late,
}

/// What became of a move, or of what somebody says.
#[derive(Debug, PartialEq)]
pub(super) enum Moved {
    /// It is on disk.
    Done,
    /// It was not made.
    Refused(Refusal),
    /// There is no such home.
    Unknown(String),
}

impl Web {
    /// Runs `ask` with a reader on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let _permit = self.readers.acquire().await.map_err(|_closed| Trouble::Stopping)?;
        let path = self.site.store.clone();
        let reading = tokio::task::spawn_blocking(move || ask(&Reader::open(&path)?));
        Ok(reading.await.map_err(|_cancelled| Trouble::Stopping)??)
    }

    /// Posts, and waits until it is on disk.
    pub(super) async fn post(&self, arrival: Arrival) -> Result<Answer, Trouble> {
        let stored = async { self.site.inbox.post(arrival).await.await };
        match timeout(STORE_MAX.to_std(), stored).await {
            Ok(answer) => answer.map_err(|_not_stored| Trouble::NotStored),
            Err(_elapsed) => Err(Trouble::Late),
        }
    }

    /// Changes what lets people in. `false`: what was shown for it is good no more, and nothing was changed.
    pub(super) async fn change_passes(&self, deeds: Vec<PassDeed>) -> Result<bool, Trouble> {
        let ends = |deed: &PassDeed| matches!(deed, PassDeed::End(_) | PassDeed::EndAll { .. });
        let some_end = deeds.iter().any(ends);
        let is_done = matches!(self.post(Arrival::Passes(deeds)).await?, Answer::Done);
        if some_end && is_done {
            self.shut.send_replace(());
        }
        Ok(is_done)
    }

    /// Makes a person's move; once, however often a tap of this name comes.
    pub(super) async fn make_move(
        &self,
        id: &IncidentId,
        by: PersonId,
        act: Act,
        tap: Option<&str>,
    ) -> Result<Moved, Trouble> {
        let home = id.home.clone();
        let name = tap.map(|tap| format!("{by} {tap}"));
        let input = Input::Move { incident: id.n, by, act };
        self.take(match name {
            Some(name) => Arrival::Tap { name, home, input },
            None => Arrival::Input { home, input },
        })
        .await
    }

    /// Has a home hear what a person says of it.
    pub(super) async fn say(
        &self,
        home: HomeId,
        by: PersonId,
        what: Said,
    ) -> Result<Moved, Trouble> {
        self.take(Arrival::Input { home, input: Input::Said { by, what } }).await
    }

    async fn take(&self, arrival: Arrival) -> Result<Moved, Trouble> {
        Ok(match self.post(arrival).await? {
            Answer::Done | Answer::Looked(_) | Answer::Forgotten(_) => Moved::Done,
            Answer::Refused(why) => Moved::Refused(why),
            Answer::Unknown(why) => Moved::Unknown(why),
        })
    }

    /// What is known of a home. `Ok(None)`: there is no such home.
    pub(super) async fn look(&self, home: &HomeId) -> Result<Option<Look>, Trouble> {
        let looked = async { self.site.inbox.post(Arrival::Look(home.clone())).await.await };
        match timeout(LOOK_MAX.to_std(), looked).await {
            Ok(Ok(Answer::Looked(look))) => Ok(Some(*look)),
            Ok(Ok(
                Answer::Done | Answer::Refused(_) | Answer::Unknown(_) | Answer::Forgotten(_),
            )) => Ok(None),
            Ok(Err(_not_stored)) => Err(Trouble::NotStored),
            Err(_elapsed) => Err(Trouble::Late),
        }
    }

    /// What is known of every home of the register; `None` where nothing could be found out.
    pub(super) async fn look_everywhere(&self) -> Looks {
        self.look_at(self.homes().to_vec()).await
    }

    /// The same, of these.
    pub(super) async fn look_at(&self, homes: Vec<Arc<Home>>) -> Looks {
        let looks = homes.iter().map(async |home| self.look(&home.id).await.ok().flatten());
        let looks = join_all(looks).await;
        homes.into_iter().zip(looks).collect()
    }

    /// The same, for pages that many have open: who comes to the same homes shares it.
    pub(super) async fn look_together(self: &Arc<Self>, homes: Vec<Arc<Home>>) -> Arc<Looks> {
        let ids = homes.iter().map(|home| home.id.clone()).collect();
        let (web, here) = (Arc::clone(self), homes.clone());
        match self.looks.read(ids, async move { Some(web.look_at(here).await) }).await {
            Some(looks) => looks,
            None => Arc::new(self.look_at(homes).await),
        }
    }

    /// The homes that somebody sees.
    pub(super) fn homes_of(&self, visitor: &Visitor) -> Vec<Arc<Home>> {
        self.homes().iter().filter(|home| self.shows(visitor, home)).cloned().collect()
    }

    /// The same, for whoever asks the store: it has homes besides that left the register.
    pub(super) fn sees(&self, visitor: &Visitor) -> Option<Vec<HomeId>> {
        let ids = || self.homes_of(visitor).iter().map(|home| home.id.clone()).collect();
        (self.site.people == People::LogIn).then(ids)
    }

    /// The grids that these homes lie in, however deep, with what people call each.
    pub(super) fn grids_of(&self, homes: &[Arc<Home>]) -> Vec<(Name, String)> {
        let grids = self.grids();
        let own: BTreeSet<&Name> = homes.iter().filter_map(|home| home.grid.as_ref()).collect();
        let above = grids.iter().map(|grid| &grid.id);
        let above = above.filter(|grid| own.iter().any(|of| lies_in(of, grid, &grids)));
        let all: BTreeSet<&Name> = own.iter().copied().chain(above).collect();
        let called = |id: &Name| grids.iter().find(|grid| grid.id == *id).map(|g| g.name.clone());
        let named = |id: &&Name| (Name::clone(id), called(id).unwrap_or_else(|| id.to_string()));
        all.iter().map(named).collect()
    }

    /// Which grid lies in which.
    pub(super) fn grids(&self) -> Arc<Vec<Grid>> {
        self.site.grids.borrow().clone()
    }

    /// Whoever comes to a home that somebody sees, by their ids.
    pub(super) fn people_of(&self, visitor: &Visitor) -> BTreeMap<PersonId, Responder> {
        let homes = self.homes_of(visitor);
        let people = homes.iter().flat_map(|home| &home.responders);
        people.map(|person| (person.id.clone(), person.clone())).collect()
    }

    /// Whether somebody sees this home: where people log in, if they come to it.
    pub(super) fn shows(&self, visitor: &Visitor, home: &Home) -> bool {
        match self.site.people {
            People::Choose => true,
            People::LogIn => visitor.me.as_ref().is_some_and(|me| home.responder(me).is_some()),
        }
    }

    /// Whether somebody sees the home of this name. One that left the register, nobody who logs in does.
    pub(super) fn shows_home(&self, visitor: &Visitor, home: &HomeId) -> bool {
        match self.home(home) {
            Some(home) => self.shows(visitor, &home),
            None => self.site.people == People::Choose,
        }
    }

    /// Who speaks by a form: whoever is logged in, or else whom the form names. A form that was made for
    /// somebody else, on a phone that has changed hands since, speaks for nobody.
    pub(super) fn speaker(
        &self,
        visitor: &Visitor,
        form: &BTreeMap<String, String>,
    ) -> Option<PersonId> {
        let named = form.get("by").and_then(|by| by.parse::<PersonId>().ok());
        match self.site.people {
            People::Choose => named.filter(|by| self.names().0.contains_key(by)),
            People::LogIn => visitor.me.clone().filter(|me| named.is_none_or(|by| by == *me)),
        }
    }

    /// Has a form say who speaks by it, whatever it said.
    pub(super) fn speaks(&self, visitor: &Visitor, form: &mut BTreeMap<String, String>) {
        match self.speaker(visitor, form) {
            Some(by) => drop(form.insert("by".to_owned(), by.to_string())),
            None => drop(form.remove("by")),
        }
    }

    /// The register as it stands.
    pub(super) fn homes(&self) -> Arc<Vec<Arc<Home>>> {
        Arc::clone(&self.site.homes.borrow())
    }

    /// One home of the register.
    pub(super) fn home(&self, id: &HomeId) -> Option<Arc<Home>> {
        self.homes().iter().find(|h| h.id == *id).cloned()
    }

    /// The clock by which pages about several homes tell the time: all of a hub are in one place.
    pub(super) fn zone(&self) -> TimeZone {
        let homes = self.homes();
        let home = homes.iter().find(|home| !home.is_hub());
        home.and_then(|home| TimeZone::get(&home.zone).ok()).unwrap_or(TimeZone::UTC)
    }

    /// What colleagues call the people of the register.
    pub(super) fn names(&self) -> Names {
        let homes = self.homes();
        let people = homes.iter().flat_map(|h| &h.responders);
        let people = people.map(|person| (person.id.clone(), person.name.clone()));
        let former = self.site.former.borrow().clone();
        let former = former.iter().map(|former| (former.id.clone(), former.name.clone()));
        Names(former.chain(people).collect())
    }
}

/// What colleagues call each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names(pub(super) BTreeMap<PersonId, String>);

impl Names {
    /// The name, or the id of somebody who is no longer in the register.
    pub(super) fn of<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.0.get(id).map_or(id.as_str(), String::as_str)
    }

    /// Whoever a deed on record is by: a person, or a program.
    pub(super) fn of_deed(&self, by: &str) -> String {
        by.parse().map_or(by.to_owned(), |id| self.of(&id).to_owned())
    }
}
