//! How she walks through her day, one stay in one room after the other.

use crate::domain::{Place, Span, Time};

use super::plan::{Do, Plan, midnight};
use super::{Harm, Life};

/// No piece of life is longer: whoever plays it wants to have a word.
const PIECE: Span = Span::hours(3);
/// Nor than this while something is wrong, so that help arrives soon.
const TROUBLED: Span = Span::minutes(4);
/// What she meant to do and could not for so long she leaves be.
const TOO_LATE: Span = Span::hours(2);

/// She goes out for no less.
const SHORTEST: Span = Span::minutes(20);

/// How she is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Asleep,
    Awake,
    /// Out of the home until then.
    Out(Time),
    /// Cannot help herself. `still`: nothing moves.
    Down {
        still: bool,
    },
}

/// What she is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Toilet,
    Bathe,
    Cook,
    Eat,
    /// Asleep in bed by day.
    Nap,
    /// Sits still: television, a book, a doze.
    Sit,
    Potter,
    /// Has a guest.
    Host,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Busy {
    pub(super) doing: Option<Doing>,
    pub(super) until: Time,
}

impl Busy {
    pub(super) const fn none(at: Time) -> Self {
        Self { doing: None, until: at }
    }
}

impl Life {
    /// Lives on for a while. Returns until when; all that is said before then is said.
    pub(super) fn live_on(&mut self) -> Time {
        let from = self.clock;
        self.end_trouble();
        self.begin_trouble();
        let most = if self.trouble.is_some() { TROUBLED } else { PIECE };
        let due = self.due.map(|(_, at)| at).filter(|at| from < *at);
        let until = due.map_or(from + most, |due| due.min(from + most));
        let to = match self.mode {
            Mode::Asleep => self.sleep(until),
            Mode::Awake => self.be_awake(until),
            Mode::Out(back) => self.be_out(until.min(back.max(from))),
            Mode::Down { still } => self.lie(still, until),
        };
        let to = to.clamp(from, until);
        self.hum(from, to);
        self.clock = to;
        to
    }

    /// After a long absence, or when life begins: day or night, and what is left of the day's plan.
    pub(super) fn settle(&mut self) {
        let today = self.date();
        if self.plan.date < today {
            self.new_day(today);
        }
        let now = self.clock;
        self.plan.agenda.retain(|(at, what)| match what {
            Do::Out(back) => now <= *at && now + SHORTEST < *back,
            Do::Measure | Do::Bathe | Do::Meal(_) | Do::Eat(_) | Do::Nap(_) | Do::Visit(_) => {
                now <= *at
            }
        });
        self.busy = Busy::none(now);
        self.next_move = now;
        if now < self.plan.up || self.plan.bed <= now {
            self.go_to_bed();
        } else {
            self.mode = Mode::Awake;
        }
    }

    /// Draws the plan of the next day, and what will go wrong.
    fn new_day(&mut self, date: jiff::civil::Date) {
        let begin = midnight(date, &self.zone);
        if self.ill_until < begin && self.dice.permille(self.who.colds) {
            self.ill_until = begin + Span::hours(24 * self.dice.between(3, 6));
            self.is_unwell(Harm::Cold, begin, self.ill_until);
        }
        let ill = begin < self.ill_until;
        self.plan = Plan::draw(date, ill, &self.who, &self.zone, &mut self.dice);
        self.draw_mishap();
    }

    fn go_to_bed(&mut self) {
        let now = self.clock;
        self.enter(Place::Bedroom, now);
        if self.plan.bed <= now {
            let next = self.plan.date.tomorrow().unwrap_or(self.plan.date);
            self.new_day(next);
        }
        self.mode = Mode::Asleep;
        self.lie_in_bed(true, now);
        self.rises.clear();
        let often = self.dice.between(0, self.who.rises) + i64::from(self.is_ill());
        let (first, last) = (now + Span::minutes(50), self.plan.up - Span::minutes(30));
        let sleepless = self.dice.permille(self.who.sleepless);
        if sleepless {
            self.is_unwell(Harm::Sleepless, now, now + Harm::Sleepless.lasts());
        }
        let mut rises = Vec::new();
        for nth in 0..often.max(i64::from(sleepless)) {
            let sits = if sleepless && nth == 0 { self.dice.minutes(35, 110) } else { Span::ZERO };
            if first < last {
                rises.push((self.dice.within(first, last), sits));
            }
        }
        rises.sort_by_key(|(at, _)| *at);
        self.rises = rises.into();
    }

