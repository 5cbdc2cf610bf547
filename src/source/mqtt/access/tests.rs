use super::*;

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn filters(all: &[&str]) -> Vec<Filter> {
    all.iter().map(|f| f.parse().unwrap()).collect()
}

fn permit(publish: &[&str], subscribe: &[&str], user: &str, client: &str) -> Permit {
    let rights = Rights { publish: filters(publish), subscribe: filters(subscribe) };
    Permit::new(&rights, user, client)
}

fn door() -> Access {
    let client = |user: &str| Client {
        user: user.to_owned(),
        password: Secret::from(format!("{user}'s")),
        rights: Rights::default(),
    };
    Access::new(vec![client("wang"), client("li")], None).unwrap()
}

#[test]
fn a_right_covers_what_is_narrower_and_nothing_else() {
    let permit = permit(&["a/+", "b/#"], &["a/+", "b/#", "c"], "", "");
    for (filter, allowed) in [
        ("a/x", true),
        ("a/+", true),
        ("a/#", false),
        ("b", true),
        ("b/+/x", true),
        ("#", false),
        ("+/x", false),
        ("c", true),
        ("c/x", false),
    ] {
        assert_eq!(permit.subscribe(&filter.parse().unwrap()), allowed, "{filter}");
    }
    assert!(permit.publish("a/x") && permit.publish("b") && !permit.publish("a/x/y"));
}

#[test]
fn placeholders_give_each_client_its_own_topics() {
    let permit = permit(&["dev/%c/#", "u-%u/x"], &[], "wang", "pir-1");
    assert!(permit.publish("dev/pir-1/state") && permit.publish("u-wang/x"));
    assert!(!permit.publish("dev/pir-2/state"));
}

#[test]
fn a_client_that_calls_itself_a_wildcard_gains_nothing() {
    for client in ["+", "#", "pir-1/x", "%u"] {
        let permit = permit(&["dev/%c/state"], &["dev/%c/state"], "pir-1", client);
        assert!(!permit.publish("dev/pir-1/state"), "{client}");
        assert!(!permit.subscribe(&"dev/+/state".parse().unwrap()), "{client}");
        assert!(!permit.subscribe(&"dev/pir-1/state".parse().unwrap()), "{client}");
    }
}

#[test]
fn nobody_publishes_in_our_name_by_a_wildcard() {
    let all = permit(&["#", "+/x"], &["#"], "", "");
    assert!(!all.publish("careloop/incidents/1") && !all.publish("careloop/x"));
    assert!(!all.publish("$SYS/x") && all.publish("careloopx/x"));
    let named = permit(&["careloop/incidents/+/moves"], &[], "", "");
    assert!(named.publish("careloop/incidents/1/moves"));
}

#[tokio::test(start_paused = true)]
async fn five_wrong_passwords_close_the_door_for_that_name_and_address_for_a_minute() {
    let door = door();
    let now = Instant::now();
    let login = |user, password: &str, from, now| {
        door.login(Some(user), Some(password.as_bytes()), "c", from, now).map(|_| ())
    };
    assert_eq!(login("wang", "wang's", HOME, now), Ok(()));
    for _ in 0..5 {
        assert_eq!(login("wang", "guess", HOME, now), Err(Denied::Wrong));
    }
    assert_eq!(login("wang", "wang's", HOME, now), Err(Denied::Throttled));
    assert_eq!(login("li", "li's", HOME, now), Ok(()), "another name behind the same address");
    let elsewhere = IpAddr::from([10, 0, 0, 7]);
    assert_eq!(login("wang", "wang's", elsewhere, now), Ok(()));
    assert_eq!(login("wang", "wang's", HOME, now + PENANCE), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn guessing_names_closes_the_door_for_the_address() {
    let door = door();
    let now = Instant::now();
    for n in 0..TRIES_PER_ADDRESS {
        let user = format!("user{n}");
        assert!(door.login(Some(&user), None, "c", HOME, now).is_err());
    }
    let last = door.login(Some("li"), Some(b"li's"), "c", HOME, now);
    assert_eq!(last.map(|_| ()), Err(Denied::Throttled));
}

#[test]
fn without_a_name_one_comes_in_only_where_that_is_allowed() {
    let now = Instant::now();
    let refused = door().login(None, None, "c", HOME, now).map(|_| ());
    assert_eq!(refused, Err(Denied::Nameless));
    let rights = Rights { publish: filters(&["#"]), subscribe: Vec::new() };
    let open = Access::new(Vec::new(), Some(rights)).unwrap();
    assert!(open.login(None, None, "c", HOME, now).unwrap().publish("a"));
}

#[test]
fn a_name_is_looked_at_only_where_somebody_has_one() {
    let now = Instant::now();
    let rights = || Rights { publish: filters(&["#"]), subscribe: Vec::new() };
    let open = Access::new(Vec::new(), Some(rights())).unwrap();
    assert!(open.login(Some("x"), Some(b"y"), "c", HOME, now).unwrap().publish("a"));
    let wang = || Client {
        user: "wang".to_owned(),
        password: Secret::from("wang's".to_owned()),
        rights: rights(),
    };
    let mixed = Access::new(vec![wang()], Some(rights())).unwrap();
    assert!(mixed.login(None, None, "c", HOME, now).is_ok());
    for (user, password) in [("x", "y"), ("wang", "guess")] {
        let refused = mixed.login(Some(user), Some(password.as_bytes()), "c", HOME, now);
        assert_eq!(refused.map(|_| ()), Err(Denied::Wrong), "{user}");
    }
    let closed = Access::new(Vec::new(), None).unwrap();
    assert!(closed.login(Some("x"), None, "c", HOME, now).is_err());
}

fn device(user: &str, password: &str, publish: &[&str]) -> OwnDevice {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, password.as_bytes()).as_ref());
    let rights = Rights { publish: filters(publish), subscribe: Vec::new() };
    OwnDevice { user: user.to_owned(), digest: bytes, rights }
}

