//! `careloop demo`, as somebody who has just got it runs it.

use crate::house::House;

#[tokio::test]
async fn the_demo_shows_a_fall_becoming_an_alarm_and_ends_at_ctrl_c() {
    let house = House::new();
    let data = house.folder.path().display().to_string();
    let demo = house.spawn(&["demo", "--fall-after", "1", "--data", &data]);
    demo.says("careloop demo: one home").await;
    demo.says("detected: fall seen by fall-radar").await;
    demo.says("warned: ask resident").await;
    house.incident("fall").await;
    let (status, said) = demo.end("-INT").await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.ends_with("ended\n"), "{said}");
    assert!(!said.contains("WARN"), "nothing is amiss: {said}");
}
