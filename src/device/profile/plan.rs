//! What is wanted of one sort of message, prepared for reading it fast.

use super::{Code, Place, Report};
use crate::device::pick::Tree;

/// The places wanted of one sort of message, and what is made of them.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) tree: Tree,
    /// By slot; the first is the whole payload.
    pub(crate) places: Vec<Place>,
    pub(crate) reports: Vec<Wired>,
    /// Where the message says when it was made.
    pub(crate) claim: Option<usize>,
    /// Whether a report wants the whole payload.
    pub(crate) is_whole: bool,
    /// Whether a report wants something inside an object.
    pub(crate) is_inner: bool,
}

/// A report with its places as slots.
#[derive(Debug, Clone)]
pub(crate) struct Wired {
    /// Which of the profile's reports.
    pub(crate) report: usize,
    pub(crate) at: usize,
    pub(crate) when: Vec<(usize, Vec<Code>)>,
    pub(crate) unless: Vec<(usize, Vec<Code>)>,
    pub(crate) with: Vec<usize>,
    pub(crate) without: Vec<usize>,
    /// It speaks of each member of this list.
    pub(crate) group: Option<usize>,
}

impl Default for Plan {
    fn default() -> Self {
        let mut tree = Tree::default();
        tree.want("", 0);
        let places = vec![Place::Json(String::new())];
        let (reports, claim) = (Vec::new(), None);
        Self { tree, places, reports, claim, is_whole: false, is_inner: false }
    }
}

impl Plan {
    pub(super) fn add(&mut self, n: usize, report: &Report) {
        let at = self.slot(&report.at);
        self.is_whole |= at == 0;
        self.is_inner |= at != 0;
        let mut gates = |gates: &[super::report::Gate]| {
            gates.iter().map(|gate| (self.slot(&gate.at), gate.codes.clone())).collect()
        };
        let (when, unless) = (gates(&report.when), gates(&report.unless));
        let mut slots = |places: &[Place]| places.iter().map(|place| self.slot(place)).collect();
        let (with, without) = (slots(&report.with), slots(&report.without));
        // A list is known by the first slot that was wanted of its members.
        let list = report.at.list();
        let group = list.and_then(|_| self.places.iter().position(|known| known.list() == list));
        self.reports.push(Wired { report: n, at, when, unless, with, without, group });
    }

    pub(super) fn slot(&mut self, place: &Place) -> usize {
        if let Some(slot) = self.places.iter().position(|known| known == place) {
            return slot;
        }
        let slot = self.places.len();
        if let Place::Json(pointer) = place {
            self.tree.want(pointer, slot);
        }
        self.places.push(place.clone());
        slot
    }
}