    fn sleep(&mut self, until: Time) -> Time {
        let now = self.clock;
        if self.is_troubled(Harm::FastHeart) {
            self.breathe(now, until);
            return until;
        }
        if self.plan.up <= now {
            self.rise();
            self.busy = Busy { doing: Some(Doing::Toilet), until: now + self.toilet_takes() };
            self.enter(Place::Bathroom, now);
            return now;
        }
        if let Some((at, sits)) = self.rises.front().copied().filter(|(at, _)| *at <= now) {
            self.rises.pop_front();
            // One that came while she was up is none.
            if now < at + Span::minutes(10) {
                self.rise();
                self.enter(Place::Bathroom, now + Span::seconds(20));
                // In less time than anybody would ask.
                let takes = self.toilet_takes().min(Span::minutes(15));
                self.busy = Busy { doing: Some(Doing::Toilet), until: now + takes };
                self.sits_up = sits;
            }
            return now;
        }
        let next = self.rises.front().map_or(self.plan.up, |(at, _)| (*at).min(self.plan.up));
        let to = next.min(until);
        self.breathe(now, to);
        self.turn_in_bed(now, to);
        to
    }

    /// Out of bed.
    pub(super) fn rise(&mut self) {
        let now = self.clock;
        self.mode = Mode::Awake;
        self.lie_in_bed(false, now);
        self.next_move = now + Span::seconds(5);
    }

    fn toilet_takes(&mut self) -> Span {
        self.who.toilet(&mut self.dice).max(Span::minutes(2))
    }

    fn be_awake(&mut self, until: Time) -> Time {
        if self.busy.until <= self.clock {
            self.finish();
        }
        if self.busy.until <= self.clock {
            self.choose();
        }
        if self.mode != Mode::Awake {
            return self.clock;
        }
        let to = self.busy.until.min(until);
        self.stay(to);
        to
    }

    /// What she does next.
    fn choose(&mut self) {
        let now = self.clock;
        if now < self.plan.up {
            return self.back_to_bed();
        }
        if self.plan.bed <= now {
            return self.go_to_bed();
        }
        while self.plan.agenda.front().is_some_and(|(at, _)| at.max(&now) == &now) {
            let Some((at, what)) = self.plan.agenda.pop_front() else { break };
            if now < at + TOO_LATE {
                return self.begin(what);
            }
        }
        if self.next_toilet <= now {
            let takes = self.toilet_takes();
            return self.be(Doing::Toilet, Place::Bathroom, takes);
        }
        let kitchen = self.may_use_kitchen();
        let (doing, place, takes) = match self.dice.between(1, 100) {
            1..=55 => (Doing::Sit, Place::Living, self.dice.minutes(20, 100)),
            56..=70 => (Doing::Potter, Place::Living, self.dice.minutes(5, 25)),
            71..=85 if kitchen => (Doing::Potter, Place::Kitchen, self.dice.minutes(4, 20)),
            86..=95 => (Doing::Potter, Place::Bedroom, self.dice.minutes(3, 15)),
            _ => (Doing::Potter, Place::Hall, self.dice.minutes(2, 5)),
        };
        self.be(doing, place, takes);
    }

    fn back_to_bed(&mut self) {
        let now = self.clock;
        // Awake at night: she sits in the living room, and tries again.
        let sits = std::mem::take(&mut self.sits_up);
        if Span::ZERO < sits {
            return self.be(Doing::Sit, Place::Living, sits);
        }
        while self.rises.front().is_some_and(|(at, _)| *at < now + Span::minutes(15)) {
            self.rises.pop_front();
        }
        self.enter(Place::Bedroom, now);
        self.lie_in_bed(true, now);
        self.mode = Mode::Asleep;
    }

    fn begin(&mut self, what: Do) {
        match what {
            Do::Measure => self.measure(),
            Do::Bathe => {
                let takes = Span::minutes(self.dice.about(self.who.bath_takes, 10));
                self.use_water(self.clock + Span::minutes(1), Span::minutes(8), 7.0);
                self.be(Doing::Bathe, Place::Bathroom, takes);
            }
            Do::Meal(_) | Do::Eat(_) if !self.may_use_kitchen() => {}
            Do::Meal(takes) => {
                self.use_water(self.clock + Span::minutes(1), Span::minutes(2), 5.0);
                self.be(Doing::Cook, Place::Kitchen, Span(takes.0 / 2));
                self.stove(1500.0);
                self.plan.agenda.push_front((self.busy.until, Do::Eat(Span(takes.0 / 2))));
            }
            Do::Eat(takes) => self.be(Doing::Eat, Place::Kitchen, takes),
            Do::Nap(takes) if self.is_ill() || self.dice.percent(self.who.nap_in_bed) => {
                self.be(Doing::Nap, Place::Bedroom, takes);
                self.lie_in_bed(true, self.clock);
            }
            Do::Nap(takes) => self.be(Doing::Sit, Place::Living, takes),
            // It is too late for that.
            Do::Out(back) if back < self.clock + SHORTEST => {}
            Do::Out(back) => self.go_out(back),
            Do::Visit(until) => {
                let now = self.clock;
                self.door(now);
                self.be(Doing::Host, Place::Living, until - now);
                self.targets(now, 2.0);
            }
        }
    }

