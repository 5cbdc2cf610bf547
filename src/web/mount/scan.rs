//! `POST /scan?width=W&height=H`: what a code on a sensor says. The phone takes the photo and sends its grey
//! values, a byte each; it is read here, because most browsers cannot.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use rqrr::PreparedImage;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::web::Web;

/// The longest text of a code that is of use, in characters; the largest code has 4,296.
const TEXT_MAX: usize = 200;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/scan", post(scan))
}

#[derive(Debug, Deserialize)]
struct Photo {
    width: usize,
    height: usize,
}

/// The text; nothing, where no code can be read.
async fn scan(State(web): State<Arc<Web>>, query: Query<Photo>, grey: Bytes) -> Response {
    let Photo { width, height } = query.0;
    if width.checked_mul(height) != Some(grey.len()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    // One at a time: a photo that is made to be hard to read holds up other photos only.
    let Ok(_turn) = web.scans.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // The library gives up on some photos by a panic; then nothing could be read.
    match spawn_blocking(move || read(width, height, &grey)).await.ok().flatten() {
        Some(text) => text.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

fn read(width: usize, height: usize, grey: &[u8]) -> Option<String> {
    let at = |x, y| grey.get(y * width + x).copied().unwrap_or_default();
    let mut photo = PreparedImage::prepare_from_greyscale(width, height, at);
    let texts = photo.detect_grids().into_iter().filter_map(|grid| grid.decode().ok());
    let text = texts.map(|(_, text)| text).find(|text| !text.trim().is_empty())?;
    Some(text.trim().chars().take(TEXT_MAX).collect())
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, QrCode};

    use super::*;

    /// A code that says this, with its quiet zone, each square so many pixels wide.
    fn drawn(says: &str, pixels: usize) -> (usize, Vec<u8>) {
        let code = QrCode::new(says).unwrap();
        let (across, colors) = (code.width(), code.to_colors());
        let side = (across + 8) * pixels;
        let at = |n: usize| {
            let (x, y) = ((n % side / pixels).wrapping_sub(4), (n / side / pixels).wrapping_sub(4));
            let is_dark = x < across && y < across && colors[y * across + x] == Color::Dark;
            if is_dark { 40 } else { 220 }
        };
        (side, (0..side * side).map(at).collect())
    }

    #[test]
    fn a_code_is_read_and_a_photo_of_anything_else_is_nothing() {
        let (side, grey) = drawn(" MT:Y.K9042C00KA0648G00 ", 4);
        assert_eq!(read(side, side, &grey).as_deref(), Some("MT:Y.K9042C00KA0648G00"));
        assert_eq!(read(side, side, &vec![128; side * side]), None);
        let mut dice = 1_u64;
        let noise = |_: &u8| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u8::try_from(dice >> 56).unwrap()
        };
        assert_eq!(read(side, side, &grey.iter().map(noise).collect::<Vec<u8>>()), None);
        assert_eq!((read(0, 0, &[]), read(1, 1, &[0])), (None, None));
    }
}
