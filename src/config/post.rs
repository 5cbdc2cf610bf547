//! `post = true` of a home: a help post (一键求助) in a public place. It has a place and a position, people
//! who come and devices, and nobody who lives there.

use crate::domain::{Change, Responder, Role};
use crate::engine::Book;
use crate::form::{Form, Mark, Sheet};

/// Refuses what is only said of somebody who lives there. `mark` is where `post` stands.
pub(super) fn check(form: &Form<'_, '_>, responders: &[Responder], mark: &Mark) {
    for key in ["ask", "visits", "consent"].into_iter().filter(|key| form.has(key)) {
        let message = format!("`{key}`: nobody lives at a post: it has a name and an address");
        form.wrong_at(key, message);
    }
    for family in responders.iter().filter(|person| person.role == Role::Family) {
        let who = &family.id;
        let message = format!("`post`: nobody lives at a post, and `{who}` is family");
        form.wrong_at_mark(mark, message);
    }
}

/// Refuses to change what sleeps there.
pub(super) fn check_changes(
    sheet: &Sheet<'_>,
    changes: &[Change],
    book: Option<&Book>,
    mark: &Mark,
) {
    let asleep = |change: &&Change| {
        book.is_some_and(|book| book.about_residents().any(|rule| *rule == change.rule))
    };
    for Change { rule, .. } in changes.iter().filter(asleep) {
        let message = format!("`post`: rule `{rule}`, which is changed, sleeps where nobody lives");
        sheet.wrong_at_mark(mark, message);
    }
}
