//! The style sheet, the script and the icon: part of the program, named by what is in them, so that
//! a phone fetches each once.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use ring::digest::{SHA256, digest};

use super::Web;

const CSS: &str = include_str!("app.css");
/// One script: what lives, what is tapped, what sounds, what is pushed, what is read.
const JS: &str = concat!(
    include_str!("app.js"),
    include_str!("taps.js"),
    include_str!("sound.js"),
    include_str!("push.js"),
    include_str!("scan.js")
);
const WORKER: &str = include_str!("sw.js");
const MANIFEST: &str = include_str!("manifest.json");
const ICON: &str = include_str!("icon.svg");
/// The same, drawn on the colour of a page, 192 pixels wide: home screens and notifications know no SVG.
const DRAWN: &[u8] = include_bytes!("icon.png");

/// Whoever asks by an address that names the contents may keep it for ever.
const KEEP: &str = "public, max-age=31536000, immutable";

static CSS_PATH: LazyLock<String> = LazyLock::new(|| named("/app.css", CSS));
static JS_PATH: LazyLock<String> = LazyLock::new(|| named("/app.js", JS));

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/app.css", get(async || asset("text/css; charset=utf-8", CSS)))
        .route("/app.js", get(async || asset("text/javascript; charset=utf-8", JS)))
        .route("/sw.js", get(async || unnamed("text/javascript; charset=utf-8", WORKER)))
        .route("/manifest.json", get(async || unnamed("application/manifest+json", MANIFEST)))
        .route("/icon.svg", get(async || asset("image/svg+xml", ICON)))
        .route("/icon.png", get(async || asset("image/png", DRAWN)))
}

/// Where the style sheet is.
pub(super) fn css() -> &'static str {
    &CSS_PATH
}

/// Where the script is.
pub(super) fn js() -> &'static str {
    &JS_PATH
}

fn named(path: &str, text: &str) -> String {
    let hash = data_encoding::HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref());
    format!("{path}?v={}", hash.get(..12).unwrap_or_default())
}

fn asset(kind: &'static str, text: impl IntoResponse) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEEP)], text)
}

/// What a browser asks for by a name that stays: it asks each time whether it is another one.
fn unnamed(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}
