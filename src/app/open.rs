//! Opens the data: takes it for this process, rebuilds the engines, sets the clock, registers the homes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::device::Catalog;
use crate::domain::{Binding, Device, DeviceId, Home, Name, Role, Sentence};
use crate::gateway::Gateway;
use crate::store::keep::Kept;
use crate::store::{Setback, Store, StoreError};

use super::{StartError, hub};

/// The inner works, before sources are let in.
pub(super) struct Core {
    pub(super) gateway: Gateway,
    pub(super) clock: Clock,
    pub(super) kept: Kept,
    pub(super) setback: Option<Setback>,
    pub(super) homes: Vec<Arc<Home>>,
}

/// Takes the data for this process alone.
///
/// # Errors
/// [`StartError::InUse`] while a hub runs on it.
pub fn lock(store: &Path) -> Result<std::fs::File, StartError> {
    let path = store.with_extension("lock");
    let failed = |attempt| {
        let path = path.clone();
        move |source| StartError::Store(StoreError::File { attempt, path, source })
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    }
    let file = std::fs::File::create(&path).map_err(failed("make"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse { path }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed("lock")(source)),
    }
}

/// Opens the store, rebuilds the engines, sets the clock, registers the homes.
pub(super) fn open(config: &Config) -> Result<Core, StartError> {
    let (mut store, setback) = Store::open(&config.settings.store.path, Clock::start(None).now())?;
    if let Some(bytes) = config.settings.store.max_size {
        store.limit_size(bytes)?;
    }
    let kept = store.reader().kept()?;
    let mut gateway = Gateway::open(store, Arc::clone(&config.book), &config.book_texts)?
        .worded(Arc::clone(&config.wording));
    let before = gateway.last();
    let clock = Clock::start(before);
    if let Some((_, offset)) = before
        && offset != clock.offset()
    {
        gateway.set_clock(clock.now(), clock.offset())?;
    }
    let homes = all_homes(config)?;
    gateway.register(clock.now(), &homes)?;
    Ok(Core { gateway, clock, kept, setback, homes })
}

/// The homes of the register, and the hub's own.
pub(super) fn all_homes(config: &Config) -> Result<Vec<Arc<Home>>, StartError> {
    let mut homes = config.homes.clone();
    homes.push(Arc::new(hub_home(config)?));
    homes.extend(areas(&config.homes)?.into_iter().map(Arc::new));
    Ok(homes)
}

/// A grid of two homes or more is one more home: its devices are the homes, and whoever is responsible
/// for them comes.
fn areas(homes: &[Arc<Home>]) -> Result<Vec<Home>, StartError> {
    let mut grids: BTreeMap<&Name, Vec<&Home>> = BTreeMap::new();
    for home in homes {
        if let Some(grid) = &home.grid {
            grids.entry(grid).or_default().push(home);
        }
    }
    let mut areas = Vec::new();
    for (grid, members) in grids.into_iter().filter(|(_, members)| 1 < members.len()) {
        let name = |text: &str| text.parse::<DeviceId>().map_err(wrong);
        let device = |home: &&Home| Ok(Device::new(name(home.id.as_str())?, "", Binding::Direct));
        let devices = members.iter().map(device).collect::<Result<Vec<_>, StartError>>()?;
        let zone = members.first().map_or("UTC", |home| &home.zone);
        let id = grid.as_str().parse().map_err(wrong)?;
        let calendar = members.first().map(|home| home.calendar.clone()).unwrap_or_default();
        let mut area = Home { is_area: true, calendar, ..Home::new(id, zone, devices) };
        for person in members.iter().flat_map(|home| &home.responders) {
            let is_of_it = !matches!(person.role, Role::Family | Role::MicroGrid);
            if is_of_it && !area.responders.contains(person) {
                area.responders.push(person.clone());
            }
        }
        areas.push(area);
    }
    Ok(areas)
}

fn wrong(why: Sentence) -> StartError {
    StartError::Config(why.into())
}

/// The hub is one more home: its troubles climb the same ladder.
fn hub_home(config: &Config) -> Result<Home, StartError> {
    let mut responders = Vec::new();
    for person in config.homes.iter().flat_map(|h| &h.responders) {
        let wanted = matches!(person.role, Role::Technician | Role::Community | Role::Supervisor);
        if wanted && !responders.contains(person) {
            responders.push(person.clone());
        }
    }
    let device = |id: DeviceId| Device::new(id, "", Binding::Direct);
    let mut devices = Vec::new();
    for id in hub::devices(&config.settings) {
        devices.push(device(id.map_err(wrong)?));
    }
    let first = config.homes.first();
    let zone = first.map_or("UTC", |home| home.zone.as_str());
    let calendar = first.map(|home| home.calendar.clone()).unwrap_or_default();
    let hub = Home::new(hub::home().map_err(wrong)?, zone, devices);
    Ok(Home { name: "网关 / the hub".to_owned(), responders, calendar, ..hub })
}

pub(super) fn catalog(config: &Config) -> Result<Catalog, StartError> {
    let homes: Vec<Home> = config.homes.iter().map(|h| (**h).clone()).collect();
    Catalog::new(&config.profiles, &homes).map_err(|why| StartError::Config(why.join("\n")))
}
