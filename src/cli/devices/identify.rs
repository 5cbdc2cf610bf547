//! `careloop devices identify`

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Failure, load, open, print_json, waiting};
use crate::config::Config;
use crate::device::discovery::{self, Newcomer};
use crate::device::identify::{Capture, Framed, Guess, Heard, capture, messages, stream};
use crate::device::waiting::{Seen, Told, Waiting};
use crate::domain::Time;

/// The largest file that is read, in bytes.
const FILE_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) source: Source,
    /// A device of the waiting list, by its key
    #[arg(long, value_name = "KEY", conflicts_with_all = ["file", "topic", "payload", "hex"])]
    of: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Where what was heard comes from.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// What was heard: one payload, messages as `mosquitto_sub -v` prints them, JSON lines
    /// {"topic":…,"payload":…}, or the raw bytes of a serial line; `-` is standard input
    #[arg(value_name = "FILE", conflicts_with_all = ["payload", "hex"])]
    file: Option<PathBuf>,
    /// The topic of the payload
    #[arg(long)]
    topic: Option<String>,
    /// One payload, as text
    #[arg(long, conflicts_with = "hex")]
    payload: Option<String>,
    /// Bytes of a serial line, hexadecimal
    #[arg(long)]
    hex: Option<String>,
}

/// What was heard, sorted.
#[derive(Debug)]
pub(super) enum Given {
    /// Messages of one device.
    Messages(Vec<Heard>),
    /// A capture of a broker, with whatever stands in it.
    Broker(Vec<Heard>),
    /// Bytes of a serial line.
    Stream(Vec<u8>),
}

impl Source {
    pub(super) const fn is_empty(&self) -> bool {
        self.file.is_none() && self.payload.is_none() && self.hex.is_none()
    }

    pub(super) fn read(&self) -> Result<Given, Failure> {
        let heard = |payload: Vec<u8>| vec![Heard { topic: self.topic.clone(), payload }];
        if let Some(payload) = &self.payload {
            return Ok(Given::Messages(heard(payload.clone().into_bytes())));
        }
        if let Some(hex) = &self.hex {
            let digits: String = hex.split_whitespace().collect();
            let bytes = data_encoding::HEXLOWER_PERMISSIVE
                .decode(digits.as_bytes())
                .map_err(|e| Failure::Wrong(format!("`{hex}` is not hexadecimal: {e}")))?;
            return Ok(match &self.topic {
                Some(_) => Given::Messages(heard(bytes)),
                None => Given::Stream(bytes),
            });
        }
        let bytes = self.bytes()?;
        if self.topic.is_some() {
            let end = bytes.iter().rposition(|b| !b.is_ascii_whitespace()).map_or(0, |n| n + 1);
            return Ok(Given::Messages(heard(bytes.get(..end).unwrap_or_default().to_vec())));
        }
        Ok(match capture(&bytes) {
            Capture::Messages(all) => Given::Broker(all),
            Capture::Payload(payload) => Given::Messages(heard(payload)),
            Capture::Stream(bytes) => Given::Stream(bytes),
        })
    }

    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        let Some(path) = &self.file else {
            let wrong = "say what was heard: --of KEY, a FILE, `-`, --payload TEXT or --hex HEX";
            return Err(Failure::Wrong(wrong.to_owned()));
        };
        let mut bytes = Vec::new();
        let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", path.display()));
        if path.as_os_str() == "-" {
            std::io::stdin().take(FILE_MAX).read_to_end(&mut bytes).map_err(cannot)?;
        } else {
            let file = std::fs::File::open(path).map_err(cannot)?;
            file.take(FILE_MAX).read_to_end(&mut bytes).map_err(cannot)?;
        }
        Ok(bytes)
    }
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    if let Some(key) = &args.of {
        let (config, reader) = open(folder)?;
        let one = waiting::one(&config, &reader, key)?;
        let guesses = messages(&config.profiles, one.device.as_ref(), &one.heard);
        return tell(args, &config, &guesses, &one.heard);
    }
    let config = load(folder)?;
    let given = match args.source.read()? {
        // An announcement by itself.
        Given::Messages(all) if all.iter().any(announces) => Given::Broker(all),
        given @ (Given::Messages(_) | Given::Broker(_) | Given::Stream(_)) => given,
    };
    match given {
        Given::Broker(all) => {
            let found = devices(&config, &all);
            if args.json {
                return print_json(&found);
            }
            if found.is_empty() {
                line!("the capture holds no device");
            }
            found.iter().for_each(waiting::print);
        }
        Given::Messages(all) => {
            let guesses = messages(&config.profiles, None, &all);
            return tell(args, &config, &guesses, &all);
        }
        Given::Stream(bytes) => {
            let (framed, guesses) = stream(&config.profiles, &bytes);
            if args.json {
                let all = serde_json::json!({ "framings": framed, "guesses": guesses });
                return print_json(&all);
            }
            for Framed { framing, frames, damaged, bytes: inside } in framed {
                let of = bytes.len();
                line!(
                    "{framing}: {frames} whole frames, {damaged} damaged pieces, {inside} of {of} bytes"
                );
            }
            print(&guesses);
            if guesses.is_empty() {
                line!("no profile fits: none reads frames of these framings");
            }
        }
    }
    Ok(())
}

