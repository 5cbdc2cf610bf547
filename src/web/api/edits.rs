//! How a deed on the register is written, for the description; it is read as an [`Edit`](crate::registrar::Edit).

use utoipa::ToSchema;

use super::spelling::{
    Day, LangWord, MountWord, Named, RoleWord, ScopeWord, each, one_of, spelling,
};

/// The words of all deeds
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read as an `Edit`")]
struct EditWords {
    home: Named,
    /// Its name within the home.
    device: Named,
    /// The model.
    #[schema(example = "zigbee2mqtt/tuya-TS0207")]
    profile: String,
    /// What stands for `{device}` in the model's topic.
    mqtt: String,
    /// What stands for the first level of the model's topics, if its bridge has another.
    #[schema(example = "zigbee")]
    base: String,
    /// A serial port.
    serial: String,
    /// The unit on a Modbus line, 1 to 247.
    #[schema(minimum = 1, maximum = 247)]
    unit: u8,
    #[schema(example = "kitchen")]
    room: String,
    mount: MountWord,
    /// cm above the floor.
    #[schema(format = Int64, minimum = 0, maximum = 4_294_967_295_i64)]
    height: u32,
    /// Make a user and a password for the hub's own MQTT listener.
    credentials: bool,
    /// Take the password away, make no other.
    revoke: bool,
    /// The person.
    who: Named,
    /// On the wall clock of the home.
    #[schema(example = "2026-12-24 18:00")]
    from: String,
    /// On the wall clock of the home.
    #[schema(example = "2026-12-27 08:00")]
    to: String,
    why: String,
    /// Whose it was; they are off as long.
    instead_of: Named,
    /// Since when, on the wall clock of the home.
    at: String,
    /// Who says so, one of the register. Of `consent`: who gave it.
    by: Named,
    /// On which day.
    on: Day,
    name: String,
    role: RoleWord,
    language: LangWord,
    /// When they are on duty; an empty list: always.
    duty: Vec<DutyLine>,
    /// In the place of what was.
    contacts: Vec<NewWay>,
    /// They come to these as well.
    homes: Vec<Named>,
    /// By what they were reached.
    channel: Named,
    /// The code of the trial message; without, a person saw that it arrives.
    #[schema(example = "4827")]
    code: String,
    scope: ScopeWord,
    /// What for.
    purpose: String,
    /// Which rule is otherwise for the home; without `set` and `off` it is as for everybody.
    #[schema(example = "oxygen")]
    rule: Named,
    /// What is otherwise, as a table of rules.toml.
    #[schema(example = "detect.threshold.below = 88")]
    set: String,
    /// It is not looked for at all.
    off: bool,
}

/// A way to reach somebody
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes the body, which is read as an `Edit`")]
struct NewWay {
    /// A channel of `gateway.toml`.
    channel: String,
    /// What the channel needs to find them.
    #[schema(required = false)]
    to: String,
}

/// What each deed takes: must have, or may.
const DEEDS: [(&str, &[&str], &[&str]); 16] = [
    (
        "adopt",
        &["home", "device"],
        &["profile", "mqtt", "base", "serial", "unit", "room", "mount", "height", "credentials"],
    ),
    ("place", &["home", "device"], &["room", "mount", "height"]),
    ("replace", &["home", "device"], &["profile", "mqtt", "base", "serial", "unit", "credentials"]),
    ("retire", &["home", "device"], &[]),
    ("credentials", &["home", "device"], &["revoke"]),
    ("leave", &["who", "from", "to", "why", "by", "on"], &[]),
    ("back", &["who", "at", "by", "on"], &[]),
    ("shift", &["who", "from", "to", "by", "on"], &["instead_of"]),
    ("responder", &["who"], &["name", "role", "language", "duty", "contacts", "homes", "by", "on"]),
    ("verified", &["who", "channel", "on"], &["code", "by"]),
    ("consent", &["home", "scope", "purpose", "by", "on"], &[]),
    ("withdraw", &["home", "scope", "on"], &["by"]),
    ("release", &["who", "home", "by", "on"], &[]),
    ("depart", &["who", "by", "on"], &[]),
    ("remove", &["home"], &[]),
    ("tune", &["home", "rule", "by", "on", "why"], &["set", "off"]),
];

/// What is a yes or a no, or a list, is left out where nothing is to be said.
const NEVER_NULL: [&str; 6] = ["credentials", "revoke", "contacts", "homes", "set", "off"];

/// One deed, or several
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the body, which is read as an `Edit`")]
pub(super) enum NewEdits {
    /// One.
    One(NewEdit),
    /// Several, one after the other: all of them or none.
    Several(Vec<NewEdit>),
}

spelling! {
    /// What is done to a device of the register, or to what it says of people
    NewEdit with EditWords = each::<EditWords>(
        "do",
        DEEDS.map(|(deed, must, may)| (deed, must.to_vec(), may.to_vec())),
        |word| !NEVER_NULL.contains(&word),
    );
    /// Of what there are rows
    PartWord = one_of(["people", "homes"]);
    /// `workdays 08:00-18:00`
    DutyLine = super::spelling::text(
        "^(daily|workdays|restdays|(mon|tue|wed|thu|fri|sat|sun)([-,](mon|tue|wed|thu|fri|sat|sun))*) \
        ([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
    );
}
