//! A plan: whom to tell, in what order, and how long each may take. Its last rung repeats until a
//! person answers (P3).

use crate::domain::{Lang, Name, Role, Span, Stage, Title, both};
use crate::form::Form;
use crate::rule::read_title;

/// A department reports in within an hour where the plan does not say otherwise (Nanjing Gulou, 2023).
const REPORT_WITHIN: Span = Span::hours(1);
/// More people than that are not waited for.
pub const ANSWERS_MAX: u32 = 5;

/// A ladder of rungs and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// As rules name it.
    pub name: Name,
    /// What people read; without, its name.
    pub title: Option<Title>,
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
    /// A department that was whistled for and has not reported in for longer: the ladder goes on.
    pub report_within: Span,
    /// Open for longer, all in all: supervisors are told.
    pub close_within: Option<Span>,
    /// So many have to come; until they have accepted, the ladder goes on.
    pub answers: u32,
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
    /// What people read.
    pub fn title(&self, lang: Lang) -> &str {
        self.title.as_ref().map_or(self.name.as_str(), |title| lang.say(&title.zh, &title.en))
    }

    /// The rung of this number; beyond the last, the last.
    pub fn rung(&self, n: usize) -> &Rung {
        const NONE: &Rung = &Rung { tell: Vec::new(), after: Span::ZERO };
        self.rungs.get(n).or(self.rungs.last()).unwrap_or(NONE)
    }

    /// The number of the last rung.
    pub const fn last(&self) -> usize {
        self.rungs.len().saturating_sub(1)
    }

    /// How long people have to accept before it is late: until the next rung is told.
    pub fn accept_within(&self) -> Span {
        self.rungs.get(1).map_or(self.repeat, |rung| rung.after)
    }

    /// How long this stage may take, if people have to do something in it.
    pub fn limit(&self, stage: Stage) -> Option<Span> {
        match stage {
            Stage::Detected | Stage::Warned | Stage::Closed => None,
            Stage::Alarmed => Some(self.accept_within()),
            Stage::Accepted | Stage::EnRoute => Some(self.arrive_within),
            Stage::OnScene => Some(self.resolve_within),
            Stage::Resolved => Some(self.verify_within),
        }
    }

    /// Every role that any rung tells.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.rungs.iter().flat_map(|r| r.tell.iter().copied())
    }

    pub(super) fn read(mut form: Form<'_, '_>, name: Option<Name>) -> Option<Self> {
        let title = if form.has("title") { read_title(&mut form) } else { None };
        let (rungs, repeat) = read_rungs(&mut form);
        if rungs.is_empty() {
            form.wrong("a plan has `rungs`, one or more".to_owned());
        }
        let arrive_within = form.needs::<Span>("arrive_within");
        let resolve_within = form.needs::<Span>("resolve_within");
        let verify_within = form.needs::<Span>("verify_within");
        let report_within = form.may::<Span>("report_within");
        let close_within = form.may::<Span>("close_within");
        let answers = form.may::<u32>("answers").unwrap_or(1);
        if !(1..=ANSWERS_MAX).contains(&answers) {
            form.wrong(both!(
                "`answers` 须为 1 到 {ANSWERS_MAX}",
                "`answers` is from 1 to {ANSWERS_MAX}"
            ));
        }
        for (key, span) in [
            ("arrive_within", arrive_within),
            ("resolve_within", resolve_within),
            ("verify_within", verify_within),
            ("report_within", report_within),
            ("close_within", close_within),
        ] {
            if span.is_some_and(|span| span < Span::seconds(1)) {
                form.wrong(both!("`{key}` 短于一秒", "`{key}` is shorter than a second"));
            }
        }
        form.done();
        Some(Self {
            name: name?,
            title,
            rungs,
            repeat: repeat?,
            arrive_within: arrive_within?,
            resolve_within: resolve_within?,
            verify_within: verify_within?,
            report_within: report_within.unwrap_or(REPORT_WITHIN),
            close_within,
            answers,
        })
    }
}

/// From the first to the last, and how often the last is told again.
fn read_rungs(form: &mut Form<'_, '_>) -> (Vec<Rung>, Option<Span>) {
    let (mut rungs, mut repeat) = (Vec::<Rung>::new(), None);
    let forms = form.forms("rungs");
    let last = forms.len();
    for (n, mut rung) in forms.into_iter().enumerate() {
        let tell = rung.list::<Role>("tell");
        if tell.is_empty() {
            rung.wrong(both!(
                "每一步都要通知某类人员",
                "a rung tells somebody: write tell = [ … ]"
            ));
        }
        let after = rung.needs::<Span>("after").unwrap_or(Span::ZERO);
        if rungs.last().is_some_and(|before| after <= before.after) {
            rung.wrong(both!(
                "每一步须晚于前一步，{after} 不晚",
                "a rung comes later than the one before it; {after} does not"
            ));
        }
        let again = rung.may::<Span>("repeat");
        match again {
            Some(_) if n + 1 < last => rung.wrong("only the last rung repeats"),
            Some(span) if span < Span::seconds(1) => {
                rung.wrong(both!("`repeat` 短于一秒", "repeat {span} is shorter than a second"));
            }
            None if n + 1 == last => {
                rung.wrong(both!(
                    "最后一步须重复，直到有人签收：填写 `repeat`",
                    "the last rung repeats until a person answers (P3): write repeat = \"60s\""
                ));
            }
            Some(_) | None => repeat = again,
        }
        rung.done();
        rungs.push(Rung { tell, after });
    }
    (rungs, repeat)
}
