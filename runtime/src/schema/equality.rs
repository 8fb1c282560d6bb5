//! When two JSON values are the same: numbers by value (`1` and `1.0`), members in any order.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::Number;

/// Whether two JSON values are the same, as `enum`, `const` and `uniqueItems` mean it.
///
/// ```
/// use failsafe_runtime::schema::equal;
/// use serde_json::json;
///
/// assert!(equal(&json!({ "a": 1, "b": 2 }), &json!({ "b": 2.0, "a": 1 })));
/// assert!(!equal(&json!([1, 2]), &json!([2, 1])));
/// ```
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    ByValue(a) == ByValue(b)
}

/// A value that is compared and hashed by what it means.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByValue<'v>(pub(super) &'v Value);

impl PartialEq for ByValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Value::Number(_), Value::Number(_)) => {
                let compared = Number::of(self.0).partial_cmp(&Number::of(other.0));
                compared.is_some_and(|order| order.is_eq())
            }
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| ByValue(a) == ByValue(b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| ByValue(a) == ByValue(b)))
            }
            (a, b) => a == b,
        }
    }
}

// JSON has no NaN.
impl Eq for ByValue<'_> {}

impl Hash for ByValue<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            // The same numbers have the same nearest `f64`, zeros of both signs apart.
            Value::Number(number) => (number.as_f64().unwrap_or(0.0) + 0.0).to_bits().hash(state),
            Value::Array(items) => items.iter().for_each(|item| ByValue(item).hash(state)),
            Value::Object(members) => {
                let of_member = |(key, value): (&String, &Value)| {
                    let mut hasher = DefaultHasher::new();
                    (key, ByValue(value)).hash(&mut hasher);
                    hasher.finish()
                };
                // A sum, because the order must not matter.
                let sum = members.iter().map(of_member).fold(0, u64::wrapping_add);
                sum.hash(state);
            }
            value => value.hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_means_the_same_is_found_in_a_set() {
        let values = [json!(1), json!({ "a": 0.0, "b": [2] })];
        let set: HashSet<ByValue<'_>> = values.iter().map(ByValue).collect();
        for same in [json!(1.0), json!({ "b": [2.0], "a": -0.0 })] {
            assert!(set.contains(&ByValue(&same)), "{same}");
        }
        for other in [json!(true), json!("1"), json!({ "a": 0 }), json!([1])] {
            assert!(!set.contains(&ByValue(&other)), "{other}");
        }
    }
}
