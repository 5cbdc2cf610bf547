//! The keeper of the register: the only one who writes `register.toml` while the hub runs, and who
//! puts in force what it says, without a restart. A reload takes rules, plans and rooms as well.
//!
//! A change is checked with the whole configuration, written, and then journalled in one commit; the
//! doors follow. When the commit fails the file is put back. When the hub is killed in between, the
//! file wins at the next start: every start registers what the file says.

mod trial;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Draft, Proposal, propose, put_back, read_register, write};
use crate::device::{Catalog, Coverage};
use crate::domain::{Contact, DeedOnRecord, Former, Grid, Home, HomeId, Sentence, Span, both};
use crate::engine::Book;
use crate::gateway::{Hand, Registered};
use crate::inbox::{Arrival, Inbox, NotStored};
use crate::registrar::{Change, Edit, Forgotten, Leaving, Refused, Settled, Wish};
use crate::source::mqtt::Admission;
use crate::source::mqtt_client::Link;
use crate::store::Reader;
use crate::wording::Wording;

use super::forget::{Farewell, forget_the_text_before};
use super::ports::Ports;
use super::{access, open};

pub(super) use trial::Trials;

/// How long whoever has a home forgotten waits for the end of it, and how often that is looked for.
const FORGOTTEN_WITHIN: Span = Span::seconds(10);
const LOOK_AGAIN: Span = Span(50);
/// So many changes are named in the log: a community that is imported would be a line of a book.
const LOGGED_MAX: usize = 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) in_force: Arc<Config>,
    pub(super) inbox: Inbox,
    /// By what messages are understood.
    pub(super) catalog: watch::Sender<Arc<Catalog>>,
    pub(super) shown: Shown,
    /// Brokers that hear the devices' topics for us.
    pub(super) links: Vec<Link>,
    /// Our own listener's.
    pub(super) admission: Option<Admission>,
    pub(super) ports: Ports,
    pub(super) trials: Trials,
}

/// What pages show of the configuration.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) homes: watch::Sender<Arc<Vec<Arc<Home>>>>,
    pub(super) grids: watch::Sender<Arc<Vec<Grid>>>,
    pub(super) former: watch::Sender<Arc<Vec<Former>>>,
    pub(super) coverage: watch::Sender<Arc<Coverage>>,
    pub(super) book: watch::Sender<Arc<Book>>,
    pub(super) wording: watch::Sender<Arc<Wording>>,
}

