//! What the stories want of `config`, where there is nothing but the pure modules: the shipped rules and plans,
//! and the shipped register's home.

use std::path::Path;
use std::sync::Arc;

use crate::domain::{Binding, Calendar, Contact, Device, Home, Place, Responder, Role};
use crate::engine::Book;

pub struct Config {
    pub book: Arc<Book>,
    pub homes: Vec<Arc<Home>>,
}

pub fn load(folder: &Path) -> Result<Config, String> {
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).map_err(|e| e.to_string());
    let (rules, plans) = (read("rules.toml")?, read("plans.toml")?);
    let book = Book::read(("rules.toml", &rules), ("plans.toml", &plans));
    let book = book.map_err(|all| all.iter().map(|p| format!("{p}\n")).collect::<String>())?;
    let register: toml::Table = read("register.toml")?.parse().map_err(|e| format!("{e}"))?;
    let calendar = register.get("calendar").cloned().map(toml::Value::try_into);
    let calendar = calendar.unwrap_or_else(|| Ok(Calendar::default())).map_err(|e| e.to_string())?;
    let home = Home { calendar, ..home() };
    Ok(Config { book: Arc::new(book), homes: vec![Arc::new(home)] })
}

fn home() -> Home {
    let device = |id: &str, room: &str, place: Place, is_life: bool| Device {
        room: room.into(),
        place: Some(place),
        is_life,
        ..Device::new(id.parse().unwrap(), "", Binding::Mqtt(id.into()))
    };
    let way = |channel: &str, to: &str| Contact::new(channel.parse().unwrap(), to.into());
    let person = |id: &str, role: Role, ways: &[Contact]| {
        Responder::new(id.parse().unwrap(), id, role, ways.to_vec())
    };
    let devices = vec![
        device("fall-radar", "bathroom", Place::Bathroom, true),
        device("bed-pad", "bedroom", Place::Bedroom, false),
        device("help-button", "living room", Place::Living, true),
        device("ok-button", "living room", Place::Living, true),
        device("kitchen-leak", "kitchen", Place::Kitchen, true),
        device("kitchen-smoke", "kitchen", Place::Kitchen, true),
        device("hall-motion", "hall", Place::Hall, false),
        device("front-door", "hall", Place::Hall, false),
    ];
    let screen = || [way("screen", "")];
    let mut home = Home::new("h1".parse().unwrap(), "Asia/Shanghai", devices);
    home.responders = vec![
        person("daughter", Role::Family, &screen()),
        person("wang", Role::MicroGrid, &[way("screen", ""), way("radio", "wang")]),
        person("zhao", Role::Grid, &screen()),
        person("li", Role::Community, &screen()),
        person("chen", Role::Street, &screen()),
        person("wu", Role::Technician, &screen()),
    ];
    home.ask = vec![way("radio", "h1")];
    home
}
