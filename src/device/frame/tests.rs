//! Stories and properties of the framings, on bytes of real devices where there are any.

use proptest::prelude::*;

use super::{Deframer, Found, FrameError, Framing};

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap()
}

fn found(framing: Framing, stream: &[u8]) -> Vec<Found> {
    let mut deframer = Deframer::new(framing);
    let mut found = deframer.push(stream);
    found.extend(deframer.end());
    found
}

fn frames(framing: Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let frame = |f| if let Found::Frame(bytes) = f { Some(bytes) } else { None };
    found(framing, stream).into_iter().filter_map(frame).collect()
}

fn damage(framing: Framing, stream: &[u8]) -> Vec<FrameError> {
    let why = |f| if let Found::Damage { why, .. } = f { Some(why) } else { None };
    found(framing, stream).into_iter().filter_map(why).collect()
}

/// Two whole frames of each framing.
fn samples(framing: Framing) -> [Vec<u8>; 2] {
    match framing {
        Framing::MicRadar => [bytes("53598301000101325443"), bytes("5359800400020023555443")],
        Framing::TinyFrame => {
            [bytes("01000000010e02f301fe"), bytes("01427f00080a16d701000000ae478542d0")]
        }
        Framing::Contec => [bytes("01e085b396c1e1ffff"), bytes("01e085b096c1e1ffff")],
        Framing::Contec5 => [bytes("8732054862"), bytes("8540440a5d")],
        Framing::JsonLines => {
            [b"{\"fall\":true}\n".to_vec(), b"{\"a\":{\"b\":[{\"c\":1}]}}\r\n".to_vec()]
        }
    }
}

fn any_framing() -> impl Strategy<Value = Framing> {
    proptest::sample::select(Framing::ALL.to_vec())
}

#[test]
fn a_captured_stream_with_text_between_its_frames_gives_all_seven() {
    let stream = bytes(
        "01427e000c0a13d7459e72404eae4f3f4257283e8501427f00080a16d701000000ae478542d0014280000\
         40a152700009842250d0a206974277320776f726b696e6721212121200d0a014281000c0a13288b786d40b11\
         2553f27af9e3ec001428200080a162a01000000ae478542d00d0a206974277320776f726b696e67212121212\
         00d0a014283000c0a132a1d1d694002d8593f990fe03e2201428400080a162c01000000ae478542d0",
    );
    assert_eq!(frames(Framing::TinyFrame, &stream).len(), 7);
    assert!(damage(Framing::TinyFrame, &stream).iter().all(|why| *why == FrameError::Noise));
}

#[test]
fn a_captured_read_with_zeros_between_and_a_cut_end_gives_the_five_that_are_whole() {
    let stream = bytes(
        "535980030001063654430053598003000106365443005359800300010636544300005359800300010c3c5443\
         005359800300010636544300535980030001063654",
    );
    assert_eq!(frames(Framing::MicRadar, &stream).len(), 5);
    assert_eq!(damage(Framing::MicRadar, &stream).last(), Some(&FrameError::Truncated));
}

#[test]
fn a_first_byte_astray_before_a_frame_does_not_cost_the_frame() {
    let stream = bytes("01 4201 0006 0004 0a15 e300 0080 423d");
    assert_eq!(frames(Framing::TinyFrame, &bytes("014201000600040a15e3000080423d")).len(), 1);
    assert_eq!(frames(Framing::TinyFrame, &stream).len(), 1);
    assert_eq!(frames(Framing::MicRadar, &bytes("535353598301000101325443")).len(), 1);
}

#[test]
fn a_frame_behind_a_cut_one_comes_at_once_however_long_the_cut_one_claims_to_be() {
    let cut = bytes("01 0001 0100 0a04 f1 0102 535980030100");
    for framing in [Framing::TinyFrame, Framing::MicRadar] {
        let [frame, _] = samples(framing);
        let mut deframer = Deframer::new(framing);
        deframer.push(&cut);
        assert!(deframer.push(&frame).contains(&Found::Frame(frame.clone())), "{framing}");
    }
}

#[test]
fn a_message_without_data_does_not_cost_the_next() {
    let stream = bytes("01800000000e0e7e 01000000010e02f301fe");
    assert_eq!(frames(Framing::TinyFrame, &stream).len(), 2);
}

