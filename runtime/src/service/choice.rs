//! The operations of one place of the tree, and which of them a request means.

use http::Method;
use http::request::Parts;
use serde_json::Value;

use super::paths::{Captures, PathValues};
use super::routes::Route;
use super::when::{When, exactness};

/// The operations of one place.
pub(super) struct Operations<A> {
    by_method: Vec<(Method, Vec<Route<A>>)>,
}

/// What the head of a request says of the operations that it may mean.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// The one at this index.
    One(usize),
    /// The first of these whose signs the body shows; if none, the first.
    OfBody(Vec<usize>),
}

impl<A> Operations<A> {
    pub(super) fn new() -> Operations<A> {
        Operations {
            by_method: Vec::new(),
        }
    }

    /// Adds one. Of those with one method the most exact one stands first.
    pub(super) fn push(&mut self, route: Route<A>) {
        let method = &route.operation.method;
        let Some((_, there)) = self.by_method.iter_mut().find(|(known, _)| known == method) else {
            self.by_method.push((method.clone(), vec![route]));
            return;
        };
        let exact = exactness(route.operation.when);
        let index = there.partition_point(|known| exactness(known.operation.when) >= exact);
        there.insert(index, route);
    }

    pub(super) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.by_method.iter().map(|(method, _)| method)
    }

    /// Those that answer a method. GET answers HEAD, too.
    pub(super) fn answering(&self, method: &Method) -> Option<&[Route<A>]> {
        let find = |method: &Method| {
            let mut known = self.by_method.iter();
            known.find(|(known, _)| known == method)
        };
        let found = find(method).or_else(|| {
            let get = find(&Method::GET);
            get.filter(|_| *method == Method::HEAD)
        });
        found.map(|(_, routes)| routes.as_slice())
    }
}

/// Which operation a request means, as far as its head says it.
pub(super) fn by_head<A>(routes: &[Route<A>], head: &Parts, captures: &Captures) -> Meant {
    let mut fitting = routes.iter().enumerate().filter(|(_, route)| {
        let values = PathValues::new(route.names.clone(), captures.clone());
        let mut signs = route.operation.when.iter();
        signs.all(|sign| sign.shows(head, &values))
    });
    let Some((first, route)) = fitting.next() else {
        // None: the least exact one says what is missing.
        return Meant::One(routes.len().saturating_sub(1));
    };
    let asks_body = |route: &Route<A>| {
        let mut signs = route.operation.when.iter();
        signs.any(|sign| matches!(sign, When::Body(_)))
    };
    if !asks_body(route) {
        return Meant::One(first);
    }
    let mut several = vec![first];
    for (index, route) in fitting {
        several.push(index);
        if !asks_body(route) {
            break;
        }
    }
    match several.as_slice() {
        [only] => Meant::One(*only),
        _ => Meant::OfBody(several),
    }
}

/// Which of several a request means by its body.
pub(super) fn by_body<A>(routes: &[Route<A>], several: &[usize], body: &[u8]) -> usize {
    let first = several.first().copied().unwrap_or_default();
    // What is no JSON has violations, and the first may say so.
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return first;
    };
    let fits = |index: &&usize| {
        let signs = routes.get(**index).map(|route| route.operation.when);
        signs.is_some_and(|signs| signs.iter().all(|sign| sign.shows_in(&body)))
    };
    several.iter().find(fits).copied().unwrap_or(first)
}
