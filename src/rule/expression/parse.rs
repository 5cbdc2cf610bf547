//! Reads an expression, from the loosest to the tightest: `or`, `and`, `not`, comparison, sum, product. Each
//! part is known to be a truth or a number as soon as it is read.

use crate::domain::observation::Kind;
use crate::domain::{Lang, Place, Property, Sentence, both};
use crate::form::{Slip, is_near};

use super::lex::{Compare, KEYWORDS, Piece, Reckon, Token, lex, units};
use super::number::Scope;
use super::tree::{Atom, Number, Tree, Truth};

/// Parentheses within parentheses.
const DEPTH_MAX: usize = 24;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Tree, Slip> {
    let tokens = lex(text)?;
    let mut parser = Parser { text, tokens, next: 0, depth: 0, atoms: Vec::new() };
    let whole = parser.any()?;
    let root = parser.truth(whole)?;
    match parser.peek() {
        None => Ok(Tree { atoms: parser.atoms, root }),
        Some(token) => Err(unwanted(token)),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    next: usize,
    depth: usize,
    atoms: Vec<Atom>,
}

/// A part that was read.
struct Part {
    at: usize,
    end: usize,
    means: Meaning,
}

enum Meaning {
    Truth(Truth),
    Number(Number, Scope),
}

impl<'t> Parser<'t> {
    fn any(&mut self) -> Result<Part, Slip> {
        self.row("or", Self::all, Truth::Any)
    }

    fn all(&mut self) -> Result<Part, Slip> {
        self.row("and", Self::not, Truth::All)
    }

    /// One part, or several truths with a word between them.
    fn row(
        &mut self,
        between: &str,
        inner: fn(&mut Self) -> Result<Part, Slip>,
        means: fn(Vec<Truth>) -> Truth,
    ) -> Result<Part, Slip> {
        let first = inner(self)?;
        if !self.is_word(between) {
            return Ok(first);
        }
        let at = first.at;
        let mut truths = vec![self.truth(first)?];
        while self.takes_word(between) {
            let next = inner(self)?;
            truths.push(self.truth(next)?);
        }
        Ok(self.part(at, Meaning::Truth(means(truths))))
    }

    fn not(&mut self) -> Result<Part, Slip> {
        let at = self.place();
        if !self.takes_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::not)?;
        let inner = self.truth(inner)?;
        Ok(self.part(at, Meaning::Truth(Truth::Not(Box::new(inner)))))
    }

    fn comparison(&mut self) -> Result<Part, Slip> {
        let left = self.sum()?;
        let Some((_, how)) = self.takes(Piece::compare) else { return Ok(left) };
        let right = self.sum()?;
        if let Some(token) = self.peek()
            && token.is.compare().is_some()
        {
            let message =
                both!("一次只能比较一个：写“… and …”", "one comparison at a time: write `… and …`");
            return Err(Slip { at: token.at, message });
        }
        self.compare(left, how, right)
    }

    fn compare(&mut self, left: Part, how: Compare, right: Part) -> Result<Part, Slip> {
        let (at, end) = (left.at, right.end);
        let (left_text, right_text) = (self.said(&left), self.said(&right));
        let (left_at, right_at) = (left.at, right.at);
        let (left, own) = self.number(left)?;
        let (right, other) = self.number(right)?;
        let whole = self.text.get(at..end).unwrap_or(self.text);
        if !own.fits(&other) {
            return Err(misfit(right_at, (left_text, &own), (right_text, &other)));
        }
        if let Some(always) = own.decided(how, &other) {
            let reach = match (own.is_constant(), other.is_constant()) {
                (true, true) => "these are two numbers".to_owned(),
                (false, true) => format!("`{left_text}` is {}", own.told()),
                (true, false) => format!("`{right_text}` is {}", other.told()),
                (false, false) => {
                    let (own, other) = (own.told(), other.told());
                    format!("`{left_text}` is {own}, `{right_text}` {other}")
                }
            };
            let so = if always { "is always so" } else { "can never be" };
            let zh = if always { "总是成立" } else { "不可能成立" };
            let at = if own.is_constant() { left_at } else { right_at };
            let message = both!("“{whole}”{zh}", "{reach}: `{whole}` {so}");
            return Err(Slip { at, message });
        }
        Ok(Part { at, end, means: Meaning::Truth(Truth::Compare(left, how, right)) })
    }

    fn sum(&mut self) -> Result<Part, Slip> {
        self.chain(Self::product, |how| matches!(how, Reckon::Plus | Reckon::Minus))
    }

    fn product(&mut self) -> Result<Part, Slip> {
        self.chain(Self::unary, |how| matches!(how, Reckon::Times | Reckon::Over))
    }

    fn chain(
        &mut self,
        inner: fn(&mut Self) -> Result<Part, Slip>,
        here: fn(Reckon) -> bool,
    ) -> Result<Part, Slip> {
        let mut left = inner(self)?;
        while let Some((_, how)) = self.takes(|piece| piece.reckon().filter(|how| here(*how))) {
            let right = inner(self)?;
            let (at, right_at) = (left.at, right.at);
            let (left_text, right_text) = (self.said(&left), self.said(&right));
            let (first, own) = self.number(left)?;
            let (second, other) = self.number(right)?;
            if matches!(how, Reckon::Plus | Reckon::Minus) && !own.fits(&other) {
                return Err(misfit(right_at, (left_text, &own), (right_text, &other)));
            }
            let number = Number::Reckon(Box::new(first), how, Box::new(second));
            left = self.part(at, Meaning::Number(number, own.reckon(how, &other)));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Part, Slip> {
        let Some((at, _)) = self.takes(|piece| piece.reckon().filter(|how| *how == Reckon::Minus))
        else {
            return self.primary();
        };
        let inner = self.deeper(Self::unary)?;
        let (number, scope) = self.number(inner)?;
        let (nothing, zero) = (Number::Constant(0.0), Scope::constant(0.0, None));
        let scope = zero.reckon(Reckon::Minus, &scope);
        let number = Number::Reckon(Box::new(nothing), Reckon::Minus, Box::new(number));
        Ok(self.part(at, Meaning::Number(number, scope)))
    }

    fn primary(&mut self) -> Result<Part, Slip> {
        let Some(token) = self.peek() else {
            let message = match self.tokens.last() {
                Some(Token { text, .. }) => {
                    both!("“{text}”之后缺少内容", "something is missing after `{text}`")
                }
                None => both!("条件没有填写", "an expression is missing"),
            };
            return Err(Slip { at: self.text.trim_end().len(), message });
        };
        self.next += 1;
        match token.is {
            Piece::Number(n, unit) => {
                let unit = unit.map(|unit| self.unit(token, unit)).transpose()?;
                let means = Meaning::Number(Number::Constant(n), Scope::constant(n, unit));
                Ok(self.part(token.at, means))
            }
            Piece::Word => self.property(token),
            Piece::Open => {
                let inner = self.deeper(Self::any)?;
                match self.peek() {
                    Some(Token { is: Piece::Close, .. }) => {
                        self.next += 1;
                        Ok(self.part(token.at, inner.means))
                    }
                    Some(other) => Err(unwanted(other)),
                    None => {
                        let message = both!("括号“(”没有闭合", "this `(` is not closed");
                        Err(Slip { at: token.at, message })
                    }
                }
            }
            Piece::Close | Piece::Compare(_) | Piece::Reckon(_) => {
                let text = token.text;
                let message = both!("“{text}”之前缺少内容", "something is missing before `{text}`");
                Err(Slip { at: token.at, message })
            }
        }
    }

    fn property(&mut self, token: Token<'t>) -> Result<Part, Slip> {
        let property = property(token)?;
        let place = if self.takes_word("in") { Some(self.room(property)?) } else { None };
        let atom = Atom::Property(property, place);
        let nth = self.atoms.iter().position(|other| *other == atom).unwrap_or_else(|| {
            self.atoms.push(atom);
            self.atoms.len() - 1
        });
        let means = match Scope::of(property.kind()) {
            Some(scope) => Meaning::Number(Number::Of(nth), scope),
            None => Meaning::Truth(Truth::Is(nth)),
        };
        Ok(self.part(token.at, means))
    }

    /// `kitchen`, after `in`.
    fn room(&mut self, property: Property) -> Result<Place, Slip> {
        let at = self.place();
        let word = self.takes(|piece| matches!(piece, Piece::Word).then_some(()));
        let text = word.and_then(|_| self.tokens.get(self.next - 1)).map_or("", |t| t.text);
        text.parse().map_err(|why: Sentence| match text {
            "" => {
                let all: Vec<_> = Place::ALL.iter().map(|p| p.name()).collect();
                let all = all.join(", ");
                let message = both!(
                    "“{property} in”之后须是房间：{all}",
                    "`{property} in` wants a kind of room: {all}"
                );
                Slip { at, message }
            }
            _ => Slip { at, message: why },
        })
    }

    /// A unit of the vocabulary.
    fn unit(&self, token: Token<'_>, unit: &str) -> Result<String, Slip> {
        if units().any(|known| known == unit) {
            return Ok(unit.to_owned());
        }
        let at = token.at + token.text.len() - unit.len();
        let number = self.atoms.iter().rev().find_map(|atom| match atom {
            Atom::Property(property, _) => match property.kind() {
                Kind::Number { unit, .. } => Some(format!("`{property}` is in {unit}")),
                Kind::Flag | Kind::Moment => None,
            },
        });
        let hint = number.unwrap_or_else(|| "write that of the property, or none".to_owned());
        let message = both!("单位“{unit}”不能用在这里", "there is no unit `{unit}` here; {hint}");
        Err(Slip { at, message })
    }

    fn deeper(&mut self, inner: fn(&mut Self) -> Result<Part, Slip>) -> Result<Part, Slip> {
        if self.depth == DEPTH_MAX {
            let message = both!(
                "嵌套超过 {DEPTH_MAX} 层",
                "nested more than {DEPTH_MAX} deep: write two rules"
            );
            return Err(Slip { at: self.place(), message });
        }
        self.depth += 1;
        let part = inner(self);
        self.depth -= 1;
        part
    }

    fn truth(&self, part: Part) -> Result<Truth, Slip> {
        let text = self.said(&part);
        match part.means {
            Meaning::Truth(truth) => Ok(truth),
            Meaning::Number(_, scope) => {
                let unit = scope.unit.map_or(String::new(), |unit| format!(" in {unit}"));
                let message = both!(
                    "“{text}”是数值，须作比较：“{text} > …”",
                    "`{text}` is a number{unit}: compare it, `{text} > …`"
                );
                Err(Slip { at: part.at, message })
            }
        }
    }

    fn number(&self, part: Part) -> Result<(Number, Scope), Slip> {
        let text = self.said(&part);
        match part.means {
            Meaning::Number(number, scope) => Ok((number, scope)),
            Meaning::Truth(_) => {
                let message = both!(
                    "“{text}”只有是和否：单独写“{text}”或“not {text}”",
                    "`{text}` is true or false: write `{text}` or `not {text}` by itself"
                );
                Err(Slip { at: part.at, message })
            }
        }
    }

    /// What was read from `at` up to here.
    fn part(&self, at: usize, means: Meaning) -> Part {
        let last = self.next.checked_sub(1).and_then(|last| self.tokens.get(last));
        Part { at, end: last.map_or(at, |token| token.at + token.text.len()), means }
    }

    fn said(&self, part: &Part) -> &'t str {
        self.text.get(part.at..part.end).unwrap_or(self.text)
    }

    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).copied()
    }

    fn place(&self) -> usize {
        self.peek().map_or(self.text.trim_end().len(), |token| token.at)
    }

    fn is_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is == Piece::Word && token.text == word)
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.next += usize::from(is);
        is
    }

    fn takes<T>(&mut self, wanted: impl Fn(Piece<'t>) -> Option<T>) -> Option<(usize, T)> {
        let token = self.peek()?;
        let found = wanted(token.is)?;
        self.next += 1;
        Some((token.at, found))
    }
}

