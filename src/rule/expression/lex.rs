//! An expression in words, numbers and signs.

use crate::domain::observation::Kind;
use crate::domain::{Property, Sentence, both};
use crate::form::Slip;

/// Who needs more writes two rules.
const TOKENS_MAX: usize = 200;
/// Words with a meaning of their own.
pub(super) const KEYWORDS: [&str; 4] = ["and", "or", "not", "in"];

/// One piece, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) at: usize,
    pub(super) text: &'t str,
    pub(super) is: Piece<'t>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece<'t> {
    /// A number, and the unit behind it, which need not be one of ours.
    Number(f64, Option<&'t str>),
    Word,
    Compare(Compare),
    Reckon(Reckon),
    Open,
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reckon {
    Plus,
    Minus,
    Times,
    Over,
}

/// The longer first.
const SIGNS: [(&str, Piece<'static>); 12] = [
    ("<=", Piece::Compare(Compare::AtMost)),
    (">=", Piece::Compare(Compare::AtLeast)),
    ("==", Piece::Compare(Compare::Equal)),
    ("!=", Piece::Compare(Compare::Unequal)),
    ("<", Piece::Compare(Compare::Less)),
    (">", Piece::Compare(Compare::Greater)),
    ("+", Piece::Reckon(Reckon::Plus)),
    ("-", Piece::Reckon(Reckon::Minus)),
    ("*", Piece::Reckon(Reckon::Times)),
    ("/", Piece::Reckon(Reckon::Over)),
    ("(", Piece::Open),
    (")", Piece::Close),
];

/// What other languages and input methods write. The longer first.
const FOREIGN: [(&str, &str); 19] = [
    ("&&", "and"),
    ("&", "and"),
    ("||", "or"),
    ("|", "or"),
    ("!", "not"),
    ("<>", "!="),
    ("=<", "<="),
    ("=>", ">="),
    ("=", "=="),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("×", "*"),
    ("÷", "/"),
    ("−", "-"),
    ("＜", "<"),
    ("＞", ">"),
    ("（", "("),
    ("）", ")"),
];

/// Takes an expression apart.
pub(super) fn lex(text: &str) -> Result<Vec<Token<'_>>, Slip> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        if tokens.len() == TOKENS_MAX {
            let message = both!(
                "条件太长：最多 {TOKENS_MAX} 个词和符号",
                "more than {TOKENS_MAX} words and signs: write two rules"
            );
            return Err(Slip { at, message });
        }
        let (is, after) = if first.is_ascii_digit() {
            number(rest).map_err(|message| Slip { at, message })?
        } else if is_letter(first) {
            (Piece::Word, rest.trim_start_matches(is_letter))
        } else {
            sign(rest).map_err(|message| Slip { at, message })?
        };
        let length = rest.len() - after.len();
        let whole = rest.get(..length).unwrap_or(rest);
        tokens.push(Token { at, text: whole.trim_end(), is });
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn sign(rest: &str) -> Result<(Piece<'static>, &str), Sentence> {
    let foreign = FOREIGN.iter().find(|(written, _)| rest.starts_with(written));
    let ours = SIGNS.iter().find_map(|(sign, is)| Some((*sign, *is, rest.strip_prefix(sign)?)));
    match (ours, foreign) {
        // `=` begins `==`, and `<` begins `<>`: the longer of the two is what was written.
        (Some((sign, is, after)), foreign)
            if foreign.is_none_or(|(written, _)| written.len() <= sign.len()) =>
        {
            Ok((is, after))
        }
        (_, Some((written, meant))) => {
            Err(both!("“{written}”应写作“{meant}”", "`{written}`: did you mean `{meant}`?"))
        }
        (None | Some(_), None) => {
            let what: String = rest.chars().take(1).collect();
            Err(both!("这里不能写“{what}”", "`{what}` has no meaning here"))
        }
    }
}

/// `50`, `37.5`, and a unit behind it.
fn number(rest: &str) -> Result<(Piece<'_>, &str), Sentence> {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut after = rest.trim_start_matches(is_digit);
    if let Some(fraction) = after.strip_prefix('.').filter(|f| f.starts_with(is_digit)) {
        after = fraction.trim_start_matches(is_digit);
    }
    let digits = rest.get(..rest.len() - after.len()).unwrap_or(rest);
    let value = digits
        .parse::<f64>()
        .map_err(|e| both!("“{digits}”不是数字", "`{digits}` is not a number: {e}"))?;
    let (unit, after) = unit(after);
    Ok((Piece::Number(value, unit), after))
}

/// What stands behind a number, if it is a unit or can only be meant for one.
fn unit(rest: &str) -> (Option<&str>, &str) {
    let begun = rest.trim_start();
    let ends_there = |after: &str| !after.starts_with(is_letter);
    let known = units().filter(|unit| begun.strip_prefix(unit).is_some_and(ends_there));
    let length = known.map(str::len).max().unwrap_or_else(|| {
        let word = begun.trim_start_matches(is_letter);
        let word = begun.get(..begun.len() - word.len()).unwrap_or(begun);
        let mut ours = KEYWORDS.into_iter().chain(Property::ALL.iter().map(|p| p.name()));
        if ours.any(|known| known.eq_ignore_ascii_case(word)) {
            return 0;
        }
        let is_unit = |c: char| is_letter(c) || "°℃℉%‰µ".contains(c);
        if !begun.starts_with(is_unit) {
            return 0;
        }
        begun.len() - begun.trim_start_matches(|c| is_unit(c) || c == '/').len()
    });
    match (begun.get(..length), begun.get(length..)) {
        (Some(unit), Some(after)) if !unit.is_empty() => (Some(unit), after),
        (_, _) => (None, rest),
    }
}

/// The units of the vocabulary.
pub(super) fn units() -> impl Iterator<Item = &'static str> {
    Property::ALL.iter().filter_map(|property| match property.kind() {
        Kind::Number { unit, .. } => Some(unit),
        Kind::Flag | Kind::Moment => None,
    })
}

impl Piece<'_> {
    /// The comparison, if it is one.
    pub(super) const fn compare(self) -> Option<Compare> {
        match self {
            Self::Compare(how) => Some(how),
            Self::Number(..) | Self::Word | Self::Reckon(_) | Self::Open | Self::Close => None,
        }
    }

    /// The sign of reckoning, if it is one.
    pub(super) const fn reckon(self) -> Option<Reckon> {
        match self {
            Self::Reckon(how) => Some(how),
            Self::Number(..) | Self::Word | Self::Compare(_) | Self::Open | Self::Close => None,
        }
    }
}
