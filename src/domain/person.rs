//! The people who come.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::duty::{Leave, Rota, Shift};
use super::id::{Name, PersonId};
use super::lang::Lang;
use super::sentence::{Sentence, both};

/// Somebody who can come, or who is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responder {
    /// Unique on this hub.
    pub id: PersonId,
    /// As colleagues call them; for pages, never in logs.
    pub name: String,
    /// In what capacity they come.
    pub role: Role,
    /// How to reach them, best first. When one fails the next is tried at once.
    pub contacts: Vec<Contact>,
    /// What they are told in.
    #[serde(default, skip_serializing_if = "Lang::is_usual")]
    pub language: Lang,
    /// When they are on duty; empty: always.
    #[serde(default, skip_serializing_if = "Rota::is_empty")]
    pub rota: Rota,
}

impl Responder {
    /// Somebody of whom no more is known: told in Chinese, on duty always.
    pub fn new(id: PersonId, name: &str, role: Role, contacts: Vec<Contact>) -> Self {
        let (language, rota) = (Lang::default(), Rota::default());
        Self { id, name: name.to_owned(), role, contacts, language, rota }
    }
}

/// Gives a shift to one of `people`; whoever has it otherwise is off as long.
pub fn give_shift(people: &mut [Responder], who: &PersonId, shift: Shift) {
    let other = people.iter_mut().find(|p| Some(&p.id) == shift.instead_of.as_ref());
    if let Some(other) = other {
        let (from, to, noted) = (shift.from, shift.to, shift.noted.clone());
        other.rota.leaves.push(Leave::of_swap(who, from, to, noted));
    }
    if let Some(person) = people.iter_mut().find(|p| p.id == *who) {
        person.rota.shifts.push(shift);
    }
}

/// Who was in the register, and has left: what they did stays under their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Theirs for good.
    pub id: PersonId,
    /// As colleagues called them.
    pub name: String,
}

/// A way to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// A channel of `gateway.toml`.
    pub channel: Name,
    /// What the channel needs to find them: a number, a key; may be empty.
    pub to: String,
    /// On which day somebody saw that it reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Date>,
}

impl Contact {
    /// A way that nobody has tried.
    pub const fn new(channel: Name, to: String) -> Self {
        Self { channel, to, verified: None }
    }
}

macro_rules! roles {
    ($($variant:ident $name:literal $zh:literal;)+) => {
        /// In what capacity somebody comes; the order is the order of calling.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Role {
            $( #[doc = concat!("`", $name, "` ", $zh)] $variant, )+
        }

        impl Role {
            /// Every role there is.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// As written in plans and the register.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// On Chinese pages.
            pub const fn zh(self) -> &'static str {
                match self { $( Self::$variant => $zh, )+ }
            }
        }
    };
}

impl Role {
    /// Whether they direct others: give more time, let something wait, strike it out, call departments.
    pub const fn directs(self) -> bool {
        matches!(self, Self::Community | Self::Street | Self::Supervisor)
    }
}

roles! {
    Family     "family"     "家属";
    MicroGrid  "micro-grid" "微网格员";
    Grid       "grid"       "网格员";
    Community  "community"  "社区";
    Street     "street"     "街道";
    Department "department" "部门";
    Technician "technician" "运维人员";
    Supervisor "supervisor" "值班长";
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        Self::ALL.iter().copied().find(|r| r.name() == text).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|r| r.name()).collect();
            let all = all.join(", ");
            both!("没有“{text}”这一角色：可写 {all}", "there is no role `{text}`: one of {all}")
        })
    }
}