    pub(super) fn be(&mut self, doing: Doing, place: Place, takes: Span) {
        let now = self.clock;
        self.busy = Busy { doing: Some(doing), until: now + takes.max(Span::minutes(1)) };
        if self.place != Some(place) {
            self.enter(place, now);
            self.next_move = now + Span::seconds(3);
        }
    }

    /// What she was at is done, or something came between.
    pub(super) fn finish(&mut self) {
        let now = self.clock;
        match self.busy.doing.take() {
            Some(Doing::Toilet) => {
                self.use_water(now, Span::minutes(1), 6.0);
                let every = self.who.toilet_every * if self.is_ill() { 2 } else { 3 } / 3;
                self.next_toilet = now + Span::minutes(self.dice.about(every, every / 2));
            }
            Some(Doing::Cook) if self.leaves_stove_on() => {}
            Some(Doing::Cook) => self.stove(0.0),
            Some(Doing::Nap) => {
                self.lie_in_bed(false, now);
                self.next_move = now;
            }
            Some(Doing::Host) => {
                self.door(now);
                self.targets(now, 1.0);
                // She sees them out, and goes back to where they sat.
                self.next_move = now + Span::seconds(45);
                self.busy = Busy { doing: Some(Doing::Potter), until: now + Span::minutes(1) };
                return;
            }
            Some(Doing::Bathe | Doing::Eat | Doing::Sit | Doing::Potter) | None => {}
        }
        self.busy = Busy::none(now);
    }

    fn stay(&mut self, to: Time) {
        let now = self.clock;
        let Some(place) = self.place else { return };
        if self.busy.doing == Some(Doing::Nap) {
            return self.breathe(now, to);
        }
        while self.next_move < to {
            let at = self.next_move.max(now);
            self.moves(place, at);
            let host = self.busy.doing == Some(Doing::Host) && self.may_use_kitchen();
            if host && self.dice.percent(30) {
                self.moves(Place::Kitchen, at + Span::seconds(20));
            }
            self.next_move = at + self.pause();
        }
    }

    /// Until she moves again.
    pub(super) fn pause(&mut self) -> Span {
        match self.busy.doing {
            Some(Doing::Cook | Doing::Host) => self.dice.seconds(60, 150),
            Some(Doing::Eat | Doing::Potter) => self.dice.seconds(70, 400),
            Some(Doing::Toilet | Doing::Bathe) => self.dice.seconds(60, 240),
            Some(Doing::Sit | Doing::Nap) | None => self.dice.minutes(3, self.who.sits),
        }
    }

    fn go_out(&mut self, back: Time) {
        let back = match self.does_not_return() {
            Some(never) => never,
            None => {
                self.say_before(back);
                back
            }
        };
        self.leave();
        self.mode = Mode::Out(back);
    }

    /// Through the hall and the door.
    pub(super) fn leave(&mut self) {
        let now = self.clock;
        self.busy = Busy::none(now);
        self.enter(Place::Hall, now);
        self.moves(Place::Hall, now + Span::seconds(2));
        self.door(now + Span::seconds(25));
        self.nowhere(now + Span::seconds(30));
    }

    fn be_out(&mut self, to: Time) -> Time {
        let now = self.clock;
        if matches!(self.mode, Mode::Out(back) if back <= now) {
            self.come_home();
            return now;
        }
        self.ghosts(now, to);
        to
    }

    pub(super) fn come_home(&mut self) {
        let now = self.clock;
        self.door(now);
        self.home_since = now;
        self.enter(Place::Hall, now + Span::seconds(6));
        self.moves(Place::Hall, now + Span::seconds(8));
        self.mode = Mode::Awake;
        self.settle();
    }

    fn lie(&mut self, still: bool, until: Time) -> Time {
        let Some(place) = self.place else { return until };
        while !still && self.next_move < until {
            let at = self.next_move.max(self.clock);
            self.moves(place, at);
            self.next_move = at + self.pause();
        }
        until
    }
}
