//! Lines of a story that say who comes, and when: what the register would say.

use jiff::civil::{Date, DateTime};

use crate::domain::person::give_shift;
use crate::domain::{Calendar, Contact, Duty, Home, Leave, Name, PersonId, Responder, Role, Shift};

/// What the register says of people from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// `person qian grid`: one more, told by the channel `screen`.
    Comes {
        /// Who.
        who: PersonId,
        /// In what capacity.
        role: Role,
    },
    /// `duty wang: workdays 08:00-18:00; sat,sun 09:00-17:00`
    Rota {
        /// Who.
        who: PersonId,
        /// Every week.
        duty: Vec<Duty>,
    },
    /// `leave wang 2026-12-24T18:00 to 2026-12-27T08:00: ill`
    Leave {
        /// Who.
        who: PersonId,
        /// When, and why.
        leave: Leave,
    },
    /// `shift qian 2026-12-24T18:00 to 2026-12-25T08:00 instead of zhao`
    Shift {
        /// Who.
        who: PersonId,
        /// When, and instead of whom.
        shift: Shift,
    },
    /// `holidays 2026-10-01, 2026-10-02`
    Holidays(Vec<Date>),
    /// `workdays 2026-10-10`
    Workdays(Vec<Date>),
    /// `visits weekly`: how often somebody visits.
    Visits(Name),
}

/// Reads what stands behind the time; `None`: it is about something else.
pub(super) fn read(said: &str) -> Result<Option<People>, String> {
    let Some((word, what)) = said.split_once(' ') else { return Ok(None) };
    let people = match word {
        "person" => {
            let wrong = "a person is `person WHO ROLE`";
            let (who, role) = what.split_once(' ').ok_or(wrong)?;
            People::Comes { who: who.parse()?, role: role.parse()? }
        }
        "duty" => {
            let (who, lines) = what.split_once(": ").ok_or("a rota is `duty WHO: LINE; LINE`")?;
            let duty = lines.split("; ").map(str::parse).collect::<Result<_, _>>()?;
            People::Rota { who: who.parse()?, duty }
        }
        "leave" => {
            let wrong = "a leave is `leave WHO FROM to TO: why`";
            let (when, why) = what.split_once(": ").ok_or(wrong)?;
            let (who, from, to) = stretch(when).ok_or(wrong)?;
            People::Leave { who, leave: Leave { from, to, why: why.to_owned(), noted: None } }
        }
        "shift" => {
            let wrong = "a shift is `shift WHO FROM to TO`, and `instead of WHOM` if it is a swap";
            let (when, other) = match what.split_once(" instead of ") {
                Some((when, other)) => (when, Some(other.parse()?)),
                None => (what, None),
            };
            let (who, from, to) = stretch(when).ok_or(wrong)?;
            People::Shift { who, shift: Shift { from, to, instead_of: other, noted: None } }
        }
        "holidays" => People::Holidays(days(what)?),
        "workdays" => People::Workdays(days(what)?),
        "visits" => People::Visits(what.parse()?),
        _ => return Ok(None),
    };
    Ok(Some(people))
}

/// `WHO FROM to TO`
fn stretch(text: &str) -> Option<(PersonId, DateTime, DateTime)> {
    let (who, when) = text.split_once(' ')?;
    let (from, to) = when.split_once(" to ")?;
    Some((who.parse().ok()?, from.parse().ok()?, to.parse().ok()?))
}

fn days(text: &str) -> Result<Vec<Date>, String> {
    let day = |text: &str| text.parse().map_err(|e| format!("`{text}` is not a date: {e}"));
    text.split(", ").map(day).collect()
}

impl People {
    /// The home as it is then.
    pub(super) fn apply(&self, home: &mut Home) {
        let Home { responders, visits, calendar: Calendar { holidays, workdays }, .. } = home;
        match self {
            Self::Comes { who, role } => {
                let screen: Option<Name> = "screen".parse().ok();
                let ways = screen.map(|channel| Contact::new(channel, String::new()));
                let ways = ways.into_iter().collect();
                responders.push(Responder::new(who.clone(), who.as_str(), *role, ways));
            }
            Self::Rota { who, duty } => {
                if let Some(person) = responders.iter_mut().find(|r| r.id == *who) {
                    person.rota.duty.clone_from(duty);
                }
            }
            Self::Leave { who, leave } => {
                if let Some(person) = responders.iter_mut().find(|r| r.id == *who) {
                    person.rota.leaves.push(leave.clone());
                }
            }
            Self::Shift { who, shift } => give_shift(responders, who, shift.clone()),
            Self::Holidays(days) => holidays.extend(days),
            Self::Workdays(days) => workdays.extend(days),
            Self::Visits(tier) => *visits = Some(tier.clone()),
        }
    }
}
