//! What people say of the home: that nobody is there, that a rule is to be quiet for a while.
//!
//! **Invariant (P6):** neither hides a life alarm. A home that is said to be empty still has smoke,
//! falls and calls for help; and only what is below `serious` can be silenced. Test:
//! the story `silence`, `tests/web/known.rs`.

use crate::domain::said::{AWAY_MAX, SILENCE_MAX};
use crate::domain::{Level, Name, PersonId, Refusal, Said, Silence, Span, Time};

use super::moves::Moved;
use super::{Effect, Engine};

impl Engine {
    pub(super) fn said(&mut self, by: &PersonId, what: &Said, fx: &mut Vec<Effect>) {
        if let Err(why) = self.try_say(by, what, fx) {
            fx.push(Effect::Refused { incident: None, why });
        }
    }

    fn try_say(&mut self, by: &PersonId, what: &Said, fx: &mut Vec<Effect>) -> Moved {
        if let Said::Report { rule, from, text, code } = what {
            // Whoever asks for something need not be one of those who come.
            return self.report(by, (rule, *from), (text, code.as_deref()), fx);
        }
        if self.home().is_none_or(|home| home.responder(by).is_none()) {
            return Err(Refusal::NoPerson { by: by.clone() });
        }
        let now = self.at;
        if self.is_post() && matches!(what, Said::Away { .. } | Said::Back | Said::Visit { .. }) {
            return Err(Refusal::NoResident);
        }
        match what {
            Said::Away { lasts } => {
                let lasts = within(*lasts, AWAY_MAX)?;
                self.go_away(by, lasts, fx);
            }
            Said::Back => {
                self.come_back(fx);
                self.discharged(fx);
            }
            Said::Report { .. } => {}
            Said::Visit { why } => self.call_visit(why, fx)?,
            Said::Silence { rule, lasts, why } => {
                let lasts = within(*lasts, SILENCE_MAX)?;
                self.may_be_silent(rule)?;
                self.state.silences.retain(|s| s.rule != *rule);
                let (rule, by, why) = (rule.clone(), by.clone(), why.clone());
                self.state.silences.push(Silence { rule, by, why, until: now + lasts });
            }
            Said::Speak { rule } => {
                self.may_be_silent(rule)?;
                self.state.silences.retain(|s| s.rule != *rule);
                self.judge_all(fx);
            }
        }
        Ok(())
    }

    fn may_be_silent(&self, rule: &Name) -> Moved {
        let named = self.rule(rule);
        match named.map(|rule| rule.level) {
            None => Err(Refusal::NoRule { rule: rule.clone() }),
            Some(level) if Level::Serious <= level => {
                Err(Refusal::NotSilent { rule: rule.clone(), level })
            }
            Some(_) => Ok(()),
        }
    }

    /// Until when this rule is silent, if it is.
    pub(super) fn silent_until(&self, rule: &Name) -> Option<Time> {
        let all = self.state.silences.iter().filter(|s| s.rule == *rule);
        all.map(|silence| silence.until).find(|until| self.at < *until)
    }
}

/// Nothing that people set up for a while is without an end.
pub(super) fn within(lasts: Span, most: Span) -> Result<Span, Refusal> {
    if lasts < Span::seconds(1) || most < lasts {
        Err(Refusal::TooLong { most })
    } else {
        Ok(lasts)
    }
}
