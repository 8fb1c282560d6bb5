//! From positioned nodes to the service: everything that is wrong with a document is found here.
//!
//! One file a concern. Schemas become an arena of models first ([`schemas`]), operations refer to
//! them ([`operations`]), and only when everything is known are names given, cycles broken and
//! defaults weighed ([`models`]).

#[cfg(test)]
mod agreement;
mod apart;
mod base_path;
mod cases;
mod check;
mod closed;
mod contents;
mod cycles;
mod defaults;
mod enums;
mod examples;
mod expressions;
mod families;
mod forms;
mod headers;
mod ids;
mod lint;
mod media;
mod models;
mod multipart;
mod names;
mod numbers;
mod objects;
mod on_path;
mod operations;
mod outgoing;
mod overlap;
mod parameters;
mod parts;
mod paths;
mod pattern;
mod policies;
mod rare;
mod reach;
mod references;
mod responses;
mod schemas;
mod security;
mod select;
mod served;
mod share;
mod sizes;
mod skip;
#[cfg(test)]
mod stable;
mod styles;
mod tags;
#[cfg(test)]
mod tests;
mod tuples;
mod unions;
mod wish;

use std::collections::{BTreeSet, HashSet};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity},
    ir::Service,
    options::Stubs,
    parallel,
    spec::{At, Document, OpenApiVersion, plain as json},
    yaml,
};

pub(crate) use base_path::of_root as base_path_of;
pub(crate) use json::value as json_value;
pub use lint::check;
pub(crate) use paths::{parameters as path_parameters, shape as path_shape};
pub(crate) use policies::{first_policy, json_schema};
pub use select::{Selection, Selector, select};
pub use skip::LeftOut;

/// Schemas inside schemas, without a reference between them.
const MAX_NESTED: usize = 96;

/// Makes the service of a document. None when anything found stops the run.
pub fn lower(document: &Document, diagnostics: &mut Diagnostics) -> Option<Service> {
    lower_with(document, Stubs::default(), diagnostics)
}

/// The same, with what the handlers need that a person starts from.
pub fn lower_with(
    document: &Document,
    stubs: Stubs,
    diagnostics: &mut Diagnostics,
) -> Option<Service> {
    let mut lowering = Lowering::new(document);
    lowering.stubs = stubs;
    let (bundled, mut service) = parallel::both(|| served::bundle(document), || lowering.service());
    for found in lowering.diagnostics.into_vec() {
        diagnostics.push(found);
    }
    if diagnostics.has_errors() {
        tell_of_others(document, diagnostics);
        return None;
    }
    complete(document, &mut service, bundled);
    Some(service)
}

/// The service without its document; the values of its policies say where they come from.
pub(crate) fn explained(document: &Document, diagnostics: &mut Diagnostics) -> Option<Service> {
    let mut lowering = Lowering::new(document);
    lowering.explains = true;
    let service = lowering.service();
    diagnostics.extend(lowering.diagnostics.into_vec());
    if diagnostics.has_errors() {
        tell_of_others(document, diagnostics);
        return None;
    }
    Some(service)
}

/// Adds the document, as it is served and as it is kept.
fn complete(document: &Document, service: &mut Service, bundled: serde_json::Value) {
    service.openapi = served::finish(bundled, &service.base_path, &service.apis);
    // The files that it refers to are not in the tree, and where they are is nobody's business.
    if !document.is_as_written() {
        let whole = served::in_one_file(document);
        service.source = yaml::document(&whole).into();
    }
}

/// Says that there is a service in the document all the same.
fn tell_of_others(document: &Document, diagnostics: &mut Diagnostics) {
    let Some((faulty, all)) = skip::Reach::new(document).at_fault(diagnostics) else {
        return;
    };
    let message = match faulty {
        0 => "no operation needs what is at fault".to_owned(),
        faulty => format!("{faulty} of {all} operations cannot be generated"),
    };
    let help = "`--skip-unsupported` generates the others, and lists what is left out";
    diagnostics.push(Diagnostic::note("others-can-be-generated", message).help(help));
}

/// The same, without the operations that cannot be generated. What has been found before counts
/// as well. None when the document as a whole is at fault.
pub fn lower_without(
    document: &Document,
    stubs: Stubs,
    diagnostics: &mut Diagnostics,
) -> Option<(Service, Vec<LeftOut>)> {
    let (bundled, (mut service, left_out)) = parallel::both(
        || served::bundle(document),
        || leave_out(document, stubs, diagnostics),
    );
    if diagnostics.has_errors() {
        return None;
    }
    complete(document, &mut service, bundled);
    Some((service, left_out))
}

