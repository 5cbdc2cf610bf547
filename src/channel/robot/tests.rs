use super::*;
use crate::domain::{Level, Time};

#[test]
fn a_text_is_cut_between_characters() {
    assert_eq!(cut("疑似跌倒", 7), "疑似");
    assert_eq!(cut("fall", 7), "fall");
    assert_eq!(cut("疑", 2), "");
}

#[test]
fn a_contact_is_a_person_a_telephone_or_everybody() {
    assert_eq!(Mention::of(""), Mention::Nobody);
    assert_eq!(Mention::of("@all"), Mention::All);
    assert_eq!(Mention::of("+8613800000000"), Mention::Mobile("+8613800000000"));
    assert_eq!(Mention::of("zhangsan"), Mention::User("zhangsan"));
}

#[test]
fn what_was_sent_ages_and_a_clock_set_back_blocks_nobody() {
    let at = |second: i64| Time(0) + Span::seconds(second);
    let mut budget = Budget::of(2, Span::minutes(1));
    assert_eq!(budget.take(Level::Urgent, at(100)), Ok(()));
    assert_eq!(budget.take(Level::Urgent, at(110)), Ok(()));
    assert_eq!(budget.take(Level::Urgent, at(120)), Err(Span::seconds(40)));
    assert_eq!(budget.take(Level::Urgent, at(160)), Ok(()));
    assert_eq!(budget.take(Level::Urgent, at(50)), Ok(()), "the clock was set back");
}
