//! `careloop register leave`, `back`, `shift`, `swap`, `responder`, `verified`, `consent`, `withdraw`: deeds about people.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::super::{Failure, load};
use super::{How, settle};
use crate::clock::Clock;
use crate::domain::{Duty, Home, HomeId, Lang, Name, PersonId, Role, Scope};
use crate::registrar::{Change, Edit, Way};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Deed {
    /// Say that somebody is off duty for a while: holidays, illness
    Leave(Leave),
    /// Say that somebody is back before their leave ends
    Back(Back),
    /// Say that somebody is on duty for a while, also beyond the rota
    Shift(Shift),
    /// Say that one has the shift of another, who is off as long
    Swap(Swap),
    /// Take somebody into the register, or say what is otherwise; what is left out stays as it is
    Responder(Responder),
    /// Say that a way to reach somebody was tried, and reached them
    Verified(Verified),
    /// Write down what a resident agrees to
    Consent(Consent),
    /// Write down that a resident agrees no longer: it ends at once
    Withdraw(Withdraw),
}

/// When, and who says so.
#[derive(Debug, Clone, clap::Args)]
struct When {
    /// From when, on the wall clock of the home: "2026-12-24 18:00"
    #[arg(long)]
    from: String,
    /// Until when
    #[arg(long)]
    to: String,
    #[command(flatten)]
    noted: Noted,
}

