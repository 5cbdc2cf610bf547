//! Exchanges as documents give them, and as a bad line gives them.

use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes()).unwrap()
}

const TWO: Poll = Poll { function: Function::Holding, from: 0, count: 2 };
const REPLY: &str = "01030402 92ff9b5a3d";

fn said(hex: &str) -> Result<Vec<u8>, ReplyError> {
    TWO.reply(1, &bytes(hex)).map(<[u8]>::to_vec)
}

#[test]
fn questions_are_the_documented_bytes() {
    let ask = |function, from, count| Poll { function, from, count };
    for (unit, poll, hex) in [
        (1, TWO, "010300000002c40b"),
        (1, ask(Function::Holding, 3, 1), "010300030001740a"),
        (0x41, ask(Function::Holding, 0x0AF1, 1), "41030af10001d8e1"),
        (0xFF, ask(Function::Discrete, 0, 8), "ff02000000086c12"),
        (1, ask(Function::Input, 1, 1), "010400010001600a"),
    ] {
        assert_eq!(poll.question(unit).to_vec(), bytes(hex), "{poll}");
    }
}

#[test]
fn a_reply_is_found_whatever_the_line_puts_before_it() {
    let data = bytes("0292ff9b");
    for before in ["", "00", "00ff00", "010300000002c40b", "0203020000fc44", "01 0103 01030402"] {
        assert_eq!(said(&format!("{before}{REPLY}")), Ok(data.clone()), "{before}");
    }
    assert_eq!(said(&format!("{REPLY}0102")), Ok(data));
}

#[test]
fn what_is_no_reply_says_why() {
    let damaged = |why| Err(ReplyError::Damaged(why));
    for (hex, why) in [
        ("", Err(ReplyError::Silence)),
        // Only the echo of the question, as cheap adapters send it back.
        ("010300000002c40b", Err(ReplyError::Silence)),
        ("018302c0f1", Err(ReplyError::Refused(2))),
        ("018302c0f2", damaged(FrameError::Checksum)),
        ("0103040292ff9b5a3e", damaged(FrameError::Checksum)),
        ("0103040292ff9b5a", damaged(FrameError::Truncated)),
        ("01", damaged(FrameError::Truncated)),
        ("0183", damaged(FrameError::Truncated)),
        // Sound, but one register and not two: the late reply to another question.
        ("01030200017984", damaged(FrameError::Tail)),
        // Another unit, another function.
        ("0203020000fc44", damaged(FrameError::Noise)),
        ("01040402 92ff9b", damaged(FrameError::Noise)),
    ] {
        assert_eq!(said(hex), why, "{hex}");
    }
    let text = ReplyError::Refused(2).to_string();
    assert_eq!(text, "modbus exception 2, it has no such register");
}

#[test]
fn two_published_frames_with_a_wrong_checksum_are_refused() {
    // A breaker's reply and the echo of a write, as a public program documents them; the right ends
    // are FC44 and 4839.
    let one = Poll { count: 1, ..TWO };
    let wrong = bytes("02030200 00b844");
    assert_eq!(one.reply(2, &wrong), Err(ReplyError::Damaged(FrameError::Checksum)));
    assert!(one.reply(2, &bytes("0203020000fc44")).is_ok());
    assert_eq!(Exchange::read(&bytes("0206000000014838")), Err(FrameError::Noise));
    let asked = one.question(2);
    let exchange = [asked.as_slice(), &bytes("0206000000014838")].concat();
    let read = Exchange::read(&exchange).unwrap();
    assert_eq!(read.reply, Err(ReplyError::Damaged(FrameError::Noise)));
}

#[test]
fn an_exchange_whose_question_is_damaged_is_refused_as_a_whole() {
    for (hex, why) in [
        ("", FrameError::Truncated),
        ("01030000", FrameError::Truncated),
        ("010300000002c40c", FrameError::Checksum),
        ("ff04000000086c12", FrameError::Checksum),
        ("0106000000014838", FrameError::Noise),
    ] {
        assert_eq!(Exchange::read(&bytes(hex)), Err(why), "{hex}");
    }
    let greedy = Poll { count: 126, ..TWO };
    assert_eq!(Exchange::read(&greedy.question(1)), Err(FrameError::Oversize));
}

fn polls() -> impl Strategy<Value = (u8, Poll)> {
    let function = proptest::sample::select(Function::ALL.map(|(f, _, _)| f).to_vec());
    (1..=247_u8, function, any::<u16>(), 1..=100_u16)
        .prop_map(|(unit, function, from, count)| (unit, Poll { function, from, count }))
}

proptest! {
    #[test]
    fn what_any_line_gives_never_panics((unit, poll) in polls(), heard: Vec<u8>) {
        let exchange = [poll.question(unit).as_slice(), &heard].concat();
        prop_assert_eq!(Exchange::read(&exchange).unwrap().poll, poll);
        prop_assert!(Exchange::read(&heard).map_or(true, |read| read.poll.count <= 2000));
    }

    #[test]
    fn a_reply_with_one_byte_changed_is_never_taken(
        (unit, poll) in polls(),
        fill: u8,
        at: prop::sample::Index,
        change in 1..=255_u8,
    ) {
        let length = u8::try_from(poll.data()).unwrap();
        let mut reply = vec![unit, poll.function.code(), length];
        reply.resize(3 + poll.data(), fill);
        reply.extend(crc(&reply).to_le_bytes());
        prop_assert_eq!(poll.reply(unit, &reply).unwrap(), vec![fill; poll.data()]);
        let at = at.index(reply.len());
        reply[at] ^= change;
        prop_assert!(poll.reply(unit, &reply).is_err());
    }
}
