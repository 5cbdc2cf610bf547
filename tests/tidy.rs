//! The picture in `src/lib.rs`, kept true: modules stand in dependency order, nothing above the line
//! touches the world, files stay small, and words that say nothing are not names.

use std::fs;
use std::path::{Path, PathBuf};

/// The module that begins the DURABLE ring: those before it are pure.
const LINE: &str = "store";
/// What has no place above the line.
const WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "std::io",
    "tokio",
    "tracing",
    "SystemTime",
    "Instant",
    "rusqlite",
    "axum",
    "reqwest",
    "rumqttc",
    "getrandom",
    "println!",
];
/// Lines in a file, tests included.
const LINES_MAX: usize = 400;
/// Words that say nothing, as names of modules and types.
const EMPTY_WORDS: &[&str] = &[
    "Event",
    "Data",
    "Info",
    "Manager",
    "Handler",
    "Service",
    "Processor",
    "Context",
    "Alert",
    "Utils",
    "Util",
    "Common",
    "Helper",
    "Helpers",
    "Misc",
];

struct Source {
    path: PathBuf,
    /// The module directly below the crate.
    top: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src can be listed") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let below = path.strip_prefix(&root).expect("it is below src");
                let first = below.components().next().expect("it has a name").as_os_str();
                let top = first.to_string_lossy().trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).expect("a source can be read");
                found.push(Source { path: below.to_owned(), top, text });
            }
        }
    }
    assert!(found.len() > 30, "the sources were found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The modules of `src/lib.rs`, in order.
fn order() -> Vec<String> {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = fs::read_to_string(lib).expect("src/lib.rs can be read");
    let names = text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The code of a source without comments and doc comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l });
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that a source names as `crate::…`.
fn uses(text: &str) -> Vec<String> {
    let after = text.split("crate::").skip(1);
    let name = |rest: &str| -> Vec<String> {
        let word = |t: &str| {
            t.trim()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or("")
                .to_owned()
        };
        match rest.strip_prefix('{') {
            // `use crate::{a, b::c}`
            Some(list) => list.split('}').next().unwrap_or("").split(',').map(word).collect(),
            None => vec![word(rest)],
        }
    };
    after.flat_map(name).filter(|n| !n.is_empty()).collect()
}

