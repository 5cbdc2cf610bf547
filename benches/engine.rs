//! How many observations a second the engine takes on one core: `cargo bench --bench engine`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::as_conversions,
    reason = "a bench reads the clock and prints what it measured"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use careloop::config;
use careloop::domain::{Home, Input, Span, Time};
use careloop::engine::{Book, BookTexts, Engine};
use careloop::simulate::Life;

/// Wanted on one core for the mixed life of one home.
const WANTED: f64 = 1_000_000.0;

fn main() {
    let config = config::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config"));
    let config = config.expect("the shipped config is right");
    let home = config.homes.first().expect("a home");
    let from: Time = "2026-01-15T00:00:00+08:00".parse().expect("a time");
    let until = from + Span::hours(24 * 14);
    let life = Life::new(7, home, from).with_vitals().with_mishaps(0);
    let stream: Vec<_> = life.take_while(|(at, _)| *at < until).collect();
    println!("a mixed life: {} messages in 14 days", stream.len());
    let rate = run(&config.book, home, from, &restless(from), 1, 18_000);
    println!("a restless night     {:>6.2} million observations/s", rate / 1e6);
    for homes in [1, 10_000] {
        let rates: Vec<f64> = [config.book.rules.len(), 200, 400]
            .into_iter()
            .map(|rules| {
                let book = book_of(rules, &config.book_texts);
                let rate = run(&book, home, from, &stream, homes, 3_000_000);
                println!(
                    "{homes:>6} homes, {rules} rules  {:>6.2} million observations/s",
                    rate / 1e6
                );
                rate
            })
            .collect();
        let first = rates.first().copied().unwrap_or(1.0);
        let ratios: Vec<String> = rates.iter().map(|rate| format!("{:.2}", rate / first)).collect();
        println!("              {}", ratios.join(" : "));
    }
    for (homes, wanted) in [(1, 3_000_000), (100, 3_000_000), (10_000, 3_000_000)] {
        let rate = run(&config.book, home, from, &stream, homes, wanted);
        println!("{homes:>6} homes  {:>6.2} million observations/s", rate / 1e6);
        if homes == 1 && rate < WANTED {
            println!("              below what is wanted, {} million", WANTED / 1e6);
        }
    }
}

/// The shipped book, filled up to so many rules about what this life never tells.
fn book_of(rules: usize, texts: &BookTexts) -> Arc<Book> {
    let mut text = texts.rules.clone();
    let shipped = texts.read().expect("it is right").rules.len();
    for n in shipped..rules {
        text.push_str(&format!(
            "\n[[rule]]\nname = \"other-{n}\"\ntitle = {{ zh = \"z\", en = \"e\" }}\nlevel = \"normal\"\n\
             group = \"vital\"\nsource = \"none\"\n[rule.detect]\n\
             threshold = {{ of = \"glucose\", above = 20, fresh = \"1h\" }}\n[rule.alarm]\n\
             plan = \"grid\"\n[rule.close]\nneeds = [\"outcome\"]\nagain_after = \"1h\"\n"
        ));
    }
    let texts = BookTexts { rules: text, plans: texts.plans.clone() };
    Arc::new(texts.read().expect("it is right"))
}

/// What costs most: a restless sleeper, in the window of a rule that asks the calendar every time.
fn restless(from: Time) -> Vec<(Time, Input)> {
    let says = |second: i64| {
        let said = if second % 2 == 0 { "in_bed true" } else { "in_bed false" };
        let observations = vec![said.parse().expect("an observation")];
        let device = "bed-pad".parse().expect("a name");
        let at = from + Span::hours(23) + Span::seconds(second);
        (at, Input::Heard { device, observations, retained: false })
    };
    (0..18_000).map(says).collect()
}

/// Plays the same life to so many homes at once, for about so many observations.
fn run(
    book: &Arc<Book>,
    home: &Arc<Home>,
    from: Time,
    stream: &[(Time, Input)],
    homes: usize,
    wanted: usize,
) -> f64 {
    let move_in = Input::Home { home: Arc::clone(home), rules: String::new() };
    let mut engines: Vec<_> = (0..homes).map(|_| Engine::new(Arc::clone(book))).collect();
    for engine in &mut engines {
        engine.step(from, &move_in);
    }
    let (mut count, mut effects, mut shift) = (0, 0, Span::ZERO);
    let begin = Instant::now();
    'all: loop {
        for (at, input) in stream {
            let now = *at + shift;
            for engine in &mut engines {
                while let Some(wake) = engine.wake().filter(|wake| *wake < now) {
                    effects += engine.step(wake, &Input::Tick).len();
                }
                effects += engine.step(now, input).len();
            }
            if let Input::Heard { observations, .. } = input {
                count += observations.len() * homes;
            }
            if wanted <= count {
                break 'all;
            }
        }
        shift = Span(shift.0 + Span::hours(24 * 14).0);
    }
    let seconds = begin.elapsed().as_secs_f64();
    std::hint::black_box(effects);
    count as f64 / seconds
}
