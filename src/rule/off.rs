//! A rule that is in the book, and that nobody looks for: somebody decided that, on some day, for a reason.

use jiff::civil::Date;

use crate::domain::{Level, PersonId, both};
use crate::form::Form;

use super::{Kind, Rule};

/// `off = { by = "ma", on = "2026-11-28", why = "…" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// Who decided,
    pub by: PersonId,
    /// on which day,
    pub on: Date,
    /// and why.
    pub why: String,
}

impl Off {
    pub(super) fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let (by, on) = (form.needs::<PersonId>("by"), form.needs::<String>("on"));
        let on = on.and_then(|text| {
            let day = text.parse::<Date>().ok();
            if day.is_none() {
                form.wrong_at(
                    "on",
                    both!(
                        "`on`：“{text}”不是日期，例如 2026-11-20",
                        "`on`: `{text}` is not a date such as 2026-11-20"
                    ),
                );
            }
            day
        });
        let why = form.needs::<String>("why");
        if why.as_ref().is_some_and(|why| why.trim().is_empty()) {
            form.wrong_at(
                "why",
                both!("`why`：请写明为什么不查找", "`why`: say why nobody looks for it"),
            );
        }
        form.done();
        Some(Self { by: by?, on: on?, why: why? })
    }
}

/// Why a rule stays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaysOn {
    /// Somebody or something calls for help: nothing hides that (P6), in no home.
    Calls,
    /// A life may hang on it: a page does not switch it off for everybody, only for one home.
    Urgent,
}

impl Rule {
    /// What keeps it on for everybody, or else in one home.
    pub fn stays_on(&self, for_everybody: bool) -> Option<StaysOn> {
        if matches!(self.kind, Kind::Emergency(_)) {
            return Some(StaysOn::Calls);
        }
        (for_everybody && self.level == Level::Urgent).then_some(StaysOn::Urgent)
    }
}
