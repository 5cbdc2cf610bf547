//! Who asks: in which language, and as whom.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use crate::domain::PersonId;

use super::door::Me;

pub(super) use crate::domain::Lang;

/// Remembers the language.
const LANG: &str = "careloop_lang";
/// Remembers who somebody says they are, where people choose; it gives no rights.
const ME: &str = "careloop_me";

/// The one the browser likes best: `zh-CN,zh;q=0.9,en;q=0.8`.
fn accepted(header: &str) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    for wish in header.split(',') {
        let (tag, weight) = wish.split_once(";q=").unwrap_or((wish, "1"));
        let weight = weight.trim().parse().unwrap_or(0.0);
        if let Some(lang) = Lang::of_tag(tag)
            && best.is_none_or(|(most, _)| most < weight)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

/// Whoever looks at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Visitor {
    /// In which language.
    pub(super) lang: Lang,
    /// Chosen just now, to be remembered.
    pub(super) chose_lang: bool,
    /// Who they are: proven, or said, by what holds here.
    pub(super) me: Option<PersonId>,
    /// The path they asked for, as in the address line.
    pub(super) path: String,
}

impl Visitor {
    /// Reads the wishes of a request; who asks, the door knows.
    pub(super) fn read(headers: &HeaderMap, uri: &Uri) -> Self {
        let query: Vec<(String, String)> =
            Query::try_from_uri(uri).map(|Query(all)| all).unwrap_or_default();
        let asked = query.iter().find(|(k, _)| k == "lang").and_then(|(_, v)| Lang::of_tag(v));
        let remembered = || cookie(headers, LANG).and_then(Lang::of_tag);
        let accepted = || {
            let header = headers.get(header::ACCEPT_LANGUAGE)?;
            accepted(header.to_str().ok()?)
        };
        Self {
            lang: asked.or_else(remembered).or_else(accepted).unwrap_or(Lang::En),
            chose_lang: asked.is_some(),
            me: None,
            path: uri.path().to_owned(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let me = parts.extensions.get::<Me>().map(|me| me.person.clone());
        std::future::ready(Ok(Self { me, ..Self::read(&parts.headers, &parts.uri) })).await
    }
}

/// Who somebody says they are.
pub(super) fn said_to_be(headers: &HeaderMap) -> Option<PersonId> {
    let bytes = data_encoding::HEXLOWER.decode(cookie(headers, ME)?.as_bytes()).ok()?;
    String::from_utf8(bytes).ok()?.parse().ok()
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|h| h.to_str().ok());
    let mut pairs = all.flat_map(|h| h.split(';')).filter_map(|c| c.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A cookie that remembers the language for a year.
pub(super) fn lang_cookie(lang: Lang) -> String {
    format!("{LANG}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", lang.tag())
}

/// A cookie that remembers for a year who somebody says they are. In hex: names may be Chinese.
pub(super) fn me_cookie(me: &PersonId) -> String {
    let hex = data_encoding::HEXLOWER.encode(me.as_str().as_bytes());
    format!("{ME}={hex}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
}

/// A path as it may stand in an address line and a header: everything but letters, digits and a
/// few marks as `%E6`.
pub(super) fn encode(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_favourite_among_the_two_is_taken() {
        let of = accepted;
        assert_eq!(of("zh-CN,zh;q=0.9,en;q=0.8"), Some(Lang::Zh));
        assert_eq!(of("de, en;q=0.7, zh;q=0.3"), Some(Lang::En));
        assert_eq!(of("zh;q=0.1,en-GB;q=0.2"), Some(Lang::En));
        assert_eq!(of("fr"), None);
    }

    #[test]
    fn a_choice_beats_the_memory_and_the_memory_beats_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        let lang = |headers: &HeaderMap, uri: &str| {
            Visitor::read(headers, &uri.parse::<Uri>().unwrap()).lang
        };
        assert_eq!(lang(&headers, "/"), Lang::En);
        headers.insert(header::COOKIE, "a=b; careloop_lang=zh".parse().unwrap());
        assert_eq!(lang(&headers, "/"), Lang::Zh);
        assert_eq!(lang(&headers, "/?lang=en"), Lang::En);
        assert_eq!(lang(&headers, "/?lang=xx"), Lang::Zh);
    }

    #[test]
    fn a_chinese_name_survives_the_cookie_and_the_address_line() {
        let me: PersonId = "王-1".parse().unwrap();
        let set = me_cookie(&me);
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, set.split(';').next().unwrap().parse().unwrap());
        assert_eq!(said_to_be(&headers), Some(me));
        assert_eq!(encode("/incidents/永-1"), "/incidents/%E6%B0%B8-1");
    }
}