#[test]
fn arrows_point_up() {
    let order = order();
    let place = |name: &str| order.iter().position(|m| m == name);
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = place(&source.top) else { continue };
        for used in uses(&code(&source.text)) {
            if place(&used).is_some_and(|used| own < used) {
                wrong.push(format!(
                    "{}: uses `{used}`, which stands below it",
                    source.path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_above_the_line_touches_the_world() {
    let order = order();
    let line = order.iter().position(|m| m == LINE).expect("the line is in the picture");
    let pure = order.get(..line).expect("there is something above it");
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| pure.contains(&s.top)) {
        for (n, text) in code(&source.text).lines().enumerate() {
            for word in WORLD.iter().filter(|w| text.contains(**w)) {
                wrong.push(format!("{}:{}: `{word}` above the line", source.path.display(), n + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_small_and_names_say_something() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if LINES_MAX < lines {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
        for text in code(&source.text).lines() {
            let named = ["struct ", "enum ", "trait ", "mod "].iter().filter_map(|kind| {
                let (_, rest) = text.split_once(kind)?;
                rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
            });
            for name in named {
                if EMPTY_WORDS.iter().any(|w| w.eq_ignore_ascii_case(name)) {
                    wrong.push(format!("{}: `{name}` says nothing", source.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What browsers in use lack: WebKit of iOS 15.4, Firefox 115, Chromium 100 (README). Each with who has it since when,
/// by MDN's browser-compat-data. A word that is needed all the same gets a fall-back, and leaves this list.
const TOO_YOUNG_STYLES: &[(&str, &str)] = &[
    (":has(", "Chromium 105, Firefox 121"),
    ("@container", "Chromium 105, iOS 16"),
    ("@scope", "Chromium 118, iOS 26.4"),
    ("@property", "Firefox 128, iOS 16.4"),
    ("@starting-style", "Chromium 117, iOS 17.5"),
    ("(scripting", "Chromium 120, iOS 17"),
    ("(width <", "Chromium 104, iOS 16.4"),
    ("(width >", "Chromium 104, iOS 16.4"),
    ("color-mix(", "Chromium 111, iOS 16.2"),
    ("light-dark(", "Chromium 123, iOS 17.5"),
    ("oklch(", "Chromium 111"),
    ("text-wrap", "Chromium 114, iOS 17.4"),
    ("field-sizing", "Chromium 123, iOS 26.2"),
    ("subgrid", "Chromium 117, iOS 16"),
    ("overflow: clip", "iOS 16"),
    ("dvh", "Chromium 108"),
    ("svh", "Chromium 108"),
    ("100vh", "on an iPhone it is more than is seen"),
    ("&:", "nesting: Chromium 120, iOS 17.2"),
    ("& ", "nesting: Chromium 120, iOS 17.2"),
];
const TOO_YOUNG_SCRIPTS: &[(&str, &str)] = &[
    ("AbortSignal.", "timeout: Chromium 103, iOS 16; any: iOS 17.4"),
    ("new FormData(form, ", "Chromium 112, iOS 16.4"),
    (".aria", "Firefox 119: the attribute instead"),
    (".requestSubmit(", "iOS 16"),
    (".checkVisibility(", "Chromium 105, iOS 17.4"),
    (".showPicker(", "iOS 16"),
    ("startViewTransition", "Chromium 111, iOS 18"),
    ("requestIdleCallback", "no iPhone"),
    ("OffscreenCanvas", "iOS 16.4"),
    ("BarcodeDetector", "neither Firefox nor iPhones"),
    ("randomUUID", "by https only"),
    ("navigator.locks", "by https only"),
    (".canParse(", "Chromium 120, iOS 17"),
    (".toSorted(", "Chromium 110, iOS 16"),
    (".toReversed(", "Chromium 110, iOS 16"),
    (".groupBy(", "Chromium 117, iOS 17.4"),
    (".withResolvers(", "Chromium 119, iOS 17.4"),
    ("(?<", "lookbehind: iOS 16.4, where the whole script fails"),
    ("static {", "iOS 16.4, where the whole script fails"),
];
const TOO_YOUNG_MARKUP: &[(&str, &str)] = &[
    (" popover", "Chromium 114, iOS 17"),
    (" inert", "Chromium 102, iOS 15.5"),
    ("<details name", "Chromium 120, iOS 17.2"),
    ("<search", "Chromium 118, iOS 17"),
    ("type=\"month\"", "a plain field in Firefox"),
    ("type=\"week\"", "a plain field in Firefox"),
];

#[test]
fn pages_want_nothing_that_phones_in_use_lack() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let beside = fs::read_dir(web).expect("src/web can be listed").map(|entry| {
        let path = entry.expect("an entry can be read").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        (path.file_name().expect("it has a name").into(), text)
    });
    // Markup stands in strings; a word of Rust that looks like it does not.
    let markup = |text: &str| {
        let is_markup = |line: &&str| line.contains('<') && line.contains('>');
        code(text).lines().filter(is_markup).collect::<Vec<_>>().join("\n")
    };
    let pages = sources().into_iter().filter(|source| source.top == "web");
    let pages: Vec<(PathBuf, String)> =
        pages.map(|source| (source.path, markup(&source.text))).collect();
    let beside: Vec<(PathBuf, String)> = beside.collect();
    let (mut wrong, mut read) = (Vec::new(), 0);
    for (kind, words, files) in [
        ("css", TOO_YOUNG_STYLES, &beside),
        ("js", TOO_YOUNG_SCRIPTS, &beside),
        ("rs", TOO_YOUNG_MARKUP, &pages),
    ] {
        for (path, text) in files.iter().filter(|f| f.0.extension().is_some_and(|e| e == kind)) {
            let text = code(text);
            let found = words.iter().filter(|(word, _)| text.contains(word));
            wrong.extend(found.map(|(word, why)| format!("{}: `{word}`: {why}", path.display())));
            read += 1;
        }
    }
    assert!(10 < read, "the pages were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
