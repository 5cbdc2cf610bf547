//! A platform: where it is, what it wants to read, and where its verdict stands.

use std::path::Path;

use crate::channel::fill::Payload;
use crate::channel::webhook::{Account, Code};
use crate::form::Form;

use super::{check, secret};

pub(super) fn read(form: &mut Form<'_, '_>, folder: &Path) -> Option<Account> {
    let url = form.needs::<String>("url");
    check(form, url.as_deref());
    let secret_of_both = secret(form, "secret_file", folder);
    let token = secret(form, "token_file", folder);
    let body = read_body(form, folder);
    let at = form.mark_at("good");
    let (code, good) = (form.may::<String>("code"), form.list::<String>("good"));
    if code.is_some() == good.is_empty() {
        let why = "`code` says where the verdict stands in the answer, `good` which are a yes: \
                   code = \"/code\", good = [\"0\"]";
        form.wrong_at_mark(&at, why.to_owned());
    }
    let code = code.map(|at| Code { at, good });
    if let Some(code) = code.as_ref().filter(|code| !code.at.starts_with('/')) {
        form.wrong(format!("`code`: `{}` is no way to a field, such as `/result/code`", code.at));
    }
    Some(Account { url: url?.into(), secret: secret_of_both, token, body, code })
}

/// The file that `body` names, if it does. What is wrong in it is said with its own place.
fn read_body(form: &mut Form<'_, '_>, folder: &Path) -> Option<Payload> {
    let at = form.mark_at("body");
    let path = folder.join(form.may::<String>("body")?);
    let name = path.display();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) => {
            form.wrong_at_mark(&at, format!("`body`: cannot read {name}: {e}"));
            return None;
        }
    };
    match Payload::read(&text) {
        Ok(body) => Some(body),
        Err(slip) => {
            let before = text.get(..slip.at).unwrap_or(&text);
            let (line, begin) = (before.matches('\n').count() + 1, before.rfind('\n'));
            let column = before.get(begin.map_or(0, |n| n + 1)..).unwrap_or("").chars().count() + 1;
            form.wrong_at_mark(&at, format!("`body`: {name}:{line}:{column}: {}", slip.message));
            None
        }
    }
}