impl Keeper {
    /// Does what is wished until `stop`; then sees the ports end.
    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>, stop: CancellationToken) {
        loop {
            let wish = tokio::select! {
                () = stop.cancelled() => break,
                wish = wishes.recv() => wish,
            };
            // Whoever asked may have gone; it is done all the same.
            match wish {
                None => {
                    stop.cancelled().await;
                    break;
                }
                Some(Wish::Text(answer)) => drop(answer.send(self.text())),
                Some(Wish::Try { who, channel, answer }) => {
                    match self.trials.begin(&self.in_force, &who, channel.as_ref()) {
                        // A telephone rings for longer than others should wait for the register.
                        Ok(outgoing) => drop(tokio::spawn(async move {
                            drop(answer.send(outgoing.go().await));
                        })),
                        Err(refused) => drop(answer.send(Err(refused))),
                    }
                }
                Some(Wish::Forget { leaving, answer }) => {
                    let forgotten = self.forget(&leaving).await;
                    match &forgotten {
                        Ok(_) => tracing::info!(home = %leaving.home, "a home is forgotten"),
                        Err(error) => tracing::warn!(%error, "no home is forgotten"),
                    }
                    drop(answer.send(forgotten));
                }
                Some(Wish::Change { change, dry_run, by, answer }) => {
                    let settled = self.change(change, dry_run, &by).await;
                    log(&settled, dry_run);
                    drop(answer.send(settled));
                }
            }
        }
        self.ports.end().await;
    }

    fn text(&self) -> Result<String, Refused> {
        let cannot =
            |e| Refused::NotStored(both!("读不到登记文件：{e}", "cannot read register.toml: {e}"));
        read_register(&self.in_force.folder).map_err(cannot)
    }

    async fn change(
        &mut self,
        change: Change,
        dry_run: bool,
        by: &str,
    ) -> Result<Settled, Refused> {
        let in_force = Arc::clone(&self.in_force);
        let why = occasion(&change);
        let hand = Hand { by, why: &why };
        let edits = if let Change::Edits(edits) = &change { edits.clone() } else { Vec::new() };
        self.trials.check(&in_force, &edits)?;
        // Reading and checking everything takes a while, and other tasks want this thread.
        let proposed = tokio::task::spawn_blocking(move || {
            let draft = Draft::read(&in_force.folder).map_err(|all| Refused::Wrong(all.0))?;
            propose(&draft, Some(&in_force), &change)
        });
        let proposal = proposed.await.map_err(|_cancelled| Refused::Stopping)??;
        let Proposal { file, before: old, text, config, mut settled } = proposal;
        self.check_channels(&config)?;
        settled.notes.extend(self.not_yet(&config));
        if dry_run {
            return Ok(settled);
        }
        let next = Config { settings: self.in_force.settings.clone(), ..config };
        let catalog = open::catalog(&next).map_err(|e| Refused::Conflict(e.to_string().into()))?;
        let homes = open::all_homes(&next).map_err(|e| Refused::Conflict(e.to_string().into()))?;
        let rules = (self.in_force.book_texts.digest(), next.book_texts.digest());
        let before = registered(&self.in_force, &rules.0);
        let deeds = before.changed(&registered(&next, &rules.1), hand);
        let is_written = old != text;
        if is_written {
            write(&next.folder, file, (&old, &text)).map_err(|e| {
                Refused::NotStored(both!("写不了 {file}：{e}", "cannot write {file}: {e}"))
            })?;
        }
        if self.enforce(catalog, homes, deeds, &next).await.is_err() {
            if is_written && let Err(error) = put_back(&next.folder, file) {
                // The file wins at the next start, and until then the hub is as it was.
                tracing::error!(%error, file, "cannot put it back as it was");
            }
            return Err(Refused::NotStored(both!(
                "改动未能保存",
                "the change could not be stored"
            )));
        }
        self.trials.used(&edits);
        self.in_force = Arc::new(next);
        Ok(settled)
    }

    /// Takes a home out of the register if it must, and has what is kept of it deleted.
    async fn forget(&mut self, leaving: &Leaving) -> Result<Forgotten, Refused> {
        let farewell = Farewell::new(&self.in_force, &self.reader()?, leaving)?;
        let mut changes = Vec::new();
        if self.in_force.homes.iter().any(|home| home.id == leaving.home) {
            let removed = Change::Edits(vec![Edit::Remove { home: leaving.home.clone() }]);
            let changed = self.change(removed, false, leaving.by.as_str()).await?.changes;
            changes = changed.into_iter().map(String::from).collect();
        }
        let forget = Arrival::Forget(farewell.wish.clone());
        let not_stored = |_| Refused::NotStored(both!("未能保存", "it could not be stored"));
        let answer = self.inbox.post(forget).await.await.map_err(not_stored)?;
        forget_the_text_before(&self.in_force)?;
        let looked = tokio::time::timeout(FORGOTTEN_WITHIN.to_std(), self.forgotten(&leaving.home));
        if let Ok(Err(error)) = looked.await {
            tracing::warn!(%error, "cannot see whether a home is forgotten altogether");
        }
        farewell.told(answer, &self.in_force.settings.store.path, changes)
    }

    /// Waits until nothing of the home is left.
    async fn forgotten(&self, home: &HomeId) -> Result<(), Refused> {
        let is_going_on = || -> Result<bool, Refused> {
            let left = self.reader()?.forgetting();
            let left = left.map_err(|e| Refused::NotStored(e.to_string().into()))?;
            Ok(left.iter().any(|forgetting| forgetting.home == *home))
        };
        while is_going_on()? {
            tokio::time::sleep(LOOK_AGAIN.to_std()).await;
        }
        Ok(())
    }

    fn reader(&self) -> Result<Reader, Refused> {
        let path = &self.in_force.settings.store.path;
        Reader::open(path).map_err(|e| Refused::NotStored(e.to_string().into()))
    }

    /// What of the folder is not taken before the next start.
    fn not_yet(&self, config: &Config) -> Option<Sentence> {
        // Secrets do not show in it; one that is another is seen at the next start all the same.
        let text = |config: &Config| format!("{:?}", config.settings);
        let is_other = text(config) != text(&self.in_force);
        let note = || {
            both!(
                "gateway.toml 有改动，下次启动时生效",
                "gateway.toml has changed: that is taken at the next start"
            )
        };
        is_other.then(note)
    }

    /// Tells the engines, and then turns every door.
    async fn enforce(
        &mut self,
        catalog: Catalog,
        homes: Vec<Arc<Home>>,
        deeds: Vec<DeedOnRecord>,
        next: &Config,
    ) -> Result<(), NotStored> {
        let before = Arc::clone(&self.catalog.borrow());
        // **Invariant:** what an old piece said is not taken for the word of the new one, nor noted
        // of a device that is gone: from here on nobody understands it, and what was understood
        // before has been taken when the engines hear of the change.
        self.catalog.send_replace(Arc::new(self.of_what_stays(next)));
        let stored = match self.inbox.pass().await {
            Ok(()) => {
                let (book, texts) = (Arc::clone(&next.book), next.book_texts.clone());
                let (homes, wording) = (homes.clone(), Arc::clone(&next.wording));
                let registered = Arrival::Register { homes, book, texts, wording, deeds };
                self.inbox.post(registered).await.await.map(drop)
            }
            Err(not_stored) => Err(not_stored),
        };
        if let Err(not_stored) = stored {
            self.catalog.send_replace(before);
            return Err(not_stored);
        }
        let (topics, ports) = (catalog.topics(), catalog.ports());
        self.catalog.send_replace(Arc::new(catalog));
        self.shown.homes.send_replace(Arc::new(homes));
        self.shown.grids.send_replace(Arc::new(next.grids.clone()));
        self.shown.former.send_replace(Arc::new(next.former.clone()));
        self.shown.coverage.send_replace(Arc::clone(&next.coverage));
        self.shown.book.send_replace(Arc::clone(&next.book));
        self.shown.wording.send_replace(Arc::clone(&next.wording));
        if let Some(admission) = &self.admission {
            admission.let_in(access::own_devices(next));
        }
        for link in &self.links {
            link.hear(topics.clone());
        }
        self.ports.turn_to(ports).await;
        Ok(())
    }

    /// The devices of the register in force that `next` has as well, the same pieces.
    fn of_what_stays(&self, next: &Config) -> Catalog {
        let mut homes: Vec<Home> = self.in_force.homes.iter().map(|h| (**h).clone()).collect();
        for home in &mut homes {
            let after = next.homes.iter().find(|h| h.id == home.id);
            home.devices.retain(|device| {
                let is = after.and_then(|h| h.device(&device.id));
                is.is_some_and(|is| is.is_same_piece(device))
            });
        }
        // A part of what went together goes together.
        Catalog::new(&self.in_force.profiles, &homes).unwrap_or_default()
    }

    /// People are told by the channels that run, not by those that `gateway.toml` has got since.
    fn check_channels(&self, config: &Config) -> Result<(), Refused> {
        let running = &self.in_force.settings.channels;
        let of_homes = config.homes.iter().flat_map(|h| &h.ask);
        let contacts = config.people.iter().flat_map(|p| &p.contacts).chain(of_homes);
        let new = |contact: &&Contact| !running.iter().any(|c| c.name == contact.channel);
        match contacts.into_iter().find(new) {
            None => Ok(()),
            Some(Contact { channel, .. }) => Err(Refused::Conflict(both!(
                "通道 {channel} 是新配置的：须先重新启动系统",
                "channel `{channel}` is new in gateway.toml: restart careloop before anybody is told by it"
            ))),
        }
    }
}

