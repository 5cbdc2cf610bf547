//! Asking the gateway that runs: there is one writer.

use reqwest::Method;

use super::Failure;
use crate::config::Settings;

/// How long the gateway may take.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

/// Sends a request to `/api/v1/…`. Returns the status and the body of the answer.
///
/// # Errors
/// It cannot be reached.
pub(super) async fn ask(
    settings: &Settings,
    method: Method,
    path: &str,
    (kind, body): (&str, String),
) -> Result<(u16, String), Failure> {
    let Some(http) = &settings.http else {
        return Err(Failure::Cannot(
            "gateway.toml has no [http]: the gateway cannot be asked".to_owned(),
        ));
    };
    let url = format!("http://{}/api/v1/{path}", http.listen);
    let cannot = |e: &dyn std::fmt::Display| {
        Failure::Cannot(format!("cannot reach the gateway at {}: {e}", http.listen))
    };
    let tls = crate::tls::client(None).map_err(|e| cannot(&e))?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(WITHIN)
        .build()
        .map_err(|e| cannot(&e))?;
    let mut request = client.request(method, url).header("content-type", kind);
    if let Some(token) = &http.token {
        request = request.header("authorization", format!("Bearer {}", token.reveal()));
    }
    let answer = request.body(body).send().await;
    let answer = answer.map_err(|e| cannot(&crate::tls::in_full(&e.without_url())))?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await.map_err(|e| cannot(&e))?))
}

/// A value of a query, as an address wants it.
pub(super) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What the answer says, if it is not one of success.
///
/// # Errors
/// The gateway's complaint, each field on a line of its own.
pub(super) fn heed((status, answer): (u16, String)) -> Result<String, Failure> {
    match status {
        200..=299 => Ok(answer),
        400..=499 => Err(Failure::Wrong(complaint(&answer))),
        _ => Err(Failure::Cannot(complaint(&answer))),
    }
}

fn complaint(answer: &str) -> String {
    let said: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |value: &serde_json::Value, key: &str| {
        value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let Some(mut complaint) = text(&said, "error") else { return answer.to_owned() };
    for place in said.get("where").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let field = text(place, "field").unwrap_or_default();
        let error = text(place, "error").unwrap_or_default();
        complaint.push_str(&format!("\n{field}: {error}"));
    }
    complaint
}
