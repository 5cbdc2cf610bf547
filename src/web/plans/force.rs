//! A plan that was shown beside the one in force takes its place, with a reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::domain::Name;
use crate::registrar::{Amended, Amendment, Change};
use crate::web::lang::{Visitor, encode};
use crate::web::rules::{WHY_MAX, in_words};
use crate::web::{Web, layout};

use super::one::{Typed, amended, page};

/// Only the very text that was shown is written, and only where it was made from what is in force.
pub(super) async fn force(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let mut wanted = form.map(|Form(form)| form).unwrap_or_default();
    let lang = visitor.lang;
    let why = wanted.remove("why").map(|why| why.trim().to_owned()).unwrap_or_default();
    let shown = wanted.remove("shown").unwrap_or_default();
    let name = path.as_ref().ok().and_then(|Path(name)| name.parse::<Name>().ok());
    let in_force = match web.in_force().await {
        Ok(in_force) => in_force,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let (Some(name), Some(in_force)) = (name, in_force) else {
        return layout::not_found(&visitor);
    };
    if in_force.book.plan_source(&name).is_none() {
        return layout::not_found(&visitor);
    }
    let refuse = |mistakes: Vec<String>| Typed {
        form: wanted.clone(),
        mistakes,
        why: why.clone(),
        ..Typed::default()
    };
    let one = |zh: &str, en: &str| refuse(vec![lang.say(zh, en).to_owned()]);
    let Some(by) = visitor.me.clone() else {
        let typed = one("请先选择您是谁", "Choose who you are first");
        return page(&web, &visitor, path, typed).await;
    };
    if why.is_empty() || WHY_MAX < why.chars().count() {
        let typed = one("请写明原因，不超过 500 字", "Say why, in no more than 500 characters");
        return page(&web, &visitor, path, typed).await;
    }
    let texts = match amended(&in_force, &name, &wanted) {
        Ok((texts, _)) if texts.digest() == shown && texts != in_force.texts => texts,
        Ok(_) => {
            let typed = one("请先对比", "See what differs first: that is not what was shown");
            return page(&web, &visitor, path, typed).await;
        }
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(|why| why.say(lang).to_owned()).collect();
            return page(&web, &visitor, path, refuse(mistakes)).await;
        }
    };
    let amendment = Amendment {
        of: Amended::Plans,
        before: in_force.texts.plans.clone(),
        after: texts.plans,
        why: why.clone(),
    };
    let change = Change::Amend(Box::new(amendment));
    match web.site.registrar.used_by(by.as_str()).change(change, false).await {
        Ok(_) => {
            let to = format!("/plans/{}?done=yes", encode(name.as_str()));
            Redirect::to(&to).into_response()
        }
        Err(refused) => page(&web, &visitor, path, refuse(vec![in_words(lang, &refused)])).await,
    }
}
