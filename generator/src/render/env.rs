//! The template environment: strict, and closed to text that no filter has seen.

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    syntax::SyntaxConfig, value::ValueKind,
};

use super::{RenderError, fault, filters};
use crate::{
    diagnostic::Diagnostic,
    templates::{Own, built_in},
};

/// All templates by their names, those of a person's in place of the built-in ones; what is no
/// template is told and left away.
pub(super) fn environment<'t>(
    own: &'t Own,
    faults: &mut Vec<Diagnostic>,
) -> Result<Environment<'t>, RenderError> {
    let mut env = Environment::new();
    // Would print what no filter has made safe for its place.
    env.remove_filter("safe");
    // Errors have the places of expressions, whatever the build.
    env.set_debug(true);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the delimiters are the usual ones"),
    );
    // Makes what a macro returns finished text, so that it can be printed.
    env.set_auto_escape_callback(|_| AutoEscape::Custom("finished".into()));
    env.set_formatter(print);
    filters::add_to(&mut env);
    for (name, text) in built_in() {
        env.add_template(name, text)?;
    }
    for template in own.iter() {
        if let Err(error) = env.add_template(&template.name, &template.text) {
            faults.push(fault::of(&error, own, &Value::UNDEFINED).ok_or(error)?);
        }
    }
    Ok(env)
}

/// Prints a value. Text is printed only when a filter has made it safe for the place where it
/// goes: a forgotten filter fails the first test that renders the template, and not the first
/// document with a quote in a title.
fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let finished = match value.kind() {
        ValueKind::String => value.is_safe(),
        ValueKind::Number => true,
        _ => false,
    };
    if finished {
        write!(out, "{value}").map_err(Error::from)
    } else {
        Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("{} {value:?}", fault::UNFINISHED),
        ))
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn render(template: &str) -> Result<String, Error> {
        let own = Own::default();
        let env = environment(&own, &mut Vec::new()).expect("the templates parse");
        env.render_str(
            template,
            context! { title => "say \"hi\"", count => 3, yes => true },
        )
    }

    #[test]
    fn text_needs_a_filter() {
        assert!(render("{{ title }}").is_err());
        assert!(render("{{ yes }}").is_err());
        assert!(render("{{ missing }}").is_err());
        let text = render("{{ title|lit }} {{ count }} {{ yes|lit }}").expect("renders");
        assert_eq!(text, r#""say \"hi\"" 3 true"#);
    }

    #[test]
    fn macros_return_finished_text() {
        let text = render("{% macro m(x) %}<{{ x|lit }}>{% endmacro %}{{ m(title) }}");
        assert_eq!(text.expect("renders"), r#"<"say \"hi\"">"#);
    }
}
