//! A raw capture of a serial line: which framing is it in, and which model speaks so?

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Guess, READS_MAX, Rank, sorted};
use crate::device::decode::Reading;
use crate::device::profile::Profiles;
use crate::device::{Deframer, Found, Framing, Profile};
use crate::domain::Property;

/// How much of a capture is tried, in bytes.
const STREAM_MAX: usize = 1024 * 1024;
/// Where less than this share of the bytes is in whole frames, it is another framing: one part in …
const SHARE: usize = 2;

/// What one framing finds in a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Framed {
    /// Which.
    pub framing: &'static str,
    /// Whole frames.
    pub frames: usize,
    /// Pieces that are none.
    pub damaged: usize,
    /// How many bytes stand in whole frames.
    pub bytes: usize,
}

/// Tries every framing on a capture, and every profile on the frames of its own.
pub fn stream(profiles: &Profiles, bytes: &[u8]) -> (Vec<Framed>, Vec<Guess>) {
    let bytes = bytes.get(..bytes.len().min(STREAM_MAX)).unwrap_or_default();
    let (mut framed, mut guesses) = (Vec::new(), Vec::new());
    for framing in Framing::ALL {
        let mut deframer = Deframer::new(framing);
        let found = deframer.push(bytes).into_iter().chain(deframer.end());
        let (mut frames, mut damaged) = (Vec::new(), 0);
        for one in found {
            match one {
                Found::Frame(frame) => frames.push(frame),
                Found::Damage { .. } => damaged += 1,
            }
        }
        let inside = frames.iter().map(Vec::len).sum();
        let one = Framed { framing: framing.name(), frames: frames.len(), damaged, bytes: inside };
        let own =
            profiles.values().filter(|p| p.line.as_ref().is_some_and(|l| l.framing == framing));
        if one.frames > 0 {
            guesses.extend(own.map(|profile| judge(profile, &one, &frames, bytes.len())));
        }
        framed.push(one);
    }
    framed.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.framing.cmp(b.framing)));
    (framed, sorted(guesses))
}

fn judge(profile: &Profile, framed: &Framed, frames: &[Vec<u8>], length: usize) -> Guess {
    let (mut read, mut reads, mut problems) = (BTreeSet::<Property>::new(), Vec::new(), Vec::new());
    let mut speaking = 0_usize;
    for frame in frames {
        let mut reading = Reading::default();
        profile.read_frame(frame, &mut reading);
        speaking += usize::from(!reading.observations.is_empty());
        read.extend(reading.observations.iter().map(|o| o.property));
        for said in reading.observations.iter().map(ToString::to_string) {
            if reads.len() < READS_MAX && !reads.contains(&said) {
                reads.push(said);
            }
        }
        for problem in reading.problems.iter().map(ToString::to_string) {
            if problems.len() < READS_MAX && !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    let Framed { framing, frames: whole, damaged, bytes } = framed;
    let mut why = vec![format!("{whole} whole frames of {framing}, {damaged} damaged pieces")];
    let mut why_not = Vec::new();
    if bytes * SHARE < length {
        why_not.push(format!("only {bytes} of {length} bytes are frames of {framing}"));
    }
    if read.is_empty() {
        why_not.push("it reads nothing in them".to_owned());
    } else {
        let names: Vec<&str> = read.iter().map(|p| p.name()).collect();
        why.push(format!("{speaking} of them tell {}", names.join(", ")));
    }
    for problem in problems.iter().take(3) {
        let list = if read.is_empty() { &mut why_not } else { &mut why };
        list.push(format!("not understood: {problem}"));
    }
    let is_generic = profile.is_generic();
    let fits = why_not.is_empty();
    let rank = Rank {
        fits,
        is_specific: !is_generic,
        own: speaking,
        read: read.len(),
        problems: std::cmp::Reverse(problems.len()),
        ..Rank::default()
    };
    Guess {
        profile: profile.name.clone(),
        about: profile.about.clone(),
        fits,
        is_sure: false,
        is_generic,
        binding: None,
        base: None,
        why,
        why_not,
        reads,
        rank,
    }
}
