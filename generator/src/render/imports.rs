//! `use` lines as rustfmt lays them out.

/// rustfmt's line.
pub(super) const WIDTH: usize = 100;

/// A `use` of names of a module, sorted and packed into lines as rustfmt does; nothing where
/// there are none.
pub(crate) fn import<S: AsRef<str>>(path: &str, names: &[S]) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_by_cached_key(|name| sort_key(name));
    let single = match names.as_slice() {
        [] => return String::new(),
        ["self"] => format!("use {path};"),
        [only] => format!("use {path}::{only};"),
        several => format!("use {path}::{{{}}};", several.join(", ")),
    };
    if single.len() <= WIDTH - 2 || names.len() == 1 {
        return single + "\n";
    }
    let mut text = format!("use {path}::{{\n");
    let mut line = String::from("   ");
    for (index, name) in names.iter().enumerate() {
        // rustfmt keeps a column free, and counts the comma behind every name but the last.
        let comma = usize::from(index + 1 < names.len());
        if line.len() + 1 + name.len() + comma >= WIDTH && line.len() > 3 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(name);
        line.push(',');
    }
    text.push_str(&line);
    text.push_str("\n};\n");
    text
}

/// The order of the 2024 style: `self` first, and numbers within names count as numbers.
fn sort_key(name: &str) -> Vec<(u8, u64, String)> {
    if name == "self" {
        return Vec::new();
    }
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest
            .bytes()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        let (part, behind) = rest.split_at(digits.max(letters));
        let number = part.parse().unwrap_or(u64::MAX);
        key.push(match digits > 0 {
            true => (0, number, part.to_owned()),
            false => (1, 0, part.to_owned()),
        });
        rest = behind;
    }
    key
}
