//! Which of Rust's whole numbers a schema's are.

use crate::{ir::Integer, spec::At};

/// The type that a format names.
pub(super) fn of_format(format: &str) -> Option<Integer> {
    Some(match format {
        "int8" => Integer::I8,
        "int16" => Integer::I16,
        "int32" => Integer::I32,
        "int64" | "int" | "integer" | "long" => Integer::I64,
        "uint8" => Integer::U8,
        "uint16" => Integer::U16,
        "uint32" => Integer::U32,
        "uint64" | "uint" => Integer::U64,
        "int128" | "uint128" | "bigint" | "biginteger" | "big-integer" => Integer::I128,
        _ => return None,
    })
}

/// The format that says the range of a type; none for the widest.
pub(super) fn name(integer: Integer) -> Option<&'static str> {
    Some(match integer {
        Integer::I8 => "int8",
        Integer::I16 => "int16",
        Integer::I32 => "int32",
        Integer::I64 => "int64",
        Integer::U8 => "uint8",
        Integer::U16 => "uint16",
        Integer::U32 => "uint32",
        Integer::U64 => "uint64",
        Integer::I128 => return None,
    })
}

/// The type of an integer: by its format, otherwise wide enough for its bounds.
pub(super) fn integer(at: &At<'_>) -> Integer {
    let format = at.get("format").and_then(|at| at.as_str());
    if let Some(named) = format.and_then(of_format) {
        return named;
    }
    let bound = |keywords: [&str; 2]| keywords.into_iter().find_map(|key| whole(&at.get(key)?));
    let least = bound(["minimum", "exclusiveMinimum"]);
    let most = bound(["maximum", "exclusiveMaximum"]);
    let listed: Vec<i128> = (at.get("const").into_iter())
        .chain(at.get("enum").iter().flat_map(At::items))
        .filter_map(|value| whole(&value))
        .collect();
    let least = least.or(listed.iter().min().copied());
    let most = most.or(listed.iter().max().copied());
    let within = |range: std::ops::RangeInclusive<i128>| {
        [least, most]
            .into_iter()
            .flatten()
            .all(|bound| range.contains(&bound))
    };
    match least {
        _ if within(i64::MIN.into()..=i64::MAX.into()) => Integer::I64,
        Some(0..) if within(0..=u64::MAX.into()) => Integer::U64,
        _ => Integer::I128,
    }
}

/// A bound as a whole number; the flags of 3.0 are none. Bounds may be written as strings.
fn whole(at: &At<'_>) -> Option<i128> {
    let text = at
        .as_str()
        .or(at.as_number().map(|number| number.text.as_str()))?;
    let exact = text.parse().ok();
    // `1e20`: a cast keeps within the range of its type.
    exact.or_else(|| text.parse::<f64>().ok().map(|number| number as i128))
}
