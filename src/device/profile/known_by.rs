//! By what a model is known before it is in the register: `[known_by]`.

use super::code::{Code, Table};
use super::place::Place;
use crate::device::pick::{Scalar, Tree, pick};
use crate::form::Form;

/// What bridges and payloads call this model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KnownBy {
    /// The names that a bridge or the device itself gives its model, `SJCGQ11LM`. Letter by letter.
    pub models: Vec<String>,
    /// Who makes it, as bridges say; none given, any maker fits.
    pub vendors: Vec<String>,
    /// Places of a payload and what stands there.
    payload: Vec<(Place, Vec<Code>)>,
}

impl KnownBy {
    pub(super) fn read(mut form: Form<'_, '_>) -> Self {
        let (models, vendors) = (form.list("model"), form.list("vendor"));
        let mut payload = Vec::new();
        for (at, many) in form.may::<Table>("payload").unwrap_or_default().0 {
            match at.parse() {
                Ok(place @ Place::Json(_)) => {
                    payload.push((place, many.0.into_iter().map(Code::new).collect()));
                }
                Ok(Place::Bytes { .. } | Place::Line { .. }) => {
                    form.wrong(format!("`payload`: `{at}` is not a JSON pointer such as `/model`"));
                }
                Err(why) => form.wrong(format!("`payload`: {why}")),
            }
        }
        if !vendors.is_empty() && models.is_empty() {
            form.wrong("`vendor` alone tells no model: write `model` as well".to_owned());
        }
        form.done();
        Self { models, vendors, payload }
    }

    /// Whether a bridge that calls a device so means this model.
    pub fn is_model(&self, vendor: &str, model: &str) -> bool {
        self.models.iter().any(|known| known == model)
            && (self.vendors.is_empty()
                || vendor.is_empty()
                || self.vendors.iter().any(|v| v == vendor))
    }

    /// Whether the profile says how a payload shows its model.
    pub fn has_fingerprint(&self) -> bool {
        !self.payload.is_empty()
    }

    /// Whether a payload shows this model. `Err`: which place does not fit.
    ///
    /// # Errors
    /// One sentence.
    pub fn is_in(&self, payload: &str) -> Result<(), String> {
        let mut tree = Tree::default();
        for (slot, (place, _)) in self.payload.iter().enumerate() {
            if let Place::Json(pointer) = place {
                tree.want(pointer, slot);
            }
        }
        let mut slots = vec![Scalar::Absent; self.payload.len()];
        pick(payload, &tree, &mut slots).map_err(|e| format!("the payload is not JSON: {e}"))?;
        for ((place, codes), found) in self.payload.iter().zip(&slots) {
            if !codes.iter().any(|code| code.is(found)) {
                let wanted: Vec<&str> = codes.iter().map(Code::text).collect();
                return Err(format!("{place} is not `{}`", wanted.join("` or `")));
            }
        }
        Ok(())
    }
}