/// The service without its document, and without the operations that cannot be generated: what is
/// needed to compare it with another. None when the document as a whole is at fault.
pub(crate) fn contract(
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Option<(Service, Vec<LeftOut>)> {
    let found = leave_out(document, Stubs::default(), diagnostics);
    (!diagnostics.has_errors()).then_some(found)
}

/// What is left once whatever is at fault has been left out.
fn leave_out(
    document: &Document,
    stubs: Stubs,
    diagnostics: &mut Diagnostics,
) -> (Service, Vec<LeftOut>) {
    let reach = skip::Reach::new(document);
    let mut skipped = skip::Skipped::default();
    let mut before = std::mem::take(diagnostics).into_vec();
    reach.judge(&mut before, &mut skipped);
    loop {
        let mut lowering = Lowering::new(document);
        lowering.stubs = stubs;
        lowering.left_out = skipped.operations.keys().cloned().collect();
        lowering.left_out_schemas = skipped.schemas.clone();
        let service = lowering.service();
        let mut found = lowering.diagnostics.into_vec();
        let known = skipped.len();
        reach.judge(&mut found, &mut skipped);
        // Every round leaves more out, so there is a last one.
        if skipped.len() > known {
            before.extend(
                found
                    .into_iter()
                    .filter(|found| found.severity != Severity::Note),
            );
            continue;
        }
        diagnostics.extend(before);
        diagnostics.extend(found);
        diagnostics.dedup();
        return (service, skipped.operations.into_values().collect());
    }
}

/// The same service without a policy on any operation.
pub fn without_protection(document: &Document, mut service: Service) -> Service {
    for operation in service.apis.iter_mut().flat_map(|api| &mut api.operations) {
        operation.policies.clear();
    }
    let bundled = served::bundle(document);
    service.openapi = served::finish(bundled, &service.base_path, &service.apis);
    service
}

/// What is known while a document is lowered.
#[derive(Debug)]
pub(crate) struct Lowering<'d> {
    document: &'d Document,
    root: At<'d>,
    /// 3.0 takes no keywords beside `$ref`.
    is_3_0: bool,
    stubs: Stubs,
    /// Whether the values of policies say where they come from.
    explains: bool,
    arena: schemas::Arena<'d>,
    families: families::Families<'d>,
    schemes: security::Schemes,
    /// Operations with callbacks, by their ids.
    calling_back: Vec<(String, At<'d>)>,
    /// Operations that shall not be generated.
    left_out: HashSet<skip::Key>,
    left_out_schemas: BTreeSet<String>,
    /// Where all operations are that say nothing else.
    base_path: String,
    nested: usize,
    patterns: pattern::Known,
    diagnostics: Diagnostics,
    /// A schema may be looked at more than once; what is wrong with it is said once.
    reported: HashSet<(&'static str, Option<crate::diagnostic::Location>, String)>,
}

impl<'d> Lowering<'d> {
    fn new(document: &'d Document) -> Self {
        let root = document.root();
        Self {
            document,
            is_3_0: document.version == OpenApiVersion::V3_0,
            root,
            stubs: Stubs::default(),
            explains: false,
            arena: schemas::Arena::default(),
            families: families::Families::default(),
            schemes: security::Schemes::default(),
            calling_back: Vec::new(),
            left_out: HashSet::new(),
            left_out_schemas: BTreeSet::new(),
            base_path: String::new(),
            nested: 0,
            patterns: pattern::Known::default(),
            diagnostics: Diagnostics::default(),
            reported: HashSet::new(),
        }
    }

    /// Everything but the document that is served.
    fn service(&mut self) -> Service {
        let text = |at: Option<At<'d>>| at.and_then(|at| at.as_str());
        let info = self.root.get("info");
        let of = |key: &str| text(info.as_ref().and_then(|info| info.get(key)));
        let (title, version, description) = (of("title"), of("version"), of("description"));
        // A version that YAML reads as a number is meant as it is written.
        let number = (info.as_ref().and_then(|info| info.get("version")))
            .and_then(|at| at.as_number().map(|number| number.text.clone()));
        self.base_path = self.base_path(&self.root.clone()).unwrap_or_default();
        self.components();
        let mut apis = self.apis();
        let mut calls = self.webhooks();
        calls.extend(self.callbacks());
        let policies = policies::apply(
            self.document,
            &mut apis,
            self.explains,
            &mut self.diagnostics,
        );
        self.check_caches(&apis);
        self.check_models();
        self.check_fallbacks(&apis);
        if self.stubs == Stubs::Example {
            self.examples(&mut apis);
        }
        let models = self.models(&mut apis, &mut calls);
        let (callbacks, webhooks) = calls.into_iter().partition(|call| call.callback.is_some());
        Service {
            title: title.unwrap_or("service").to_owned(),
            version: version.map(str::to_owned).or(number).unwrap_or_default(),
            description: description.map(str::to_owned),
            openapi: serde_json::Value::Null,
            base_path: self.base_path.clone(),
            source: self.document.files[0].text.clone(),
            security: self.security_schemes(),
            policies,
            apis,
            webhooks,
            callbacks,
            models,
        }
    }

    /// Records a finding, once.
    fn report(&mut self, found: Diagnostic) {
        let identity = (found.code, found.location.clone(), found.message.clone());
        if self.reported.insert(identity) {
            self.diagnostics.push(found);
        }
    }

    /// Goes one schema deeper; none where that is too deep.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nested >= MAX_NESTED {
            return None;
        }
        self.nested += 1;
        let result = inner(self);
        self.nested -= 1;
        Some(result)
    }
}
