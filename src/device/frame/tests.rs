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

/// A frame as it is handed over: a line comes without its end.
fn bare(framing: Framing, mut frame: Vec<u8>) -> Vec<u8> {
    while framing.is_text() && frame.last().is_some_and(u8::is_ascii_whitespace) {
        frame.pop();
    }
    frame
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
        Framing::Ld2410 => [
            bytes("f4f3f2f10d0002aa0346003400003c00005500f8f7f6f5"),
            bytes(
                "f4f3f2f1230001aa031e003c000039000008083c220503030403060500003910130606080403055500f8f7f6f5",
            ),
        ],
        Framing::Ld2420 => [ld2420("0164"), ld2420("0000")],
        Framing::Ld2450 => [ld2450("0e03b186100040010000000000000000"), ld2450("")],
        Framing::MicRadar55 => [bytes("550800040601013e2c"), bytes("550a000403050100ff1d14")],
        Framing::Nonin => [nonin(72, 97, 0), nonin(511, 127, 0x40)],
        Framing::Lines => {
            [b"mov, 2 49\r\n".to_vec(), b"02/24/18 04:48:53 SPO2=097% BPM=080\n".to_vec()]
        }
        Framing::JsonLines => {
            [b"{\"fall\":true}\n".to_vec(), b"{\"a\":{\"b\":[{\"c\":1}]}}\r\n".to_vec()]
        }
    }
}

fn ld2420(data: &str) -> Vec<u8> {
    bytes(&format!("f4f3f2f12300{data:0<70}f8f7f6f5"))
}

fn ld2450(targets: &str) -> Vec<u8> {
    bytes(&format!("aaff0300{targets:0<48}55cc"))
}

