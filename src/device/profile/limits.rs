//! Where and how a model may be used: `[limits]`. Its maker's word; a placement against it is refused.

use crate::domain::Mount;
use crate::form::Form;

/// The limits of use, as the maker gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// It tells the truth only while one person is in the room.
    pub one_person: bool,
    /// How it may be fixed; none given, anyhow.
    pub mounts: Vec<Mount>,
    /// The least and the greatest height above the floor, in cm.
    pub height: Option<(u32, u32)>,
    /// How far it sees, in cm.
    pub radius: Option<u32>,
    /// What else a technician must know, one sentence.
    pub note: Option<String>,
}

impl Limits {
    pub(super) fn read(mut form: Form<'_, '_>) -> Self {
        let one_person = form.may("one_person").unwrap_or(false);
        let mounts = form.list("mount");
        let (low, high) = (form.may::<u32>("height_min"), form.may::<u32>("height_max"));
        let height = match (low, high) {
            (None, None) => None,
            (low, high) => Some((low.unwrap_or(0), high.unwrap_or(u32::MAX))),
        };
        if height.is_some_and(|(low, high)| high < low) {
            form.wrong("`height_max` is less than `height_min`".to_owned());
        }
        let (radius, note) = (form.may("radius"), form.may("note"));
        form.done();
        Self { one_person, mounts, height, radius, note }
    }

    /// What speaks against fixing it so, one sentence each.
    pub fn refusals(&self, mount: Option<Mount>, height: Option<u32>) -> Vec<String> {
        let mut refusals = Vec::new();
        if let Some(mount) = mount.filter(|m| !self.mounts.is_empty() && !self.mounts.contains(m)) {
            let may: Vec<&str> = self.mounts.iter().map(|m| m.name()).collect();
            refusals
                .push(format!("`mount` is `{}` for this model, not `{mount}`", may.join("` or `")));
        }
        if let Some((cm, (low, high))) = height.zip(self.height)
            && !(low..=high).contains(&cm)
        {
            let span = if high == u32::MAX {
                format!("{low} cm or more")
            } else {
                format!("{low} to {high} cm")
            };
            refusals
                .push(format!("`height` is {span} above the floor for this model, not {cm} cm"));
        }
        refusals
    }
}
