//! A plan: whom to tell, in what order, and how long each may take. Its last rung repeats until a
//! person answers (P3).

use crate::domain::{Name, Role, Span};
use crate::form::Form;

/// A ladder of rungs and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// As rules name it.
    pub name: Name,
    /// At least one.
    rungs: Vec<Rung>,
    /// How often the last rung is told again.
    pub repeat: Span,
    /// Accepted and nobody there for longer: the ladder goes on.
    pub arrive_within: Span,
    /// Somebody there and no outcome for longer: the ladder goes on.
    pub resolve_within: Span,
    /// An outcome and no second person for longer: the ladder goes on.
    pub verify_within: Span,
}

/// Who is told together, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// In what capacity.
    pub tell: Vec<Role>,
    /// Counted from the alarm.
    pub after: Span,
}

impl Plan {
    /// The rung of this number; beyond the last, the last.
    pub fn rung(&self, n: usize) -> &Rung {
        const NONE: &Rung = &Rung { tell: Vec::new(), after: Span::ZERO };
        self.rungs.get(n).or(self.rungs.last()).unwrap_or(NONE)
    }

    /// The number of the last rung.
    pub const fn last(&self) -> usize {
        self.rungs.len().saturating_sub(1)
    }

    /// Every role that any rung tells.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.rungs.iter().flat_map(|r| r.tell.iter().copied())
    }

    pub(super) fn read(mut form: Form<'_, '_>, name: Option<Name>) -> Option<Self> {
        let (mut rungs, mut repeat) = (Vec::<Rung>::new(), None);
        let forms = form.forms("rungs");
        let last = forms.len();
        for (n, mut rung) in forms.into_iter().enumerate() {
            let tell = rung.list::<Role>("tell");
            if tell.is_empty() {
                rung.wrong("a rung tells somebody: write tell = [ … ]".to_owned());
            }
            let after = rung.needs::<Span>("after").unwrap_or(Span::ZERO);
            if rungs.last().is_some_and(|before| after <= before.after) {
                rung.wrong(format!("a rung comes later than the one before it; {after} does not"));
            }
            let again = rung.may::<Span>("repeat");
            match again {
                Some(_) if n + 1 < last => rung.wrong("only the last rung repeats".to_owned()),
                Some(span) if span < Span::seconds(1) => {
                    rung.wrong(format!("repeat {span} is shorter than a second"));
                }
                None if n + 1 == last => {
                    rung.wrong(
                        "the last rung repeats until a person answers (P3): write repeat = \"60s\""
                            .to_owned(),
                    );
                }
                Some(_) | None => repeat = again,
            }
            rung.done();
            rungs.push(Rung { tell, after });
        }
        if rungs.is_empty() {
            form.wrong("a plan has `rungs`, one or more".to_owned());
        }
        let arrive_within = form.needs::<Span>("arrive_within");
        let resolve_within = form.needs::<Span>("resolve_within");
        let verify_within = form.needs::<Span>("verify_within");
        for (key, span) in [
            ("arrive_within", arrive_within),
            ("resolve_within", resolve_within),
            ("verify_within", verify_within),
        ] {
            if span.is_some_and(|span| span < Span::seconds(1)) {
                form.wrong(format!("`{key}` is shorter than a second"));
            }
        }
        form.done();
        Some(Self {
            name: name?,
            rungs,
            repeat: repeat?,
            arrive_within: arrive_within?,
            resolve_within: resolve_within?,
            verify_within: verify_within?,
        })
    }
}
