//! Moves by MQTT: `careloop/incidents/h1-7/moves` with `{"move":"accept","by":"wang"}`.

use serde::Deserialize;

use crate::device::{Origin, RawMessage};
use crate::domain::{Act, HomeId, IncidentId, Input, PersonId};

/// The topics that carry moves, as a filter.
pub const MOVES: &str = "careloop/incidents/+/moves";

#[derive(Deserialize)]
struct Written {
    by: String,
    #[serde(flatten)]
    act: Act,
}

/// The move that a message carries, if its topic is one for moves; or what is wrong with it.
pub(super) fn read(raw: &RawMessage) -> Option<Result<(HomeId, Input), String>> {
    let Origin::Mqtt(topic) = &raw.origin else { return None };
    let id = topic.strip_prefix("careloop/incidents/")?.strip_suffix("/moves")?;
    Some(parse(id, &raw.payload))
}

fn parse(id: &str, payload: &[u8]) -> Result<(HomeId, Input), String> {
    let id: IncidentId = id.parse()?;
    let wrong = |e: serde_json::Error| {
        format!("a move is such as {{\"move\":\"accept\",\"by\":\"wang\"}}: {e}")
    };
    let Written { by, act } = serde_json::from_slice(payload).map_err(wrong)?;
    let by: PersonId = by.parse()?;
    Ok((id.home, Input::Move { incident: id.n, by, act }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str, payload: &str) -> RawMessage {
        let origin = Origin::Mqtt(topic.to_owned());
        RawMessage { origin, payload: payload.into(), retained: false }
    }

    #[test]
    fn a_move_is_read_from_its_topic_and_payload() {
        let payload = r#"{"move":"resolve","outcome":"assisted","by":"wang"}"#;
        let (home, input) =
            read(&message("careloop/incidents/h1-7/moves", payload)).unwrap().unwrap();
        assert_eq!(home.as_str(), "h1");
        assert!(matches!(input, Input::Move { incident: 7, .. }));
        assert!(read(&message("zigbee2mqtt/x", payload)).is_none());
        for wrong in ["", "{}", "{\"move\":\"fly\",\"by\":\"wang\"}", "{\"move\":\"accept\"}"] {
            let read = read(&message("careloop/incidents/h1-7/moves", wrong)).unwrap();
            assert!(read.is_err(), "{wrong}");
        }
    }
}