#[test]
fn every_kind_of_damage_is_told_apart() {
    for (framing, hex, why) in [
        (Framing::MicRadar, "53598502000141005443", FrameError::Checksum),
        (Framing::MicRadar, "5359850200014175", FrameError::Truncated),
        (Framing::MicRadar, "53598502000141750000", FrameError::Tail),
        (Framing::MicRadar, "53598502ffff41755443", FrameError::Oversize),
        (Framing::TinyFrame, "01000500040a15e00000904200", FrameError::Checksum),
        (Framing::TinyFrame, "01000500040a15e10000904200", FrameError::Header),
        (Framing::TinyFrame, "01000800010e", FrameError::Truncated),
        (Framing::Contec, "01e085b3 01e085b396c1e1ffff", FrameError::Truncated),
        (Framing::Contec5, "87320587 32054862", FrameError::Truncated),
        (Framing::JsonLines, "7b22610a", FrameError::Truncated),
        (Framing::JsonLines, "6f6b0a", FrameError::Noise),
    ] {
        assert_eq!(damage(framing, &bytes(hex)).first(), Some(&why), "{framing} {hex}");
        let whole = bytes(hex);
        if !matches!(why, FrameError::Noise) && framing != Framing::JsonLines && whole.len() < 14 {
            assert!(framing.open(&whole).is_err(), "{framing} {hex}");
        }
    }
}

#[test]
fn an_object_within_a_line_that_lost_its_end_does_not_pass_for_the_whole() {
    let lost = b"{\"simulated\":true,\"state\":{\"fall\":true}\n{\"fall\":false}\n";
    assert_eq!(frames(Framing::JsonLines, lost), [b"{\"fall\":false}"]);
    let cut = b"rst:0x1 (POWERON_RESET)\r\n{\"presence\":tr{\"fall\":true}\r\n";
    assert_eq!(frames(Framing::JsonLines, cut), [b"{\"fall\":true}"]);
}

#[test]
fn an_endless_line_is_given_up_and_the_next_is_read() {
    let mut stream = vec![b'{'; 40_000];
    stream.extend(b"\n{\"fall\":true}\n");
    assert_eq!(frames(Framing::JsonLines, &stream), [b"{\"fall\":true}"]);
}

proptest! {
    #[test]
    fn the_cut_of_the_stream_into_reads_makes_no_difference(
        framing in any_framing(),
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..12)), 0..12),
        cuts in prop::collection::vec(1_usize..9, 1..80),
    ) {
        let samples = samples(framing);
        let mut stream = Vec::new();
        for (which, noise) in pieces {
            stream.extend(noise);
            stream.extend(&samples[usize::from(which)]);
        }
        let mut deframer = Deframer::new(framing);
        let mut cut = Vec::new();
        let mut rest = stream.as_slice();
        for n in cuts.iter().cycle() {
            if rest.is_empty() { break }
            let (now, later) = rest.split_at((*n).min(rest.len()));
            cut.extend(deframer.push(now));
            rest = later;
        }
        cut.extend(deframer.end());
        prop_assert_eq!(cut, found(framing, &stream));
    }

    /// What noise can look like is up to the framing: a line end must end a line of noise, and a
    /// Contec frame is told by bit 7 alone.
    #[test]
    fn noise_before_and_between_frames_never_costs_a_frame(
        framing in any_framing(),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 3),
    ) {
        let [one, two] = samples(framing);
        let mut stream = Vec::new();
        for (mut noise, frame) in noise.into_iter().zip([&one, &two, &one]) {
            match framing {
                Framing::MicRadar | Framing::TinyFrame => {}
                Framing::Contec => noise.iter_mut().for_each(|byte| *byte |= 0x80),
                Framing::Contec5 => noise.iter_mut().for_each(|byte| *byte &= 0x7F),
                Framing::JsonLines => noise.push(b'\n'),
            }
            stream.extend(noise);
            stream.extend(frame);
        }
        let mut wanted = [one.clone(), two, one].to_vec();
        for frame in &mut wanted {
            while framing == Framing::JsonLines && frame.last().is_some_and(u8::is_ascii_whitespace) {
                frame.pop();
            }
        }
        let mut found = frames(framing, &stream);
        found.retain(|frame| wanted.contains(frame));
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_nothing_grows(
        framing in any_framing(),
        stream in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        for one in found(framing, &stream) {
            let (Found::Frame(bytes) | Found::Damage { bytes, .. }) = one;
            prop_assert!(bytes.len() <= framing.max().max(256));
        }
        drop(framing.open(&stream));
    }
}
