//! A stream of bytes in any framing. First byte: which framing; second: how the stream is cut.

use careloop::device::{Deframer, Found, Framing};

use super::pieces;

pub fn run(bytes: &[u8]) {
    let Some((&[which, seed], stream)) = bytes.split_first_chunk() else { return };
    let framing = Framing::ALL.into_iter().cycle().nth(usize::from(which)).expect("there are some");
    let whole = found(framing, [stream].into_iter());
    let cut = found(framing, pieces(stream, seed).into_iter());
    assert_eq!(whole, cut, "{framing}: what is found does not depend on the cut");

    // No byte is in two frames, nor reported as damaged twice.
    let is_frame = |one: &&Found| matches!(one, Found::Frame(_));
    let in_frames: usize = whole.iter().filter(is_frame).map(|one| bytes_of(one).len()).sum();
    let in_all: usize = whole.iter().map(|one| bytes_of(one).len()).sum();
    for bytes in [in_frames, in_all - in_frames] {
        assert!(bytes <= stream.len(), "{framing}: {bytes} bytes are found in {}", stream.len());
    }
    for one in &whole {
        let Found::Frame(frame) = one else { continue };
        let content = framing.open(frame);
        assert!(content.is_ok(), "{framing}: a frame that was found does not open: {frame:02x?}");
        // By itself it is found again, as itself.
        let mut alone = frame.clone();
        if framing.is_text() {
            alone.push(b'\n');
        }
        let again = found(framing, [alone.as_slice()].into_iter());
        assert_eq!(again, [Found::Frame(frame.clone())], "{framing}: a frame by itself");
    }
}

fn found<'b>(framing: Framing, pieces: impl Iterator<Item = &'b [u8]>) -> Vec<Found> {
    let mut deframer = Deframer::new(framing);
    let mut found: Vec<Found> = pieces.flat_map(|piece| deframer.push(piece)).collect();
    found.extend(deframer.end());
    found
}

fn bytes_of(found: &Found) -> &[u8] {
    match found {
        Found::Frame(bytes) | Found::Damage { bytes, .. } => bytes,
    }
}
