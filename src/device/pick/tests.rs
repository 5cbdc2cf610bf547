//! What is picked out of a text, against a whole reading of it.

use proptest::prelude::*;

use super::*;

fn tree() -> Tree {
    let mut tree = Tree::default();
    for (slot, pointer) in ["", "/a", "/b/c", "/l/1", "/x~1y"].into_iter().enumerate() {
        tree.want(pointer, slot);
    }
    tree
}

fn picked(text: &str) -> Result<Vec<Scalar<'_>>, serde_json::Error> {
    let mut slots = vec![Scalar::Absent; 5];
    pick(text, &tree(), &mut slots).map(|()| slots)
}

#[test]
fn of_duplicate_keys_the_last_counts_also_with_all_that_is_below() {
    let slots = picked(r#"{"a":1,"b":{"c":1},"a":"é\n","b":{}}"#).unwrap();
    assert_eq!(slots[1], Scalar::Text("é\n".into()));
    assert_eq!(slots[2], Scalar::Absent);
}

#[test]
fn a_number_too_large_spoils_only_its_own_place() {
    let slots = picked(r#"{"a":1e400,"b":{"c":true},"l":[0,-1e999],"z":1e400}"#).unwrap();
    assert_eq!(slots[1..4], [TOO_LARGE, Scalar::Flag(true), TOO_LARGE]);
    assert!(picked(r#"{"a":1e400,"b":}"#).is_err());
}

#[test]
fn of_the_members_of_a_list_or_an_object_each_is_a_row() {
    let mut tree = Tree::default();
    for (slot, pointer) in ["/e/*/c", "/e/*/v", "/m"].into_iter().enumerate() {
        tree.want(pointer, slot);
    }
    let rows = |text| {
        let (mut slots, mut rows) = (vec![Scalar::Absent; 3], Rows::default());
        pick_rows(text, &tree, &mut slots, &mut rows).unwrap();
        let seen = |row: &Row<'_>| format!("{} {:?}", row.group, row.within(&slots));
        (rows.rows.iter().map(seen).collect::<Vec<_>>(), rows.is_cut)
    };
    let (some, _) = rows(r#"{"e":[{"c":1,"v":2},{},{"v":1e400},[4]],"m":true}"#);
    assert_eq!(
        some,
        [
            "0 [Number(1.0), Other(\"a number too large to be one\"), Flag(true)]",
            "0 [Absent, Other(\"a number too large to be one\"), Flag(true)]",
        ]
    );
    assert_eq!(rows(r#"{"e":{"x":{"c":1},"y":{"c":2}}}"#).0.len(), 2);
    let (last, _) = rows(r#"{"e":[{"c":1},{"c":2}],"e":[{"c":3}]}"#);
    assert_eq!(last, ["0 [Number(3.0), Absent, Absent]"]);
    let (many, is_cut) = rows(&format!(r#"{{"e":[{}0]}}"#, r#"{"c":1},"#.repeat(1000)));
    assert_eq!((many.len(), is_cut), (ROWS_MAX, true));
    tree.want("/e/y/c", 2);
    let named = |text| {
        let (mut slots, mut rows) = (vec![Scalar::Absent; 3], Rows::default());
        pick_rows(text, &tree, &mut slots, &mut rows).unwrap();
        (slots[2].clone(), rows.rows.len())
    };
    assert_eq!(named(r#"{"e":{"x":{"c":1},"y":{"c":2}}}"#), (Scalar::Number(2.0), 1));
}

#[test]
fn nesting_without_end_is_read_or_refused_and_nothing_breaks() {
    let deep = |n| format!(r#"{{"a":true,"z":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    assert_eq!(picked(&deep(100)).unwrap()[1], Scalar::Flag(true));
    for levels in [128, 200, 200_000] {
        let why = picked(&deep(levels)).unwrap_err().to_string();
        assert_eq!(why, "it is nested more than 128 levels deep");
    }
    let brackets = format!(r#"{{"a":true,"z":"\"{}"}}"#, "[".repeat(300));
    assert_eq!(picked(&brackets).unwrap()[1], Scalar::Flag(true));
    assert!(picked(&format!(r#"{{"l":{}"#, "[".repeat(200_000))).is_err());
}

proptest! {
    /// The reference is serde_json's own tree.
    #[test]
    fn picks_what_a_whole_reading_finds(text in r#"\{("(a|b|x/y|z)":(1|-2\.5|true|null|"t"|\{"c":(3|\[\])\}),){0,5}"l":\[(0,)?[0-9]\]\}"#) {
        let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
        let slots = picked(&text).unwrap();
        for (slot, pointer) in slots.iter().zip(["", "/a", "/b/c", "/l/1", "/x~1y"]) {
            match (slot, whole.pointer(pointer)) {
                (Scalar::Absent, None) => {}
                (Scalar::Null, Some(found)) => prop_assert!(found.is_null()),
                (Scalar::Flag(flag), Some(found)) => prop_assert_eq!(found.as_bool(), Some(*flag)),
                (Scalar::Number(n), Some(found)) => prop_assert_eq!(found.as_f64(), Some(*n)),
                (Scalar::Text(text), Some(found)) => prop_assert_eq!(found.as_str(), Some(&**text)),
                (Scalar::Other(_), Some(found)) => prop_assert!(found.is_object() || found.is_array()),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        prop_assert_eq!(picked(&text).is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok());
    }
}