#[derive(Debug, Clone, clap::Args)]
struct Noted {
    /// Who says so, as in the register
    #[arg(long)]
    by: PersonId,
    /// On which day; today, if left out
    #[arg(long)]
    on: Option<Date>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Leave {
    /// Who is off
    who: PersonId,
    /// Why
    #[arg(long)]
    why: String,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Back {
    /// Who is back
    who: PersonId,
    /// Since when, on the wall clock of the home: "2026-12-24 18:00"; now, if left out
    #[arg(long)]
    at: Option<String>,
    #[command(flatten)]
    noted: Noted,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Shift {
    /// Who is on duty
    who: PersonId,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Swap {
    /// Who comes
    who: PersonId,
    /// Whose shift it was
    instead_of: PersonId,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Responder {
    /// Who
    who: PersonId,
    /// As colleagues call them
    #[arg(long)]
    name: Option<String>,
    /// In what capacity they come: family, micro-grid, grid, community, street, department, technician or supervisor
    #[arg(long)]
    role: Option<Role>,
    /// What they are told in: zh or en
    #[arg(long)]
    language: Option<Lang>,
    /// When they are on duty, "workdays 08:00-18:00"; again for each line
    #[arg(long, value_name = "LINE")]
    duty: Vec<Duty>,
    /// They are on duty always
    #[arg(long, conflicts_with = "duty")]
    always: bool,
    /// A way to reach them, best first: a channel, and behind `=` what it needs, "sms=13800000000"
    #[arg(long = "contact", value_name = "CHANNEL[=TO]")]
    contacts: Vec<String>,
    /// A home they come to, besides those they come to already
    #[arg(long = "home", value_name = "HOME")]
    homes: Vec<HomeId>,
    /// Who says so, as in the register
    #[arg(long)]
    by: Option<PersonId>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Verified {
    /// Who was reached
    who: PersonId,
    /// By which channel
    channel: Name,
    /// Who says so, as in the register
    #[arg(long)]
    by: Option<PersonId>,
    /// On which day; today, if left out
    #[arg(long)]
    on: Option<Date>,
    /// The code of the trial message, as they say it back; without, a person saw that it arrives
    #[arg(long)]
    code: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Consent {
    /// Whose home
    home: HomeId,
    /// To what: health, location, family-sharing or remote-visit
    scope: Scope,
    /// What for
    #[arg(long)]
    purpose: String,
    /// Who gave it: "the resident", a guardian
    #[arg(long)]
    by: String,
    /// On which day; today, if left out
    #[arg(long)]
    on: Option<Date>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Withdraw {
    /// Whose home
    home: HomeId,
    /// To what: health, location, family-sharing or remote-visit
    scope: Scope,
    /// Who says so, as in the register
    #[arg(long)]
    by: Option<PersonId>,
    /// On which day; today, if left out
    #[arg(long)]
    on: Option<Date>,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(folder: &Path, deed: &Deed) -> Result<(), Failure> {
    let now = now(folder, deed)?;
    let today = now.date();
    let (edit, how) = match deed {
        Deed::Leave(Leave { who, why, when, how }) => {
            let (who, why) = (who.clone(), why.clone());
            let (from, to, by, on) = when.said(today);
            (Edit::Leave { who, from, to, why, by, on }, how)
        }
        Deed::Back(Back { who, at, noted: Noted { by, on }, how }) => {
            let at = at.clone().unwrap_or_else(|| now.strftime("%Y-%m-%d %H:%M").to_string());
            let (by, on) = (by.clone(), on.unwrap_or(today));
            (Edit::Back { who: who.clone(), at, by, on }, how)
        }
        Deed::Shift(Shift { who, when, how }) => {
            let (from, to, by, on) = when.said(today);
            (Edit::Shift { who: who.clone(), from, to, instead_of: None, by, on }, how)
        }
        Deed::Swap(Swap { who, instead_of, when, how }) => {
            let (from, to, by, on) = when.said(today);
            let instead_of = Some(instead_of.clone());
            (Edit::Shift { who: who.clone(), from, to, instead_of, by, on }, how)
        }
        Deed::Responder(responder) => (responder.edit(today), &responder.how),
        Deed::Verified(Verified { who, channel, by, on, code, how }) => {
            let (who, channel, by, code) = (who.clone(), channel.clone(), by.clone(), code.clone());
            (Edit::Verified { who, channel, on: on.unwrap_or(today), code, by }, how)
        }
        Deed::Consent(Consent { home, scope, purpose, by, on, how }) => {
            let (home, purpose, by) = (home.clone(), purpose.clone(), by.clone());
            let on = on.unwrap_or(today);
            (Edit::Consent { home, scope: *scope, purpose, by, on }, how)
        }
        Deed::Withdraw(Withdraw { home, scope, by, on, how }) => {
            let on = on.unwrap_or(today);
            let (home, by) = (home.clone(), by.clone());
            (Edit::Withdraw { home, scope: *scope, on, by }, how)
        }
    };
    settle(folder, &Change::Edits(vec![edit]), *how).map(drop)
}

/// By the clock of the first home to which whoever is back comes, or of the first of all.
fn now(folder: &Path, deed: &Deed) -> Result<DateTime, Failure> {
    let config = load(folder)?;
    let comes = |home: &&Arc<Home>| match deed {
        Deed::Back(Back { who, .. }) => home.responder(who).is_some(),
        Deed::Leave(_)
        | Deed::Shift(_)
        | Deed::Swap(_)
        | Deed::Responder(_)
        | Deed::Verified(_)
        | Deed::Consent(_)
        | Deed::Withdraw(_) => false,
    };
    let home = config.homes.iter().find(comes).or(config.homes.first());
    let zone = home.and_then(|home| TimeZone::get(&home.zone).ok());
    Ok(Clock::start(None).wall().civil(&zone.unwrap_or(TimeZone::UTC)))
}

impl When {
    fn said(&self, today: Date) -> (String, String, PersonId, Date) {
        let Noted { by, on } = &self.noted;
        (self.from.clone(), self.to.clone(), by.clone(), on.unwrap_or(today))
    }
}

impl Responder {
    fn edit(&self, today: Date) -> Edit {
        let is_said = self.always || !self.duty.is_empty();
        Edit::Responder {
            who: self.who.clone(),
            name: self.name.clone(),
            role: self.role,
            language: self.language,
            duty: is_said.then(|| self.duty.clone()),
            contacts: self.contacts.iter().map(|text| Way::of(text)).collect(),
            homes: self.homes.clone(),
            by: self.by.clone(),
            on: Some(today),
        }
    }
}
