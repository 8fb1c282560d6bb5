//! The segments of all templates as one tree.

use super::captures::Captures;
use super::escape;
use super::mixed::Mixed;
use super::tail::Tail;
use super::template::{Segment, Template};

/// Templates that match the same paths share a place. Numbered from 0 in order of appearance.
pub(in crate::service) type PlaceId = usize;

type NodeId = usize;

/// Finds the places of a path.
#[derive(Debug)]
pub(in crate::service) struct Tree {
    /// The first one is the root.
    nodes: Vec<Node>,
    places: usize,
}

/// What may follow a part of a path.
#[derive(Debug, Default)]
struct Node {
    /// By text, sorted.
    texts: Vec<(Box<[u8]>, NodeId)>,
    /// The one with the most text first.
    mixed: Vec<(Mixed, NodeId)>,
    /// What a path ends with behind a value with slashes, the longest first.
    tails: Vec<(Tail, NodeId)>,
    value: Option<NodeId>,
    rest: Option<NodeId>,
    /// Where a path that ends with a slash may end.
    blank: Option<NodeId>,
    place: Option<PlaceId>,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.texts.is_empty()
            && self.mixed.is_empty()
            && self.tails.is_empty()
            && (self.value, self.rest, self.blank) == (None, None, None)
    }
}

impl Tree {
    pub(in crate::service) fn new() -> Tree {
        Tree {
            nodes: vec![Node::default()],
            places: 0,
        }
    }

    /// The place of a template, a new one unless there is one that matches the same paths.
    pub(in crate::service) fn place(&mut self, template: &Template) -> PlaceId {
        let mut node = 0;
        let mut blank = None;
        for (index, segment) in template.segments.iter().enumerate() {
            let is_last = index + 1 == template.segments.len();
            if is_last && *segment == Segment::Blank {
                let new = self.nodes.len();
                let below = *self.nodes[node].blank.get_or_insert(new);
                blank = Some(self.known(below));
            }
            let below = self.below(node, segment);
            node = self.known(below);
        }
        let place = match self.nodes[node].place {
            Some(place) => place,
            None => {
                let place = self.places;
                self.places += 1;
                self.nodes[node].place = Some(place);
                place
            }
        };
        if let Some(blank) = blank {
            self.nodes[blank].place = Some(place);
        }
        place
    }

    /// The node below a segment, or the one that comes next.
    fn below(&mut self, node: NodeId, segment: &Segment) -> NodeId {
        let new = self.nodes.len();
        let node = &mut self.nodes[node];
        match segment {
            Segment::Text(text) => {
                match node.texts.binary_search_by(|(known, _)| known.cmp(text)) {
                    Ok(index) => node.texts[index].1,
                    Err(index) => {
                        node.texts.insert(index, (text.clone(), new));
                        new
                    }
                }
            }
            Segment::Mixed(mixed) => {
                let rank = mixed.rank();
                match node
                    .mixed
                    .binary_search_by(|(known, _)| known.rank().cmp(&rank))
                {
                    Ok(index) => node.mixed[index].1,
                    Err(index) => {
                        node.mixed.insert(index, (mixed.clone(), new));
                        new
                    }
                }
            }
            Segment::Tail(tail) => {
                match node.tails.binary_search_by(|(known, _)| known.cmp(tail)) {
                    Ok(index) => node.tails[index].1,
                    Err(index) => {
                        node.tails.insert(index, (tail.clone(), new));
                        new
                    }
                }
            }
            Segment::Value | Segment::Blank => *node.value.get_or_insert(new),
            Segment::Rest => *node.rest.get_or_insert(new),
        }
    }

    /// A node that is there, if need be from now on.
    fn known(&mut self, node: NodeId) -> NodeId {
        if node == self.nodes.len() {
            self.nodes.push(Node::default());
        }
        node
    }

    /// The first place that matches a path and is accepted, and the values on the way there.
    ///
    /// Without rests every node is looked at once at most; below a rest once a slash.
    pub(in crate::service) fn find(
        &self,
        path: &str,
        accept: &mut dyn FnMut(PlaceId) -> bool,
    ) -> Option<(PlaceId, Captures)> {
        let mut search = Search {
            tree: self,
            path: path.as_bytes(),
            captures: Captures::default(),
            accept,
        };
        // `*` and the addresses of CONNECT are no paths.
        let start = path.starts_with('/').then_some(1)?;
        let place = search.below(0, Some(start))?;
        Some((place, search.captures))
    }
}

struct Search<'s> {
    tree: &'s Tree,
    path: &'s [u8],
    captures: Captures,
    accept: &'s mut dyn FnMut(PlaceId) -> bool,
}

impl Search<'_> {
    /// Looks below a node for what begins at `start`; `None`: the path has ended.
    fn below(&mut self, node: NodeId, start: Option<usize>) -> Option<PlaceId> {
        let node = &self.tree.nodes[node];
        let Some(start) = start else {
            return node.place.filter(|place| (self.accept)(*place));
        };
        let path = self.path;
        let length = path[start..].iter().position(|byte| *byte == b'/');
        let end = length.map_or(path.len(), |length| start + length);
        let next = length.map(|_| end + 1);
        let segment = &path[start..end];
        let captured = self.captures.len();

        let text = escape::undo(segment);
        let text = node
            .texts
            .binary_search_by(|(known, _)| (**known).cmp(&*text));
        if let Ok(index) = text
            && let Some(place) = self.below(node.texts[index].1, next)
        {
            return Some(place);
        }
        for (mixed, below) in &node.mixed {
            if mixed.matches(segment, start, &mut self.captures)
                && let Some(place) = self.below(*below, next)
            {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        if let Some(below) = node.value.filter(|_| !segment.is_empty()) {
            self.captures.push((start, end));
            if let Some(place) = self.below(below, next) {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        if let Some(below) = node.rest
            && let Some(place) = self.rest(below, start)
        {
            return Some(place);
        }
        for (tail, below) in &node.tails {
            if tail.ends(&path[start..], start, &mut self.captures)
                && let Some(place) = self.below(*below, None)
            {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        if let Some(below) = node.rest.filter(|_| start < path.len()) {
            self.captures.push((start, path.len()));
            if let Some(place) = self.below(below, None) {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        if let Some(below) = node.blank.filter(|_| start == path.len()) {
            self.captures.push((start, end));
            if let Some(place) = self.below(below, None) {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        None
    }

    /// Several segments as one value, as few as can be before what follows: of two templates the
    /// one that says more of the path matches.
    fn rest(&mut self, below: NodeId, start: usize) -> Option<PlaceId> {
        if self.tree.nodes[below].is_leaf() {
            return None;
        }
        let captured = self.captures.len();
        for end in start + 1..self.path.len() {
            if self.path[end] != b'/' {
                continue;
            }
            self.captures.push((start, end));
            if let Some(place) = self.below(below, Some(end + 1)) {
                return Some(place);
            }
            self.captures.truncate(captured);
        }
        None
    }
}
