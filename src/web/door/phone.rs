//! `/account/phone`: this phone is told although no page is open (Web Push).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;

use crate::domain::PersonId;
use crate::registrar::{Change, Edit, Way};
use crate::web::lang::Visitor;
use crate::web::{Pushes, Web, layout};

use super::{Fields, LoggedIn, fields, to};

/// The longest subscription, in bytes: browsers give about 500.
const SUBSCRIPTION_MAX: usize = 2000;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/account/phone", post(tell_here))
}

async fn tell_here(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    form: Fields,
) -> Response {
    let Some(Pushes { channel, .. }) = web.site.push.clone() else {
        return layout::not_found(&visitor);
    };
    let subscription = fields(form).remove("to").unwrap_or_default();
    let is_one = serde_json::from_str::<serde_json::Value>(&subscription).is_ok_and(|given| {
        given.pointer("/keys/auth").is_some() && given.get("endpoint").is_some()
    });
    if !is_one || SUBSCRIPTION_MAX < subscription.len() {
        let said = "浏览器没有给出订阅，请再试一次";
        let said = visitor.lang.say(said, "The browser gave no subscription: please try again");
        return layout::plain(&visitor, StatusCode::BAD_REQUEST, said);
    }
    let way = Way { channel: channel.to_string(), to: subscription };
    let edit = first_of_all(&web, &me.person, way);
    let registrar = web.site.registrar.used_by(me.person.as_str());
    match registrar.change(Change::Edits(vec![edit]), false).await {
        Ok(_) => to("/account"),
        Err(refused) => {
            tracing::warn!(%refused, "a phone was not put into the register");
            let said = visitor
                .lang
                .say("未能保存，请再试一次", "It could not be stored; please try again");
            layout::plain(&visitor, StatusCode::SERVICE_UNAVAILABLE, said)
        }
    }
}

/// This phone in the place of the one before, and before all other ways.
fn first_of_all(web: &Web, who: &PersonId, way: Way) -> Edit {
    let homes = web.homes();
    let person = homes.iter().find_map(|home| home.responder(who));
    let others = person.into_iter().flat_map(|person| &person.contacts);
    let others = others.filter(|contact| contact.channel.as_str() != way.channel);
    let others: Vec<Way> = others
        .map(|contact| Way { channel: contact.channel.to_string(), to: contact.to.clone() })
        .collect();
    let contacts = std::iter::once(way).chain(others).collect();
    Edit::Responder {
        who: who.clone(),
        name: None,
        role: None,
        language: None,
        duty: None,
        contacts,
        homes: Vec::new(),
        by: None,
        on: None,
    }
}