fn property(token: Token<'_>) -> Result<Property, Slip> {
    let text = token.text;
    let wrong = |message| Slip { at: token.at, message };
    if KEYWORDS.contains(&text) {
        return Err(wrong(both!("“{text}”之前缺少内容", "something is missing before `{text}`")));
    }
    if ["true", "false"].contains(&text) {
        return Err(wrong(both!(
            "不用写“{text}”：写“fall”或“not fall”",
            "no `{text}` is needed: write `fall` or `not fall`"
        )));
    }
    text.parse::<Property>().map_err(|why| {
        let near = |known: &&str| is_near(known, text);
        let all = Property::ALL.iter().map(|p| p.name());
        let hint = KEYWORDS.into_iter().find(|k| k.eq_ignore_ascii_case(text));
        match hint.or_else(|| all.into_iter().find(near)) {
            Some(hint) if !why.en().contains("did you mean") => {
                let zh = why.say(Lang::Zh);
                wrong(both!("{zh}，是“{hint}”吗？", "{why}; did you mean `{hint}`?"))
            }
            Some(_) | None => wrong(why),
        }
    })
}

/// Something that cannot stand where a part has ended.
fn unwanted(token: Token<'_>) -> Slip {
    let text = token.text;
    let message = match token.is {
        Piece::Close => both!("括号“)”没有对应的“(”", "this `)` closes nothing"),
        Piece::Word if KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(text)) => {
            let meant = text.to_ascii_lowercase();
            if meant == text {
                both!("“{text}”不能写在这里", "`{text}` cannot stand here")
            } else {
                both!("“{text}”应写作“{meant}”", "`{text}`: did you mean `{meant}`?")
            }
        }
        Piece::Word | Piece::Open | Piece::Number(..) | Piece::Compare(_) | Piece::Reckon(_) => {
            both!("“{text}”之前缺少 and 或 or", "`and` or `or` is missing before `{text}`")
        }
    };
    Slip { at: token.at, message }
}

fn misfit(at: usize, (left, own): (&str, &Scope), (right, other): (&str, &Scope)) -> Slip {
    let unit = |scope: &Scope| scope.unit.clone().unwrap_or_default();
    let (own, other) = (unit(own), unit(other));
    let message = both!(
        "“{left}”的单位是 {own}，“{right}”的是 {other}",
        "`{left}` is in {own}, `{right}` in {other}"
    );
    Slip { at, message }
}