/// A packet with these values; the first of its 25 parts has bit 0 of the status set.
fn nonin(rate: u16, saturation: u8, status: u8) -> Vec<u8> {
    let [high, low] = (rate << 1).to_be_bytes();
    let values = [high, low >> 1, saturation, 0x30];
    let part = |n: usize| {
        let status = 0x80 | status | u8::from(n == 0);
        let value = values.get(n).copied().unwrap_or(0);
        [1, status, 1, value, status.wrapping_add(value).wrapping_add(2)]
    };
    (0..25).flat_map(part).collect()
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
        (Framing::Ld2410, "f4f3f2f10d0002aa0346003400003c00005600f8f7f6f5", FrameError::Tail),
        (Framing::Ld2410, "f4f3f2f10d0002aa0346003400003c00005500f8f7f6f4", FrameError::Tail),
        (Framing::Ld2410, "f4f3f2f1ffff", FrameError::Oversize),
        (Framing::Ld2420, "f4f3f2f12300016400f8f7f6f5", FrameError::Truncated),
        (Framing::Ld2420, "f4f3f2f103000164 00f8f7f6f5", FrameError::Tail),
        (Framing::Ld2450, "aaff0300 0e03b186", FrameError::Truncated),
        (Framing::MicRadar55, "550800040601013e2d", FrameError::Checksum),
        (Framing::MicRadar55, "55080004", FrameError::Truncated),
        (Framing::MicRadar55, "55ff0304", FrameError::Oversize),
        (Framing::Nonin, "0181010083 0180014800", FrameError::Checksum),
        (Framing::Nonin, "0181010083 01800148ca 0181010083", FrameError::Truncated),
        (Framing::Lines, "6d6f762c2032", FrameError::Truncated),
        (Framing::Lines, "ff80c30a", FrameError::Noise),
        (Framing::JsonLines, "7b22610a", FrameError::Truncated),
        (Framing::JsonLines, "6f6b0a", FrameError::Noise),
    ] {
        assert_eq!(damage(framing, &bytes(hex)).first(), Some(&why), "{framing} {hex}");
        let whole = bytes(hex);
        if !matches!(why, FrameError::Noise) && !framing.is_text() && whole.len() < 14 {
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

#[test]
fn a_stream_joined_anywhere_in_a_frame_gives_all_that_follow() {
    for framing in Framing::ALL {
        let [one, two] = samples(framing);
        for cut in 0..one.len() {
            let stream = [&one[cut..], &two, &one].concat();
            let wanted = [&two, &one].map(|frame| bare(framing, frame.clone()));
            assert!(frames(framing, &stream).ends_with(&wanted), "{framing} from {cut}");
        }
    }
}

/// But for a line: without its end, nothing tells it from the next, which is lost with it.
#[test]
fn a_frame_cut_off_anywhere_does_not_cost_those_behind_it() {
    for framing in Framing::ALL {
        let [one, two] = samples(framing);
        for cut in 0..one.len() {
            let stream = [&one[..cut], &two, &one].concat();
            let wanted = [&two, &one].map(|frame| bare(framing, frame.clone()));
            let sure = if framing.is_text() { &wanted[1..] } else { &wanted };
            assert!(frames(framing, &stream).ends_with(sure), "{framing} to {cut}");
        }
    }
}

#[test]
fn text_between_frames_is_noise_and_nothing_else() {
    let text = b"\r\nets Jul 29 2019 12:21:46\r\nUART ready, it's working!!!! \r\n";
    for framing in Framing::ALL.into_iter().filter(|framing| *framing != Framing::Lines) {
        let [one, two] = samples(framing);
        let stream = [text, one.as_slice(), text, &two, text].concat();
        let wanted = [one, two].map(|frame| bare(framing, frame));
        assert_eq!(frames(framing, &stream), wanted, "{framing}");
        let mut damage = damage(framing, &stream);
        // A letter begins a frame of these; that none came is known at once.
        damage.retain(|why| framing != Framing::Contec || *why != FrameError::Truncated);
        assert!(damage.iter().all(|why| *why == FrameError::Noise), "{framing} {damage:?}");
    }
}

#[test]
fn an_answer_to_a_command_is_no_noise_and_no_report() {
    let answer = bytes("fdfcfbfa0800ff0100000100400004030201");
    for framing in [Framing::Ld2410, Framing::Ld2420, Framing::Ld2450] {
        let [report, _] = samples(framing);
        let stream = [answer.as_slice(), &report, &answer].concat();
        assert_eq!(damage(framing, &stream), [], "{framing}");
        assert_eq!(frames(framing, &stream).len(), 3);
        let sort = |frame: &[u8]| framing.open(frame).unwrap().selector;
        assert_ne!(sort(&answer), sort(&report), "{framing}");
    }
}

#[test]
fn garbage_a_cut_frame_and_a_flood_of_ones_do_not_cost_the_frame_behind_them() {
    let stream = format!(
        "deadbeef001122f4f3f2f10d0002aa{}f4f3f2f10d0002aa033200644b00507f005500f8f7f6f5",
        "ff".repeat(85)
    );
    assert_eq!(frames(Framing::Ld2410, &bytes(&stream)).len(), 1);
}

#[test]
fn the_targets_of_a_radar_are_counted_wherever_it_keeps_them() {
    let count = |targets: &str| Framing::Ld2450.open(&ld2450(targets)).unwrap().data[24];
    assert_eq!(count(""), 0);
    assert_eq!(count("0e03b18610004001"), 1);
    assert_eq!(count("00000000000000000e03b186100040010e03b18610004001"), 2);
}

#[test]
fn the_values_spread_over_a_packet_are_put_together() {
    let data = |packet: Vec<u8>| Framing::Nonin.open(&packet).unwrap().data.into_owned();
    assert_eq!(data(nonin(72, 97, 0)), [0, 0, 72, 97, 0x30]);
    assert_eq!(data(nonin(200, 100, 0)), [0, 0, 200, 100, 0x30]);
    assert_eq!(data(nonin(511, 127, 0x58)), [0x58, 0x01, 0xFF, 127, 0x30]);
}

#[test]
fn what_the_host_says_is_never_taken_for_the_radar() {
    let sort = |hex| Framing::MicRadar55.open(&bytes(hex)).unwrap().selector;
    assert_eq!(sort("550800040601013e2c"), 0x0601);
    assert_eq!(sort("55070001030528ed"), 0);
}

#[test]
fn a_line_is_text_from_one_control_character_to_the_next() {
    let lines = |stream: &[u8]| {
        let lines = frames(Framing::Lines, stream).into_iter();
        lines.map(|line| String::from_utf8(line).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(lines(b"\x00\x80\xFF\x00ON\r\n\r\n\nRange 120\r\nOF"), ["ON", "Range 120"]);
    assert_eq!(lines("\u{1b}[0m\t跌倒\r\n".as_bytes()), ["[0m\t跌倒"]);
    assert_eq!(lines(b"half\rwhole\r\n"), ["whole"]);
    let endless = [vec![b'x'; 5000], b"\nmov, 2 49\r\n".to_vec()].concat();
    assert_eq!(lines(&endless).last().unwrap(), "mov, 2 49");
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
                Framing::MicRadar
                | Framing::TinyFrame
                | Framing::Ld2410
                | Framing::Ld2420
                | Framing::Ld2450
                | Framing::MicRadar55
                | Framing::Nonin => {}
                Framing::Contec => noise.iter_mut().for_each(|byte| *byte |= 0x80),
                Framing::Contec5 => noise.iter_mut().for_each(|byte| *byte &= 0x7F),
                Framing::JsonLines | Framing::Lines => noise.push(b'\n'),
            }
            stream.extend(noise);
            stream.extend(frame);
        }
        let wanted = [one.clone(), two, one].map(|frame| bare(framing, frame)).to_vec();
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
