//! Shelly's first generation: `shellies/announce`, and the same below the device's own name.

use super::{Announced, Dialect, json, text};

/// `None`: not an announcement.
pub(super) fn read(levels: &[&str], payload: &[u8]) -> Option<Result<Vec<Announced>, String>> {
    let (["shellies", "announce"] | ["shellies", _, "announce" | "info"]) = levels else {
        return None;
    };
    if payload.is_empty() {
        return Some(Ok(Vec::new()));
    }
    let told = match json(payload) {
        Ok(told) => told,
        Err(why) => return Some(Err(why)),
    };
    let id = text(&told, "id");
    if id.is_empty() {
        // `info` is its whole state and has no name in it.
        let is_info = levels.last() == Some(&"info");
        return Some(if is_info {
            Ok(Vec::new())
        } else {
            Err("it does not say its `id`".to_owned())
        });
    }
    let mut device = Announced::new(Dialect::Shelly, &id);
    device.vendor = "Shelly".to_owned();
    device.models = vec![text(&told, "model")];
    device.models.retain(|model| !model.is_empty());
    device.speaks_at(&format!("shellies/{id}"));
    device.name.clone_from(&id);
    device.address = Some(id);
    Some(Ok(vec![device]))
}
