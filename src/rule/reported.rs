//! *Reported*: no sensor finds it, a person says so: a resident's request, what a grid worker saw, an
//! order of the hotline (一网收集). What is said begins an incident like any other.

use crate::domain::said::Origin;
use crate::form::Form;

/// `reported = { by = ["resident", "family", "hotline"] }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// From whom it is taken.
    pub by: Vec<Origin>,
}

impl Reported {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let by = form.list::<Origin>("by");
        if by.is_empty() {
            form.wrong("reported wants `by = [ … ]`: resident, family, grid, hotline".to_owned());
        }
        form.done();
        (!by.is_empty()).then_some(Self { by })
    }
}
