//! The template environment: strict, and closed to text that no filter has seen.

use include_dir::{Dir, DirEntry, include_dir};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    syntax::SyntaxConfig, value::ValueKind,
};

use super::{RenderError, filters};

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// All templates, by their path below `templates/`.
pub(super) fn environment() -> Result<Environment<'static>, RenderError> {
    let mut env = Environment::empty();
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
    add_templates(&TEMPLATES, &mut env)?;
    Ok(env)
}

fn add_templates(
    dir: &'static Dir<'static>,
    env: &mut Environment<'static>,
) -> Result<(), RenderError> {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => add_templates(dir, env)?,
            DirEntry::File(file) => {
                let name = file.path().to_str().expect("template names are ASCII");
                let text = file.contents_utf8().expect("templates are UTF-8");
                env.add_template(name, text)?;
            }
        }
    }
    Ok(())
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
            format!("a filter must say how to print {value:?}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn render(template: &str) -> Result<String, Error> {
        let env = environment().expect("the templates parse");
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
