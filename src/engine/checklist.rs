//! What whoever comes looks at: `[[checklist]]` in `rules.toml`.

use crate::domain::{Name, Title};
use crate::form::Form;
use crate::rule::read_title;

/// A list of things to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// As rules and visits name it.
    pub name: Name,
    /// At least one.
    pub items: Vec<Item>,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name in moves, unique within its list.
    pub name: Name,
    /// What people read.
    pub title: Title,
    /// Under which heading it stands, if the list has headings.
    pub under: Option<Title>,
}

impl Checklist {
    /// Reads all of them.
    pub(super) fn read_all(form: &mut Form<'_, '_>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for mut list in form.forms("checklist") {
            let name = list.needs::<Name>("name");
            let mut items: Vec<Item> = Vec::new();
            for mut item in list.forms("items") {
                let (name, title) = (item.needs::<Name>("name"), read_title(&mut item));
                let under = item.form("under").and_then(|mut under| {
                    let (zh, en) = (under.needs("zh"), under.needs("en"));
                    under.done();
                    Some(Title::new(zh?, en?))
                });
                if let Some(name) = name.as_ref().filter(|n| items.iter().any(|i| i.name == **n)) {
                    item.wrong(format!("item `{name}` is there twice"));
                }
                item.done();
                if let (Some(name), Some(title)) = (name, title) {
                    items.push(Item { name, title, under });
                }
            }
            if items.is_empty() {
                list.wrong("a checklist has `items`, one or more".to_owned());
            }
            if let Some(name) = name.as_ref().filter(|n| all.iter().any(|l| l.name == **n)) {
                list.wrong(format!("checklist `{name}` is there twice"));
            }
            list.done();
            all.extend(name.map(|name| Self { name, items }));
        }
        all
    }
}
