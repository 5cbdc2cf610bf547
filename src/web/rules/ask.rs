//! What somebody wants to be otherwise comes in, and a trial of it begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::domain::{Home, Name};
use crate::engine::{Book, BookTexts};

use super::bench::{Not, begin};
use super::off::why_on;
use super::one::{Typed, Wish, page};
use super::proposed::{self, How, propose, standing};
use crate::web::ask::Trouble;
use crate::web::lang::Visitor;
use crate::web::{Web, homes, layout};

/// The rule book in force.
pub(in crate::web) struct InForce {
    pub(in crate::web) book: Arc<Book>,
    pub(in crate::web) digest: String,
    pub(in crate::web) texts: BookTexts,
}

impl Web {
    /// The rule book that is in force as it is written; `None`: nothing could be found out.
    pub(in crate::web) async fn in_force(&self) -> Result<Option<InForce>, Trouble> {
        let Some(home) = self.homes().first().map(|home| home.id.clone()) else { return Ok(None) };
        let Some(look) = self.look(&home).await? else { return Ok(None) };
        let digest = look.rules.clone();
        let texts = self.read(move |reader| reader.book_texts(&digest)).await?;
        let (book, digest) = (look.book, look.rules);
        Ok(texts.map(|texts| InForce { book, digest, texts }))
    }
}

/// A home of theirs, that is named; or none. `Err`: there is no such home for them.
pub(super) fn home_of(
    web: &Web,
    visitor: &Visitor,
    named: Option<&str>,
) -> Result<Option<Arc<Home>>, ()> {
    let Some(named) = named.filter(|named| !named.is_empty()) else { return Ok(None) };
    homes::home_of(web, visitor, named).map(Some).ok_or(())
}

pub(super) async fn try_out(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let lang = visitor.lang;
    let rule = path.ok().and_then(|Path(name)| name.parse::<Name>().ok());
    let home = home_of(&web, &visitor, form.get("home").map(String::as_str));
    let (Some(rule), Ok(home)) = (rule, home) else { return layout::not_found(&visitor) };
    let wish = Wish { rule, home };
    let off = form.get("off").map(|off| off == "yes");
    let typed = |mistakes| Typed { wanted: form.clone(), off, mistakes, ..Typed::default() };
    let Some(by) = visitor.me.clone() else {
        let who = lang.say("请先选择您是谁", "Choose who you are first").to_owned();
        return page(&web, &visitor, &wish, typed(vec![who])).await;
    };
    let in_force = match web.in_force().await {
        Ok(Some(in_force)) => in_force,
        Ok(None) => return layout::not_found(&visitor),
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let known = in_force.book.rules.iter().find(|known| known.name == wish.rule);
    let stands = standing(&in_force.book, &wish.rule, wish.home.as_deref());
    let (Some(known), Some(stands)) = (known, stands) else { return layout::not_found(&visitor) };
    let off = off.unwrap_or(stands.is_off);
    if let Some(stays) = known.stays_on(wish.home.is_none()).filter(|_| off && !stands.is_off) {
        return page(&web, &visitor, &wish, typed(vec![why_on(stays, lang).to_owned()])).await;
    }
    let InForce { book, digest, texts } = in_force;
    let asked = proposed::Form {
        home: wish.home.clone(),
        off,
        as_everybody: form.contains_key("everybody"),
        wanted: form.clone(),
        by: by.clone(),
        on: web.site.clock.wall().civil(&web.zone()).date().to_string(),
    };
    let (proposal, next) = match propose((&book, &digest, texts), &wish.rule, asked, &web.homes()) {
        Ok(proposal) => proposal,
        Err(mistakes) => {
            let mistakes = mistakes.iter().map(|why| why.say(lang).to_owned()).collect();
            return page(&web, &visitor, &wish, typed(mistakes)).await;
        }
    };
    if proposal.is_nothing() {
        let same = lang.say("没有任何改动", "Nothing would be otherwise").to_owned();
        return page(&web, &visitor, &wish, typed(vec![same])).await;
    }
    let homes = match &proposal.how {
        How::One { home, .. } => vec![home.id.clone()],
        How::All(_) => web.homes_of(&visitor).iter().map(|home| home.id.clone()).collect(),
    };
    match begin(&web, by, proposal, (book, next), homes) {
        Ok(id) => Redirect::to(&format!("/rules/trials/{id}")).into_response(),
        Err(Not::Busy | Not::There | Not::Seen) => {
            let busy = "另一试算正在进行，请稍后再试";
            let busy = lang.say(busy, "Another trial is under way: try again in a moment");
            page(&web, &visitor, &wish, typed(vec![busy.to_owned()])).await
        }
    }
}