fn announces(heard: &Heard) -> bool {
    let told = heard.topic.as_ref().and_then(|topic| discovery::read(topic, &heard.payload));
    told.is_some_and(|told| told.is_ok_and(|told| !told.devices.is_empty()))
}

/// The devices of a capture, as they would wait were there no register.
pub(super) fn devices(config: &Config, all: &[Heard]) -> Vec<Waiting> {
    let mut newcomers: std::collections::BTreeMap<String, Newcomer> = Default::default();
    let mut seen: std::collections::BTreeMap<&str, Seen> = Default::default();
    for heard in all {
        let Some(topic) = heard.topic.as_deref() else { continue };
        match discovery::read(topic, &heard.payload) {
            Some(Ok(told)) => {
                for device in &told.devices {
                    newcomers.entry(device.key.clone()).or_default().note(&told.by, device);
                }
            }
            Some(Err(_)) | None => {
                let seen = seen.entry(topic).or_insert_with(|| Seen {
                    topic: topic.to_owned(),
                    payloads: Vec::new(),
                    count: 0,
                    last_at: Time(0),
                });
                seen.count += 1;
                seen.payloads.push(heard.payload.clone());
            }
        }
    }
    let seen: Vec<Seen> = seen.into_values().collect();
    let whole = newcomers.values().filter_map(Newcomer::whole);
    let told: Vec<Told> = whole.map(|device| Told { device, last_at: Time(0) }).collect();
    crate::device::waiting::waiting(&seen, &told, &[], &config.profiles)
}

/// What the profiles make of the messages of one device, and what to do if none knows it.
fn tell(args: &Args, config: &Config, guesses: &[Guess], heard: &[Heard]) -> Result<(), Failure> {
    if args.json {
        return print_json(&guesses);
    }
    print(guesses);
    if !guesses.iter().any(|guess| guess.fits) {
        let number = config.profiles.values().filter(|p| p.mqtt.is_some()).count();
        let topics: BTreeSet<&str> = heard.iter().filter_map(|h| h.topic.as_deref()).collect();
        let at: Vec<String> = topics.iter().take(3).map(|topic| format!(" at `{topic}`")).collect();
        line!("no profile fits: none of {number} for MQTT reads this{}", at.join(","));
        elsewhere(config, heard);
        if let Some(key) = &args.of {
            line!("begin one: {}", waiting::draft(key));
        } else {
            line!("begin one: `careloop devices draft` with the same words");
        }
    }
    Ok(())
}

/// Those that would read the very messages at other topics: a bridge that was set up otherwise?
fn elsewhere(config: &Config, heard: &[Heard]) {
    let bare = |h: &Heard| Heard { topic: None, payload: h.payload.clone() };
    let bare: Vec<Heard> = heard.iter().filter(|h| h.topic.is_some()).map(bare).collect();
    let near = messages(&config.profiles, None, &bare);
    for near in near.iter().filter(|guess| guess.fits && !guess.is_generic).take(3) {
        let mqtt = config.profiles.get(&near.profile).and_then(|profile| profile.mqtt.as_ref());
        let at = mqtt.map_or("", |mqtt| mqtt.topic.as_str());
        line!("    {} would read {}, but speaks at `{at}`", near.profile, near.reads.join(", "));
    }
}

fn print(guesses: &[Guess]) {
    for guess in guesses {
        let sign = if guess.fits { "fits    " } else { "does not" };
        line!("{sign} {}: {}", guess.profile, guess.about);
        for why in &guess.why {
            line!("           + {why}");
        }
        for why in &guess.why_not {
            line!("           - {why}");
        }
        for read in &guess.reads {
            line!("           {read}");
        }
    }
}
