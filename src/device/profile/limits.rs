//! Where and how a model may be used: `[limits]`. Its maker's word; a placement against it is refused.

use crate::domain::{Mount, Sentence, both};
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
    pub fn refusals(&self, mount: Option<Mount>, height: Option<u32>) -> Vec<Sentence> {
        let mut refusals = Vec::new();
        if let Some(mount) = mount.filter(|m| !self.mounts.is_empty() && !self.mounts.contains(m)) {
            let may: Vec<&str> = self.mounts.iter().map(|m| m.name()).collect();
            let may = may.join("` or `");
            let zh: Vec<&str> = self.mounts.iter().map(|m| m.zh()).collect();
            let (zh, is) = (zh.join("、"), mount.zh());
            refusals.push(both!(
                "`mount`：此型号须为{zh}，不能是{is}",
                "`mount` is `{may}` for this model, not `{mount}`"
            ));
        }
        if let Some((cm, (low, high))) = height.zip(self.height)
            && !(low..=high).contains(&cm)
        {
            let span = if high == u32::MAX {
                format!("{low} cm or more")
            } else {
                format!("{low} to {high} cm")
            };
            let zh = match high {
                u32::MAX => format!("不低于 {low} 厘米"),
                high => format!("{low} 到 {high} 厘米"),
            };
            refusals.push(both!(
                "`height`：此型号须离地 {zh}，不能是 {cm} 厘米",
                "`height` is {span} above the floor for this model, not {cm} cm"
            ));
        }
        refusals
    }
}
