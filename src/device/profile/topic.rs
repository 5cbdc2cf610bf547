//! Topic patterns: levels, `{device}` for the address of a device, `+` for any one level.

/// What stands for the address in a pattern.
pub(crate) const DEVICE: &str = "{device}";

/// Whether a pattern can be subscribed to and tells its devices apart.
pub(super) fn check(pattern: &str, is_shared: bool) -> Result<(), String> {
    let devices = pattern.matches(DEVICE).count();
    if is_shared && devices != 0 {
        return Err(format!("`{pattern}`: the payload tells the device, not the topic"));
    }
    if !is_shared && devices != 1 {
        return Err(format!("`{pattern}`: `{DEVICE}` stands in it once"));
    }
    let is_level = |level: &str| level == "+" || !level.contains(['+', '#', '\0']);
    if pattern.split('/').all(is_level) {
        return Ok(());
    }
    Err(format!("`{pattern}`: `+` is a whole level, and `#` is not used"))
}

/// Whether a pattern without `{device}` fits a topic.
pub(crate) fn fits(pattern: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    pattern
        .split('/')
        .all(|wanted| levels.next().is_some_and(|level| wanted == "+" || wanted == level))
        && levels.next().is_none()
}

/// Whether a pattern fits a topic, whatever the address; an address may have several levels.
pub(super) fn covers(pattern: &str, topic: &str) -> bool {
    let Some((before, after)) = pattern.split_once(DEVICE) else { return fits(pattern, topic) };
    let ends = topic.char_indices().map(|(n, _)| n).chain([topic.len()]);
    ends.clone().any(|from| {
        ends.clone().any(|to| {
            let parts = topic.get(..from).zip(topic.get(to..)).filter(|_| from < to);
            parts.is_some_and(|(head, tail)| fits(before, head) && fits(after, tail))
        })
    })
}

/// What stands for the address in a topic that the pattern fits; the shortest that can.
pub(crate) fn address<'t>(pattern: &str, topic: &'t str) -> Option<&'t str> {
    let (before, after) = pattern.split_once(DEVICE)?;
    let ends: Vec<usize> = topic.char_indices().map(|(n, _)| n).chain([topic.len()]).collect();
    // Beyond this a topic is no device's, and the search would take long.
    if 1024 < ends.len() {
        return None;
    }
    let part = |from: usize, to: usize| {
        let (head, tail) = topic.get(..from).zip(topic.get(to..))?;
        let fit = fits(before, head) && fits(after, tail);
        topic
            .get(from..to)
            .filter(|address| fit && !address.starts_with('/') && !address.ends_with('/'))
    };
    let ends_of = |from: usize| ends.iter().copied().filter(move |to| from < *to);
    ends.iter().find_map(|from| {
        let head = topic.get(..*from)?;
        fits(before, head).then(|| ends_of(*from).find_map(|to| part(*from, to)))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_addresses_with_blanks_and_slashes() {
        assert!(covers("zigbee2mqtt/{device}", "zigbee2mqtt/living room/door 1"));
        assert!(covers("home/+/BTtoMQTT/{device}", "home/gw/BTtoMQTT/AABB"));
        assert!(covers("tele/x_{device}/SENSOR", "tele/x_1/SENSOR"));
        assert!(!covers("zigbee2mqtt/{device}/availability", "zigbee2mqtt/door"));
        assert!(!covers("home/+/BTtoMQTT/{device}", "home/a/b/BTtoMQTT/AABB"));
        assert_eq!(address("zigbee2mqtt/{device}", "zigbee2mqtt/a b/c"), Some("a b/c"));
        assert_eq!(
            address("zigbee2mqtt/{device}/availability", "zigbee2mqtt/a/availability"),
            Some("a")
        );
        assert_eq!(address("home/+/BTtoMQTT/{device}", "home/gw/BTtoMQTT/AABB"), Some("AABB"));
        assert_eq!(address("tele/{device}/SENSOR", "tele/x/STATE"), None);
        assert!(fits("a/+/c", "a//c") && !fits("a/+", "a/b/c") && !fits("a/+/c", "a/b"));
        assert!(check("a/{device}/+", false).is_ok() && check("a/{device}x+", false).is_err());
    }
}
