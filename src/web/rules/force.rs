//! Other rules are put in force: exactly those that were tried out, by whoever saw what came of it, and with a reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::domain::both;
use crate::registrar::{Amended, Amendment, Change, Edit, Refused};
use crate::rule::Off;
use crate::rule::dial::switched;
use crate::trial::{Turned, losses};

use super::bench::Not;
use super::proposed::{How, Proposed, change_of};
use super::trial::{Id, Said, back_to, gone, page, trial_of};
use crate::web::Web;
use crate::web::lang::{Lang, Visitor};

/// A reason is not longer.
pub(in crate::web) const WHY_MAX: usize = 500;

pub(super) async fn force(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    id: Id,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let lang = visitor.lang;
    let Some(by) = visitor.me.clone() else { return gone(&visitor) };
    let Some(trial) = trial_of(&web, &visitor, id) else { return gone(&visitor) };
    let why = form.get("why").map(|why| why.trim().to_owned()).unwrap_or_default();
    let refuse = |status, said: &str| {
        let said = Some(said.to_owned());
        Said { status: Some(status), said, why: why.clone() }
    };
    let tried = match web.bench.to_force(&by, trial.id) {
        Ok((_, tried)) => tried,
        Err(Not::There) => return gone(&visitor),
        Err(Not::Seen | Not::Busy) => {
            let said = lang.say("先看完试算结果", "See what the trial came to first");
            return page(&web, &visitor, &trial, refuse(StatusCode::CONFLICT, said)).await;
        }
    };
    if why.is_empty() || WHY_MAX < why.chars().count() {
        let said = lang.say("请写明原因，不超过 500 字", "Say why, in no more than 500 characters");
        return page(&web, &visitor, &trial, refuse(StatusCode::BAD_REQUEST, said)).await;
    }
    let real = losses(&tried.runs.before, &tried.runs.after, &tried.alarmed);
    let real = real.iter().filter(|loss| loss.turned == Turned::Real).count();
    if real != 0 && form.get("lost") != Some(&real.to_string()) {
        let said = lang.say(
            "有真实报警会丢失或推迟：请先确认已看过",
            "Real alarms would be lost or come later: say that you have looked at them",
        );
        return page(&web, &visitor, &trial, refuse(StatusCode::BAD_REQUEST, said)).await;
    }
    match put_in_force(&web, &trial.proposed, by.as_str(), &why).await {
        Ok(()) => {
            web.bench.used(trial.id);
            let back = back_to(&trial.proposed, trial.id);
            Redirect::to(&format!("{back}&done=yes")).into_response()
        }
        Err(refused) => {
            let said = in_words(lang, &refused);
            page(&web, &visitor, &trial, refuse(StatusCode::CONFLICT, &said)).await
        }
    }
}

/// Exactly what was tried out, and only where all is as it was then.
async fn put_in_force(web: &Web, proposed: &Proposed, by: &str, why: &str) -> Result<(), Refused> {
    let change = match &proposed.how {
        How::All(tried) => Change::Amend(Box::new(Amendment {
            of: Amended::Rules,
            before: proposed.texts.rules.clone(),
            after: match proposed.switch {
                Some(true) => {
                    let on = web.site.clock.wall().civil(&web.zone()).date();
                    let off =
                        Off { by: by.parse().map_err(Refused::Conflict)?, on, why: why.to_owned() };
                    switched(tried, &proposed.rule, Some(&off)).map_err(Refused::Conflict)?
                }
                Some(false) | None => tried.clone(),
            },
            why: why.to_owned(),
        })),
        How::One { home, change } => {
            let look = web.look(&home.id).await.ok().flatten();
            let is_same = look.is_some_and(|look| {
                let now = change_of(&look.home, &proposed.rule);
                look.rules == proposed.digest && now == change_of(home, &proposed.rule)
            });
            if !is_same {
                return Err(Refused::Conflict(both!(
                    "试算之后，规则或此户又有改动：请重新试算",
                    "the rules or this home have changed since this was tried out: try it out again"
                )));
            }
            let on = web.site.clock.wall().civil(&web.zone()).date();
            Change::Edits(vec![Edit::Tune {
                home: home.id.clone(),
                rule: proposed.rule.clone(),
                set: change.as_ref().map(|change| change.set.clone()).unwrap_or_default(),
                off: change.as_ref().is_some_and(|change| change.off),
                by: by.parse().map_err(Refused::Conflict)?,
                on,
                why: why.to_owned(),
            }])
        }
    };
    web.site.registrar.used_by(by).change(change, false).await.map(drop)
}

/// Every mistake.
pub(in crate::web) fn in_words(lang: Lang, refused: &Refused) -> String {
    let why = refused.why();
    why.iter().map(|why| why.say(lang)).collect::<Vec<_>>().join("; ")
}
