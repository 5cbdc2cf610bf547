//! The simple ones among the templates of Home Assistant: where in a payload a value stands.

use super::step;

/// Filters that change nothing of what we read.
const HARMLESS: &[&str] = &["is_defined", "float", "int", "string", "default"];

/// The JSON pointer that a template reads; empty for the whole payload. `None`: it does more than
/// naming a place, and a person must look.
pub(super) fn pointer(template: &str) -> Option<String> {
    let inner = template.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let mut parts = inner.trim_matches('-').split('|');
    let place = parts.next()?.trim();
    let is_harmless = |filter: &str| {
        let name = filter.trim().split('(').next().unwrap_or_default();
        HARMLESS.contains(&name.trim())
    };
    if !parts.all(is_harmless) {
        return None;
    }
    if place == "value" {
        return Some(String::new());
    }
    let mut rest = place.strip_prefix("value_json")?;
    let mut pointer = String::new();
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix('.') {
            Some(named) => {
                let end = named.find(['.', '[']).unwrap_or(named.len());
                named.split_at_checked(end)?
            }
            None => {
                let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
                let bare = |q: char| key.strip_prefix(q).and_then(|k| k.strip_suffix(q));
                (bare('\'').or_else(|| bare('"')).or_else(|| index(key))?, after)
            }
        };
        let is_key = |c: char| !matches!(c, '\'' | '"' | '(' | ')' | '{' | '}' | '+' | '*');
        if key.is_empty() || !key.chars().all(is_key) {
            return None;
        }
        // `value_json.x > 3` is no place.
        if key.contains(char::is_whitespace) && !rest.starts_with('[') {
            return None;
        }
        pointer.push_str(&step(key));
        rest = after;
    }
    Some(pointer)
}

fn index(key: &str) -> Option<&str> {
    (!key.is_empty() && key.chars().all(|c| c.is_ascii_digit())).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_template_that_names_a_place_is_read_and_any_other_is_left_to_a_person() {
        for (template, place) in [
            ("{{ value_json.bed }}", "/bed"),
            ("{{ value_json[\"contact\"] }}", "/contact"),
            ("{{value_json['PMS5003']['CF2.5']}}", "/PMS5003/CF2.5"),
            ("{{ value_json.hum | is_defined }}", "/hum"),
            ("{{ value_json.a.b[0].c | float(0) }}", "/a/b/0/c"),
            ("{{ value_json['a/b'] }}", "/a~1b"),
            ("{{ value }}", ""),
        ] {
            assert_eq!(pointer(template).as_deref(), Some(place), "{template}");
        }
        for template in [
            "{{ value_json.x > 3 }}",
            "{{ value_json.x | round(1) * 2 }}",
            "{{ value_json.x * 10 }}",
            "{{ 'ON' if value_json.x else 'OFF' }}",
            "{% if value_json.x %}a{% endif %}",
            "{{ value_json.x }} {{ value_json.y }}",
            "{{ states('sensor.x') }}",
            "value_json.x",
            "{{ value_json. }}",
            "{{ value_json[x] }}",
            "",
        ] {
            assert_eq!(pointer(template), None, "{template}");
        }
    }
}