#[test]
fn a_device_comes_in_by_the_password_of_its_digest_until_it_is_another() {
    let (door, now) = (door(), Instant::now());
    let login =
        |password: &str| door.login(Some("h1.x"), Some(password.as_bytes()), "c", HOME, now);
    assert!(login("one").is_err(), "it is not known yet");
    door.let_in(vec![device("h1.x", "one", &["x"])]);
    let permit = login("one").unwrap();
    assert!(permit.publish("x") && !permit.publish("y") && door.stands(&permit));
    // The digest itself is no password.
    let hash = String::from_utf8_lossy(digest(&SHA256, b"one").as_ref()).into_owned();
    assert!(login("two").is_err() && login("").is_err() && login(&hash).is_err());
    door.let_in(vec![device("h1.x", "one", &["x"]), device("h1.y", "two", &["y"])]);
    assert!(door.stands(&permit), "somebody else came: it is none of its business");
    for changed in [
        vec![device("h1.x", "one", &["x", "z"])],
        vec![device("h1.x", "another", &["x"])],
        vec![device("h1.y", "one", &["x"])],
        Vec::new(),
    ] {
        door.let_in(changed);
        assert!(!door.stands(&permit));
    }
}

#[test]
fn a_new_password_is_not_locked_out_for_the_tries_with_the_old_one() {
    let (door, now) = (door(), Instant::now());
    door.let_in(vec![device("h1.x", "one", &["x"]), device("h1.y", "one", &["x"])]);
    let login = |user, password: &str| {
        door.login(Some(user), Some(password.as_bytes()), "c", HOME, now).map(|_| ())
    };
    for user in ["h1.x", "h1.y"] {
        for _ in 0..TRIES_PER_NAME {
            assert_eq!(login(user, "guess"), Err(Denied::Wrong));
        }
    }
    door.let_in(vec![device("h1.x", "two", &["x"]), device("h1.y", "one", &["x"])]);
    assert_eq!(login("h1.x", "two"), Ok(()));
    assert_eq!(login("h1.y", "one"), Err(Denied::Throttled), "that one is still guessed at");
}

#[test]
fn an_address_that_looks_like_a_placeholder_gives_nothing() {
    let door = door();
    door.let_in(vec![device("h1.x", "one", &["dev/%c/state", "dev/%u"])]);
    let permit = door.login(Some("h1.x"), Some(b"one"), "other", HOME, Instant::now()).unwrap();
    assert!(!permit.publish("dev/other/state") && !permit.publish("dev/h1.x"));
    assert!(permit.publish("dev/%c/state"));
}

#[test]
fn where_nobody_needs_a_name_a_device_that_has_one_needs_its_password() {
    let rights = Rights { publish: filters(&["#"]), subscribe: Vec::new() };
    let (door, now) = (Access::new(Vec::new(), Some(rights)).unwrap(), Instant::now());
    door.let_in(vec![device("h1.x", "one", &["x"])]);
    let login = |user, password: &str| door.login(user, Some(password.as_bytes()), "c", HOME, now);
    assert!(login(None, "").unwrap().publish("a"));
    assert!(login(Some("z2m"), "any").unwrap().publish("a"), "as before the first device had one");
    assert!(login(Some("h1.x"), "guess").is_err());
    assert!(!login(Some("h1.x"), "one").unwrap().publish("a"));
}
