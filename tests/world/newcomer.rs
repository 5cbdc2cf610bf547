//! The newcomer's way in `devices/README.md`, typed as it stands there: what it shows is what is said.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::house::{House, soon};
use crate::programs::publish;

/// One line of the story.
#[derive(Debug, Clone, PartialEq)]
enum Line {
    /// `$ …`: typed by the technician.
    Typed(String),
    /// `< topic payload`: said by the sensor.
    Heard(String, String),
    /// Printed by the command above it; `…` is whatever stands there, alone in a line any lines.
    Shown(String),
}

/// The lines of all `console` blocks below a heading.
fn story(guide: &str, heading: &str) -> Vec<Line> {
    let (_, below) = guide.split_once(&format!("\n## {heading}\n")).expect("the guide has it");
    let section = below.split("\n## ").next().unwrap();
    let mut is_told = false;
    let mut all = Vec::new();
    for line in section.lines() {
        if line.starts_with("```") {
            is_told = line == "```console";
        } else if is_told && !line.is_empty() {
            all.push(if let Some(command) = line.strip_prefix("$ ") {
                Line::Typed(command.to_owned())
            } else if let Some((topic, payload)) =
                line.strip_prefix("< ").and_then(|said| said.split_once(' '))
            {
                Line::Heard(topic.to_owned(), payload.to_owned())
            } else {
                Line::Shown(line.to_owned())
            });
        }
    }
    all
}

/// Whether these are the lines shown.
fn fits(shown: &[&str], said: &[String]) -> bool {
    match (shown, said) {
        ([], []) => true,
        (["…", rest @ ..], _) => (0..=said.len()).any(|n| fits(rest, &said[n..])),
        ([line, rest @ ..], [first, more @ ..]) => is_like(line, first) && fits(rest, more),
        ([], _) | (_, []) => false,
    }
}

/// Whether a line is as shown.
fn is_like(shown: &str, said: &str) -> bool {
    match shown.split_once('…') {
        None => shown == said.trim_end(),
        Some((before, after)) => said.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| rest.get(at..).is_some_and(|rest| is_like(after, rest)))
        }),
    }
}

/// Types a command, as it stands, and compares what it prints; the sensor speaks where the story says.
async fn type_in(house: &House, port: u16, command: &str, told: &[Line]) {
    let own = Path::new(env!("CARGO_BIN_EXE_careloop")).parent().unwrap();
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(house.folder.path())
        .env("PATH", path)
        .env_remove("CARELOOP_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut shown, mut said) = (Vec::new(), Vec::new());
    for line in told {
        match line {
            Line::Shown(line) => shown.push(line.as_str()),
            Line::Heard(topic, payload) => {
                while !fits(&shown, &said) {
                    let next =
                        soon(&format!("{shown:#?} after {said:#?}"), lines.next_line()).await;
                    let next = next.unwrap();
                    said.push(
                        next.unwrap_or_else(|| panic!("{command}: {shown:#?} not {said:#?}")),
                    );
                }
                publish(port, topic, payload, &[]).await;
            }
            Line::Typed(_) => unreachable!("what belongs to one command holds no other"),
        }
    }
    while let Some(line) = soon("the end of the command", lines.next_line()).await.unwrap() {
        said.push(line);
    }
    let status = soon("its end", child.wait()).await.unwrap();
    let said_all = said.join("\n");
    assert!(status.success(), "$ {command}\n{said_all}");
    said.retain(|line| !line.is_empty());
    assert!(fits(&shown, &said), "$ {command}\nsays\n{said_all}\nand not\n{}", shown.join("\n"));
}

#[tokio::test]
async fn the_newcomers_way_in_the_guide_leads_where_it_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("devices/README.md");
    let story = story(&std::fs::read_to_string(guide).unwrap(), "The newcomer's way");
    let typed = story.iter().filter(|line| matches!(line, Line::Typed(_))).count();
    assert!((5..10).contains(&typed), "under ten commands: {typed}");
    let house = crate::register::house(|_| ());
    let daemon = house.start().await;
    let mut rest = story.as_slice();
    while let Some((first, more)) = rest.split_first() {
        let end = more.iter().position(|l| matches!(l, Line::Typed(_))).unwrap_or(more.len());
        rest = match first {
            Line::Heard(topic, payload) => {
                publish(daemon.mqtt, topic, payload, &[]).await;
                more
            }
            Line::Typed(command) => {
                type_in(&house, daemon.mqtt, command, &more[..end]).await;
                &more[end..]
            }
            Line::Shown(line) => panic!("nobody says `{line}`"),
        };
    }
    // It is where the story ends: in the register, tried out, and nobody was called.
    let report = house.ask_json(&["devices", "report", "h1", "--json"]).await;
    let is_ours = |d: &&serde_json::Value| d["test"]["finding"] == "passed";
    let passed: Vec<_> = report["devices"].as_array().unwrap().iter().filter(is_ours).collect();
    assert_eq!(passed.len(), 1, "{report}");
    assert!(house.incidents().is_empty());
    house.verify().await;
}

#[test]
fn a_story_that_says_something_else_does_not_fit() {
    let said = ["a 1 b", "c", "d"].map(str::to_owned);
    for shown in [&["a 1 b", "c", "d"][..], &["a … b", "…"], &["…", "d"], &["a…", "…", "c", "d"]]
    {
        assert!(fits(shown, &said), "{shown:?}");
    }
    for shown in [&["a 1 b", "c"][..], &["a … c", "…"], &["…", "e"], &["c", "…"], &[]] {
        assert!(!fits(shown, &said), "{shown:?}");
    }
    let guide =
        "\n## Way\n```console\n< t/x {\"a\": 1}\n$ do it\n…\n```\n```toml\nno = 1\n```\n## B\n";
    let told = [
        Line::Heard("t/x".to_owned(), "{\"a\": 1}".to_owned()),
        Line::Typed("do it".to_owned()),
        Line::Shown("…".to_owned()),
    ];
    assert_eq!(story(guide, "Way"), told);
}
