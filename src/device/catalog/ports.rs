//! Which devices are on which serial port.

use std::collections::BTreeMap;

use super::Catalog;
use crate::device::Origin;
use crate::device::profile::{Line, Modbus, Parity, Profile};

/// A serial port of the register, and how to open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// As the register names it.
    pub path: String,
    /// What is spoken on it.
    pub speech: Speech,
}

/// What is spoken on a serial port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speech {
    /// One device speaks by itself, in frames.
    Frames(Line),
    /// Several units answer when they are asked.
    Modbus(Bus),
}

/// A line that several units share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bus {
    /// Bits per second.
    pub baud: u32,
    /// The parity bit.
    pub parity: Parity,
    /// What to ask, by the unit's address.
    pub units: BTreeMap<u8, Modbus>,
}

impl Catalog {
    /// The serial ports of the register: those of one device, then those that several share, each in
    /// the order of their names.
    pub fn ports(&self) -> Vec<Port> {
        let profile = |device: &usize| self.devices.get(*device).map(|bound| &bound.profile);
        let framed = self.ports.iter().filter_map(|(path, device)| {
            let line = profile(device)?.line.clone()?;
            Some(Port { path: path.clone(), speech: Speech::Frames(line) })
        });
        let shared = self.buses.iter().filter_map(|(path, units)| {
            let modbus =
                |(unit, device): (&u8, &usize)| Some((*unit, profile(device)?.modbus.clone()?));
            let units: BTreeMap<u8, Modbus> = units.iter().filter_map(modbus).collect();
            let Modbus { baud, parity, .. } = units.values().next()?.clone();
            Some(Port { path: path.clone(), speech: Speech::Modbus(Bus { baud, parity, units }) })
        });
        framed.chain(shared).collect()
    }

    pub(super) fn bind_port(
        &mut self,
        profile: &Profile,
        path: &str,
        at: usize,
    ) -> Result<(), String> {
        let name = &profile.name;
        if profile.line.is_none() && profile.modbus.is_some() {
            return Err(format!("`{name}` shares its line with others: say which `unit` it is"));
        }
        if profile.line.is_none() {
            return Err(format!("`{name}` does not speak on a serial port"));
        }
        if let Some(other) = self.buses.get(path).and_then(|units| units.values().next()) {
            let other = self.name(*other);
            return Err(format!("port `{path}` is a Modbus line, of {other} among others"));
        }
        match self.ports.insert(path.to_owned(), at) {
            None => Ok(()),
            Some(other) => Err(format!("port `{path}` is also of {}", self.name(other))),
        }
    }

    pub(super) fn bind_unit(
        &mut self,
        profile: &Profile,
        path: &str,
        unit: u8,
        at: usize,
    ) -> Result<(), String> {
        let name = &profile.name;
        let Some(modbus) = &profile.modbus else {
            return Err(format!("`{name}` does not speak Modbus"));
        };
        if let Some(other) = self.ports.get(path) {
            return Err(format!("port `{path}` is no Modbus line: it is of {}", self.name(*other)));
        }
        let units = self.buses.entry(path.to_owned()).or_default();
        if let Some(other) = units.get(&unit).copied() {
            return Err(format!("unit {unit} of `{path}` is also {}", self.name(other)));
        }
        let first = units.values().next().copied();
        units.insert(unit, at);
        if let Origin::Serial(origin) = Origin::unit(path, unit) {
            self.ports.insert(origin, at);
        }
        let set = |modbus: &Modbus| (modbus.baud, modbus.parity);
        let Some((first, theirs)) = first.and_then(|first| {
            Some((first, self.devices.get(first)?.profile.modbus.as_ref().map(set)?))
        }) else {
            return Ok(());
        };
        if theirs == set(modbus) {
            return Ok(());
        }
        let (baud, parity) = set(modbus);
        Err(format!(
            "`{name}` speaks at {baud} baud, parity {parity}, but {} on `{path}` at {}, parity {}: \
             all units of a line are set alike",
            self.name(first),
            theirs.0,
            theirs.1,
        ))
    }
}