/// What a configuration says that goes on record when it is another.
fn registered<'c>(config: &'c Config, rules: &'c str) -> Registered<'c> {
    let passwords = config.credentials.iter();
    let passwords = passwords.map(|c| ((&c.home, &c.device), c.digest.to_string())).collect();
    Registered {
        people: config.people.iter().map(|person| (&person.id, person)).collect(),
        calendar: Some(&config.calendar),
        grids: &config.grids,
        passwords,
        book: Some(&config.book),
        texts: config.wording.all().collect(),
        ..Registered::of(config.homes.iter().map(|home| &**home), rules)
    }
}

fn occasion(change: &Change) -> String {
    let is_told = |edit: &Edit| matches!(edit, Edit::Verified { code: Some(_), .. });
    let why = match change {
        Change::Edits(edits) if !edits.is_empty() && edits.iter().all(is_told) => {
            "the code that was sent there came back"
        }
        Change::Edits(edits) => match &**edits {
            [Edit::Tune { why, .. }] => why,
            _ => "edited",
        },
        Change::Amend(amendment) => &amendment.why,
        Change::Import(_) | Change::Rows(_) => "imported",
        Change::Texts(reworded) => &reworded.why,
        Change::Reload => "edited by hand, and reloaded",
    };
    why.to_owned()
}

/// Names and addresses of people stay out of the log.
fn log(settled: &Result<Settled, Refused>, dry_run: bool) {
    match settled {
        Ok(_) if dry_run => {}
        Ok(Settled { changes, notes, .. }) => {
            let names = changes.iter().map(|line| line.en().split(':').next().unwrap_or_default());
            let named = names.take(LOGGED_MAX).collect::<Vec<_>>().join(", ");
            let more = changes.len().saturating_sub(LOGGED_MAX);
            tracing::info!(changes = named, more, ?notes, "the configuration is in force");
        }
        Err(Refused::Wrong(problems)) => {
            for problem in problems {
                tracing::warn!("{problem}");
            }
            tracing::warn!("nothing was changed: what was in force stays in force");
        }
        Err(error) => tracing::warn!(%error, "nothing was changed"),
    }
}

#[cfg(test)]
mod tests;
