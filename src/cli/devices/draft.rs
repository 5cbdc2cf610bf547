//! `careloop devices draft`

use std::io::Write;
use std::path::{Path, PathBuf};

use super::identify::{Given, Source, devices};
use super::{Failure, load, open, print_json, waiting};
use crate::device::Profile;
use crate::device::discovery::{self, Announced};
use crate::device::draft::{Draft, draft};
use crate::device::identify::Heard;
use crate::form::Problem;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// A device of the waiting list, by its key; in a capture of several the one of this name
    #[arg(long, value_name = "KEY")]
    of: Option<String>,
    /// Where to write it: a file that is not there yet, devices/<vendor>/<model>.toml; the hub looks in
    /// `devices` in its configuration folder and beside it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let (announced, heard) = find(folder, args)?;
    let mut drafted = draft(announced.as_ref(), &heard).map_err(Failure::Wrong)?;
    if let Some(out) = &args.out {
        // The name is a path; what is below `devices/` is what the file will be known by.
        rename(&mut drafted, out, announced.is_none())?;
        write(out, &drafted.text)?;
    }
    if args.json {
        return print_json(&drafted);
    }
    match &args.out {
        Some(out) => told(folder, args, &drafted, out),
        None => {
            line!("# devices/{}.toml", drafted.name);
            text!("{}", drafted.text);
        }
    }
    Ok(())
}

/// What was written, what of it is to be looked at, and how it goes on.
fn told(folder: &Path, args: &Args, drafted: &Draft, out: &Path) {
    line!("{} is a sound profile. It reads", out.display());
    drafted.reads.iter().for_each(|place| line!("    {place}"));
    if !drafted.unread.is_empty() {
        line!("and does not read");
        drafted.unread.iter().for_each(|place| line!("    {place}"));
    }
    if !drafted.text.contains("\nquiet_after") {
        line!("and nobody notices its silence until `quiet_after` is set");
    }
    line!("look through it before a life hangs on it, then");
    line!("    careloop check");
    let Draft { name, .. } = drafted;
    match load(folder) {
        Ok(config) if !config.profiles.contains_key(name) => {
            let own = folder.join("devices");
            line!("note: the hub looks for it below {} or in `devices` beside it", own.display());
        }
        Ok(_) | Err(_) => {}
    }
    let key = args.of.as_ref().filter(|_| args.source.is_empty());
    let waits = |key: &String| {
        let (config, reader) = open(folder).ok()?;
        waiting::one(&config, &reader, key).ok()
    };
    match (key.and_then(waits), &drafted.address) {
        (Some(waiting), _) => line!("    {}", waiting.adopt),
        (None, Some(address)) => {
            line!(
                "    careloop devices adopt --mqtt {address} --profile {name} --home HOME --as ID"
            );
        }
        (None, None) => {}
    }
}

/// What is known of the one device.
fn find(folder: &Path, args: &Args) -> Result<(Option<Announced>, Vec<Heard>), Failure> {
    if args.source.is_empty() {
        let Some(key) = &args.of else {
            let wrong =
                "draft of what? --of KEY of the waiting list, a FILE, `-` or --payload TEXT";
            return Err(Failure::Wrong(wrong.to_owned()));
        };
        let (config, reader) = open(folder)?;
        let found = waiting::one(&config, &reader, key)?;
        return Ok((found.device, found.heard));
    }
    match args.source.read()? {
        Given::Messages(all) => {
            // An announcement may be handed over by itself.
            let told = all.first().and_then(|h| discovery::read(h.topic.as_deref()?, &h.payload));
            match told {
                None => Ok((None, all)),
                Some(told) => {
                    let mut told = told.map_err(Failure::Wrong)?.devices;
                    if 1 < told.len() {
                        told.retain(|d| args.of.as_ref().is_some_and(|name| d.name == *name));
                    }
                    let none = || Failure::Wrong("it announces several: say --of NAME".to_owned());
                    Ok((Some(told.pop().ok_or_else(none)?), Vec::new()))
                }
            }
        }
        Given::Broker(all) => {
            let mut found = devices(&load(folder)?, &all);
            if let Some(name) = &args.of {
                found.retain(|waiting| waiting.key == *name || waiting.name == *name);
            }
            let names: Vec<&str> = found.iter().map(|w| w.name.as_str()).collect();
            let names = names.join(", ");
            match (found.pop(), found.len()) {
                (Some(one), 0) => Ok((one.device, one.heard)),
                (Some(_), _) => Err(Failure::Wrong(format!("say --of which: {names}"))),
                (None, _) => Err(Failure::Wrong("the capture holds no such device".to_owned())),
            }
        }
        Given::Stream(_) => {
            let wrong = "bytes of a serial line tell no profile: read the protocol in its document, \
                and see devices/README.md";
            Err(Failure::Wrong(wrong.to_owned()))
        }
    }
}

/// Named after the file it is written to, and so is the model where nobody told its name.
fn rename(drafted: &mut Draft, out: &Path, is_nameless: bool) -> Result<(), Failure> {
    let stem = out.file_stem().and_then(|s| s.to_str());
    let folder = out.parent().and_then(Path::file_name).and_then(|f| f.to_str());
    let is_toml = out.extension().is_some_and(|e| e == "toml");
    let (Some(stem), Some(folder), true) = (stem, folder, is_toml) else {
        let wrong = format!("{} is not devices/<vendor>/<model>.toml", out.display());
        return Err(Failure::Wrong(wrong));
    };
    drafted.name = format!("{folder}/{stem}");
    let is_plain = |word: &str| !word.contains(|c: char| c.is_control() || c == '"' || c == '\\');
    if is_nameless && is_plain(folder) && is_plain(stem) {
        for (key, word) in [("vendor", folder), ("model", stem)] {
            let unknown = format!("\n{key} = \"unknown\"\n");
            let named = format!("\n{key} = \"{word}\"\n");
            drafted.text = drafted.text.replacen(&unknown, &named, 1);
        }
    }
    let sound = Profile::parse(&drafted.name, &drafted.text, None);
    let said = |wrong: Vec<Problem>| wrong.iter().map(ToString::to_string).collect::<Vec<_>>();
    sound.map(drop).map_err(|wrong| Failure::Cannot(said(wrong).join("\n")))
}

/// Never over what is there.
fn write(out: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |e| Failure::Cannot(format!("cannot write {}: {e}", out.display()));
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let mut file = std::fs::File::create_new(out).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)
}
