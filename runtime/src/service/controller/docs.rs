//! The page that shows the document to people: Swagger UI, whose files are part of the binary, so
//! that it needs no other host.

use std::sync::OnceLock;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use swagger_ui_redist::{SwaggerUi, SwaggerUiStaticFile};

use super::own_paths::etag;
use crate::service::answer;

/// Where the page asks nobody but the service that serves it. Swagger UI draws its icons from
/// `data:` and styles its parts one by one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page. Its links are relative, so that it works behind a proxy that puts a prefix before
/// all paths.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE</title>
<link rel="icon" href="NAME/favicon-32x32.png">
<link rel="stylesheet" href="NAME/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<noscript>This page needs JavaScript; the document itself is <a href="OPENAPI">here</a>.</noscript>
<script src="NAME/swagger-ui-bundle.js"></script>
<script src="NAME/show.js" data-openapi="OPENAPI" data-root="ROOT"></script>
</body>
</html>
"#;

/// Shows the document. Requests that are tried out go to the service that shows the page, below
/// the path of the server that the document names.
const SHOW: &str = r#""use strict";
const { openapi, root } = document.currentScript.dataset;
const prefix = new URL(root, location.href).pathname.replace(/\/$/, "");

function here(server) {
  const value = (_, name) => server.variables?.[name]?.default ?? "";
  const url = new URL(server.url.replace(/\{([^}]*)\}/g, value), "http://localhost/");
  return { ...server, url: prefix + url.pathname.replace(/\/$/, "") || "/", variables: undefined };
}

function everywhere(servers) {
  const known = new Map((servers ?? []).map(here).map((server) => [server.url, server]));
  return [...known.values()];
}

fetch(openapi).then((answer) => answer.json()).then((spec) => {
  spec.servers = everywhere(spec.servers?.length ? spec.servers : [{ url: "/" }]);
  for (const item of Object.values(spec.paths ?? {})) {
    for (const part of [item, ...Object.values(item)]) {
      if (part?.servers) part.servers = everywhere(part.servers);
    }
  }
  SwaggerUIBundle({
    spec,
    domNode: document.getElementById("docs"),
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    validatorUrl: null,
  });
});
"#;

/// One file of the page.
#[derive(Debug)]
pub(super) struct Asset {
    media_type: &'static str,
    cached: &'static str,
    bytes: Bytes,
    /// Made when it is asked for first: a hash of megabytes, and most starts of a service are
    /// followed by no look at its page.
    etag: OnceLock<HeaderValue>,
}

/// A page may change with the service's next version.
const ASKED_AGAIN: &str = "no-cache";
/// Swagger UI changes seldom.
const A_DAY: &str = "public, max-age=86400";

/// The page and its files.
#[derive(Debug)]
pub(super) struct Docs {
    path: &'static str,
    /// By what stands behind the path.
    assets: Vec<(String, Asset)>,
}

impl Docs {
    /// The page at a path, for the document at another one.
    pub(super) fn new(path: &'static str, openapi: &str, title: &str) -> Docs {
        let name = path.rsplit('/').next().unwrap_or_default();
        // From the folder that the page is in.
        let root = match path.matches('/').count() {
            0 | 1 => "./".to_owned(),
            deeper => "../".repeat(deeper - 1),
        };
        let openapi = format!("{root}{}", openapi.trim_start_matches('/'));
        let page = PAGE
            .replace("NAME", &escaped(name))
            .replace("OPENAPI", &escaped(&openapi))
            .replace("ROOT", &root)
            // Last, because a title may be any text.
            .replace("TITLE", &escaped(title));
        let asset = |media_type, cached, bytes| Asset {
            media_type,
            cached,
            bytes,
            etag: OnceLock::new(),
        };
        let script = Bytes::from_static(SHOW.as_bytes());
        let mut assets = vec![
            (
                String::new(),
                asset("text/html; charset=utf-8", ASKED_AGAIN, Bytes::from(page)),
            ),
            (
                "/show.js".to_owned(),
                asset("text/javascript", ASKED_AGAIN, script),
            ),
        ];
        for (file, bytes) in SwaggerUi::static_files() {
            let media_type = match file {
                SwaggerUiStaticFile::Css => "text/css",
                SwaggerUiStaticFile::Js => "text/javascript",
                SwaggerUiStaticFile::Favicon32 => "image/png",
                _ => continue,
            };
            let below = format!("/{}", file.file_name());
            assets.push((below, asset(media_type, A_DAY, Bytes::from_static(bytes))));
        }
        Docs { path, assets }
    }

    /// The file at a path, if it is one of these.
    pub(super) fn find(&self, path: &str) -> Option<&Asset> {
        let below = path.strip_prefix(self.path)?;
        let found = self.assets.iter().find(|(name, _)| name == below);
        found.map(|(_, asset)| asset)
    }
}

impl Asset {
    pub(super) fn respond(&self, headers: &HeaderMap) -> Response {
        let etag = self.etag.get_or_init(|| etag(&self.bytes));
        let mut response = match headers.get(header::IF_NONE_MATCH) == Some(etag) {
            true => answer::empty(StatusCode::NOT_MODIFIED),
            false => answer::with_body(StatusCode::OK, self.media_type, self.bytes.clone()),
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, etag.clone());
        for (name, value) in [
            (header::CACHE_CONTROL, self.cached),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// A text as HTML has it, inside quotes, too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
