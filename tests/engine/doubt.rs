//! What happens while somebody may be in trouble is not how they live: it is not learnt, unless people say that
//! there was no trouble.

use std::sync::Arc;

use careloop::domain::{Act, Input, Metric, Outcome, Span, Time};
use careloop::engine::Engine;

use crate::watched::{begin, shipped};

struct Lived {
    engine: Engine,
    now: Time,
}

impl Lived {
    fn new() -> Self {
        let shipped = shipped();
        let mut engine = Engine::new(Arc::clone(&shipped.book));
        let mut home = shipped.home.clone();
        // Nobody misses a device here.
        home.devices.iter_mut().for_each(|device| device.quiet_after = None);
        engine.step(begin(), &Input::Home { home: Arc::new(home), rules: "1".to_owned() });
        Self { engine, now: begin() }
    }

    fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some(wake) = self.engine.wake().filter(|wake| *wake <= until) {
            self.engine.step(wake, &Input::Tick);
        }
        self.now = until;
    }

    fn says(&mut self, device: &str, what: &str) {
        let device = device.parse().expect("a name");
        let observations = vec![what.parse().expect("an observation")];
        self.engine.step(self.now, &Input::Heard { device, observations, retained: false });
    }

    fn moves(&mut self, n: u32, by: &str, act: Act) {
        let by = by.parse().expect("a name");
        self.engine.step(self.now, &Input::Move { incident: n, by, act });
    }

    /// A night and a day: in bed at nine, a pulse all night, up at six.
    fn day(&mut self, pulse: &str) {
        self.says("bed-pad", "in_bed true");
        for _ in 0..9 {
            self.pass(Span::hours(1));
            self.says("bed-pad", pulse);
        }
        self.says("bed-pad", "in_bed false");
        for _ in 0..5 {
            self.pass(Span::minutes(1));
            self.says("hall-motion", "motion true clears 60s");
            self.pass(Span::minutes(179));
        }
    }

    fn usual(&self) -> (usize, f64) {
        let settings = self.engine.book().learning.clone().expect("habits are learnt");
        let wall = self.now + self.engine.offset();
        let usual =
            self.engine.baseline().usual(Metric::HeartRate, wall, self.engine.zone(), &settings);
        usual.map_or((0, 0.0), |usual| (usual.days, usual.high))
    }

    /// Ten quiet days, then `trouble` and three days with another pulse, and how that ended.
    fn through(trouble: &str, stays_away: bool, outcome: Outcome) -> (bool, (usize, f64)) {
        let mut lived = Self::new();
        (0..10).for_each(|_| lived.day("heart_rate 60"));
        lived.says("kitchen-leak", trouble);
        lived.pass(Span::minutes(40));
        let open = lived.engine.incidents().values().filter(|i| i.is_open() && i.alarmed.is_some());
        let n = open.map(|i| i.n).max().expect("an alarm");
        let frozen = lived.engine.baseline().is_frozen();
        (0..3).for_each(|_| lived.day("heart_rate 75"));
        if !stays_away {
            lived.moves(n, "wang", Act::OnScene);
        }
        lived.moves(n, "wang", Act::Resolve { outcome, note: String::new() });
        lived.moves(n, "li", Act::Verify);
        let open: Vec<_> = lived
            .engine
            .incidents()
            .values()
            .filter(|i| i.is_open())
            .map(|i| (i.key(), i.stage))
            .collect();
        assert!(!lived.engine.baseline().is_frozen(), "it is over: {open:?}");
        lived.day("heart_rate 60");
        (frozen, lived.usual())
    }
}

#[test]
fn days_of_trouble_are_not_learnt_unless_there_was_none() {
    let (frozen, (with_trouble, high)) = Lived::through("help", false, Outcome::Assisted);
    assert!(frozen && high < 61.0, "the days of trouble do not count: {high}");
    let (frozen, (false_alarm, high)) = Lived::through("help", false, Outcome::FalseAlarm);
    assert!(frozen && 74.0 < high, "nothing was wrong, and they do: {high}");
    assert!(with_trouble + 3 <= false_alarm, "{with_trouble}, {false_alarm}");
    // A device in trouble is nobody's illness, however much hangs on it.
    for said in ["tamper true", "fault true"] {
        let (frozen, (days, high)) = Lived::through(said, true, Outcome::Repaired);
        assert!(!frozen && 74.0 < high, "{said}: {high}");
        assert_eq!(days, false_alarm, "{said}");
    }
}
