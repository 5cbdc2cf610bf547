//! "I am": who somebody says they are, remembered in a cookie. Only where people choose.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Router, extract::rejection::FormRejection};

use crate::domain::PersonId;

use super::lang::{Visitor, me_cookie};
use super::{People, Web, layout};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/me", post(choose))
}

async fn choose(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let me = form.get("me").and_then(|me| me.parse::<PersonId>().ok());
    let me = me.filter(|me| web.site.people == People::Choose && web.names().0.contains_key(me));
    let Some(me) = me else {
        let sentence = visitor.lang.say("请先选择您是谁", "Choose who you are first");
        return layout::plain(&visitor, StatusCode::BAD_REQUEST, sentence);
    };
    let back = form.get("back").filter(|back| is_here(back)).map_or("/", String::as_str);
    std::future::ready(([(header::SET_COOKIE, me_cookie(&me))], Redirect::to(back)).into_response())
        .await
}

/// Whether it is a path of ours, and nothing that a browser might take for another place.
pub(super) fn is_here(path: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_.:%/".contains(&b);
    path.starts_with('/') && !path.starts_with("//") && path.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn the_way_back_leads_nowhere_else() {
        assert!(is_here("/") && is_here("/incidents/h1-1") && is_here("/incidents/%E6%B0%B8-1"));
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/\r\nx"]
        {
            assert!(!is_here(elsewhere), "{elsewhere:?}");
        }
    }
}
