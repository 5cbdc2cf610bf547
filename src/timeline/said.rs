//! Lines of a story in which somebody says something of the home.

use crate::domain::Said;

use super::read::Spoken;

/// `away for TIME by WHO`, `back by WHO`
pub(super) fn home_said(what: &str) -> Result<Spoken, String> {
    let wrong = "a home is `away for TIME by WHO`, or `back by WHO`";
    let (what, by) = what.split_once(" by ").ok_or(wrong)?;
    let what = match what.split_once(" for ") {
        Some(("away", lasts)) => Said::Away { lasts: lasts.parse()? },
        None if what == "back" => Said::Back,
        Some(_) | None => return Err(wrong.to_owned()),
    };
    Ok(Spoken::Said { by: by.parse()?, what })
}

/// `RULE for TIME by WHO: why`, `RULE ends by WHO`
pub(super) fn silenced(what: &str) -> Result<Spoken, String> {
    let wrong = "a silence is `RULE for TIME by WHO: why`, or `RULE ends by WHO`";
    if let Some((rule, by)) = what.split_once(" ends by ") {
        let what = Said::Speak { rule: rule.parse()? };
        return Ok(Spoken::Said { by: by.parse()?, what });
    }
    let (rule, rest) = what.split_once(" for ").ok_or(wrong)?;
    let (lasts, by) = rest.split_once(" by ").ok_or(wrong)?;
    let (by, why) = by.split_once(": ").ok_or(wrong)?;
    let (rule, lasts, why) = (rule.parse()?, lasts.parse()?, why.to_owned());
    Ok(Spoken::Said { by: by.parse()?, what: Said::Silence { rule, lasts, why } })
}

/// `RULE from ORIGIN[ as CODE] by WHO: text`
pub(super) fn reported(what: &str) -> Result<Spoken, String> {
    let wrong =
        "a report is `RULE from ORIGIN by WHO: text`, or `RULE from ORIGIN as CODE by WHO: text`";
    let (what, by) = what.split_once(" by ").ok_or(wrong)?;
    let (by, text) = by.split_once(": ").unwrap_or((by, ""));
    let (rule, from) = what.split_once(" from ").ok_or(wrong)?;
    let (from, code) = from.split_once(" as ").map_or((from, None), |(f, code)| (f, Some(code)));
    let (rule, from, text) = (rule.parse()?, from.parse()?, text.to_owned());
    let what = Said::Report { rule, from, text, code: code.map(str::to_owned) };
    Ok(Spoken::Said { by: by.parse()?, what })
}

/// `after WHY by WHO`
pub(super) fn visited(what: &str) -> Result<Spoken, String> {
    let wrong = "a visit is called for by `visit after WHY by WHO`";
    let (why, by) = what.split_once(" by ").ok_or(wrong)?;
    let why = why.strip_prefix("after ").ok_or(wrong)?.parse()?;
    Ok(Spoken::Said { by: by.parse()?, what: Said::Visit { why } })
}
