//! What of a person may leave the house: a family name, the ends of a number, a block.

use crate::domain::Role;

/// For whom something is taken out. Only whoever answers for the shift is given it as it is.
pub const fn sees_all(role: Role) -> bool {
    matches!(role, Role::Supervisor)
}

/// `张三` as `张*`.
pub fn name(text: &str) -> String {
    text.chars().next().map_or(String::new(), |first| format!("{first}*"))
}

/// Every telephone number in it as `138****0000`; all else as it is.
pub fn phones(text: &str) -> String {
    let (mut out, mut digits) = (String::new(), String::new());
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(&number(&digits));
        digits.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

/// What is shorter is a flat, a time, a measure.
const NUMBER_MIN: usize = 7;

fn number(digits: &str) -> String {
    let (first, last) =
        (digits.get(..3), digits.len().checked_sub(4).and_then(|n| digits.get(n..)));
    match (first, last) {
        (Some(first), Some(last)) if NUMBER_MIN <= digits.len() => format!("{first}****{last}"),
        _ => digits.to_owned(),
    }
}

/// Up to the block, without stair, flat and how to get in: `幸福路 3 栋`.
pub fn address(text: &str) -> String {
    let first = text.split(['；', ';', '/', '\n']).next().unwrap_or_default();
    let block = first.char_indices().find(|(_, c)| "栋幢弄".contains(*c));
    let end =
        block.map(|(at, c)| at + c.len_utf8()).or_else(|| first.find(|c: char| c.is_ascii_digit()));
    let coarse = end.and_then(|end| first.get(..end)).unwrap_or_default().trim();
    if coarse.is_empty() { "*".to_owned() } else { coarse.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_person_only_so_much_leaves_the_house() {
        assert_eq!((name("张三").as_str(), name("").as_str()), ("张*", ""));
        assert_eq!(
            phones("请打13812340000，或 010-87654321；101 室"),
            "请打138****0000，或 010-876****4321；101 室"
        );
        assert_eq!(address("3 栋 2 单元 501；钥匙在物业 / key at the porter's"), "3 栋");
        assert_eq!(address("Long Lane 12, flat 5"), "Long Lane");
        assert_eq!((address("12 Long Lane").as_str(), address("").as_str()), ("*", "*"));
    }
}
