//! Where the pages of the desk are, for those who may open them.

use askama::Template;

use super::Web;
use super::lang::{Lang, Visitor};
use super::layout::{Link, open_to};

/// Every page of the desk.
const PAGES: [(&str, &str, &str); 7] = [
    ("/wall", "大屏", "Wall"),
    ("/shift", "交接班", "Hand-over"),
    ("/reports", "月度报表", "Reports"),
    ("/rota", "值班表", "Rota"),
    ("/plans", "预案", "Plans"),
    ("/rules", "规则", "Rules"),
    ("/settings", "设置", "Settings"),
];

/// A line of links; nothing for those who may open none of them.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !pages.is_empty() %}<nav class="chips desk" aria-label="{{ lang.say("值班", "Desk") }}">{% for (href, word, is_here) in pages %}<a href="{{ href }}"{% if is_here %} aria-current="page"{% endif %}>{{ word }}</a>{% endfor %}</nav>{% endif %}"#
)]
pub(super) struct Signpost {
    lang: Lang,
    pages: Vec<Link>,
}

impl Signpost {
    pub(super) fn new(web: &Web, visitor: &Visitor) -> Self {
        let lang = visitor.lang;
        let role = visitor.me.as_ref().and_then(|me| web.role(me));
        Self { lang, pages: open_to(visitor, role, &PAGES) }
    }
}
