use super::*;

fn read(text: &str) -> Recording {
    let coverage = include_str!("../../../../config/coverage.toml");
    let coverage = Coverage::read(("coverage.toml", coverage)).unwrap();
    Recording::read("r", text.as_bytes(), &coverage)
}

fn line(at: &str, device: &str, value: &str) -> String {
    format!(
        "{{\"at\":\"{at}\",\"home\":\"h1\",\"device\":\"{device}\",\"property\":\"motion\",\"value\":{value}}}\n"
    )
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn lines_are_put_in_order_and_what_is_there_twice_is_left_out() {
    let text = [
        line("2011-06-15T10:00:00+02:00", "a", "true"),
        line("2011-06-15T09:00:00+01:00", "b", "true"),
        line("2011-06-15T07:30:00Z", "a", "false"),
        // The same as the first, by another clock; and the first as it is.
        line("2011-06-15T08:00:00Z", "a", "true"),
        line("2011-06-15T10:00:00+02:00", "a", "true"),
        line("2011-06-15T10:00:00+02:00", "a", "false"),
    ];
    let recording = read(&text.concat());
    let order: Vec<usize> = recording.lines.iter().map(|line| line.nth).collect();
    assert_eq!(order, [3, 1, 2, 6]);
    assert_eq!(
        said(&recording.notes),
        [
            "r:3:1: lines out of order from here on, put in their place: 1",
            "r:3:1: times in +01:00 (1 from line 2) and +02:00 (3 from line 1) and UTC (2 from line 3): each taken as it says",
            "r:4:1: lines that are there twice from here on, left out: 2",
        ]
    );
    assert!(recording.verdict().is_ok());
}

#[test]
fn gaps_are_said_home_by_home() {
    let days = ["01", "02", "05", "06", "09"];
    let text: String =
        days.map(|day| line(&format!("2011-06-{day}T10:00:00Z"), "a", "true")).concat();
    let other = line("2011-06-03T10:00:00Z", "a", "true").replace("h1", "h2");
    let recording = read(&(text + &other));
    assert_eq!(
        said(&recording.notes),
        [
            "r:3:1: silences of home `h1` longer than 1d: 2, 6d in all, first from 2011-06-02T10:00:00.000Z to 2011-06-05T10:00:00.000Z: what was then is unknown, and the rules take it for silence"
        ]
    );
}

#[test]
fn what_is_not_understood_is_refused_line_by_line_with_its_place() {
    let right = line("2011-06-15T10:00:00Z", "a", "true");
    let text = [
        right.replace("motion", "motoin"),
        right.replace("true", "\"on\""),
        right.replace("true", "3"),
        right.replace("10:00:00Z", "10:00:00"),
        right.replace("\"home\"", "\"hoem\""),
        right.replace('}', ""),
        "\n".to_owned(),
        right.clone(),
    ];
    let recording = read(&text.concat());
    assert_eq!(recording.lines.len(), 1);
    let said = said(&recording.wrong);
    let expected = [
        ("r:1:55: ", "motoin"),
        ("r:2:75: ", "true, false or a number"),
        ("r:3:75: ", "motion"),
        ("r:4:2: ", "RFC 3339"),
        ("r:5:35: ", "unknown field `hoem`"),
        ("r:6:", "EOF"),
    ];
    assert_eq!(said.len(), expected.len(), "{said:?}");
    for (said, (place, why)) in said.iter().zip(expected) {
        assert!(said.starts_with(place) && said.contains(why), "{said}");
    }
    assert!(recording.verdict().is_err());
}

#[test]
fn rooms_are_known_by_their_words_and_those_that_are_not_are_named() {
    let at = |room: &str, device: &str| {
        line("2011-06-15T10:00:00Z", device, "true")
            .replace('}', &format!(",\"room\":\"{room}\"}}"))
    };
    let text = [at("kitchen", "a"), at("attic", "b"), at("hall", "a").replace("10:", "11:")];
    let recording = read(&text.concat());
    assert_eq!(
        said(&recording.notes),
        [
            "r:2:1: `attic` is no kind of room that coverage.toml knows",
            "r:3:1: `a` of home `h1` is in `kitchen` from the first on",
        ]
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let config = crate::config::load(&folder).unwrap();
    let own = "elsewhere".parse().unwrap();
    let mut recording = recording;
    recording.lines.iter_mut().for_each(|line| line.home = HomeId::clone(&own));
    let rooms = recording.rooms.into_values().next().unwrap();
    recording.rooms = BTreeMap::from([(own.clone(), rooms)]);
    let home = recording.home(&config, &own).unwrap();
    let devices: Vec<_> = home.devices.iter().map(|d| (d.id.as_str(), d.place)).collect();
    assert_eq!(devices, [("a", Some(crate::domain::Place::Kitchen)), ("b", None)]);
}
