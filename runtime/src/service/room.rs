//! Room on the stack for reading values that lie in one another.
//!
//! A struct of a document is as large as the document makes it, and reading moves it from function
//! to function, without optimizations several times in each. A recursive type gives whoever sends
//! a request the say over how often that happens, and a stack that overflows ends the process. So
//! reading an object within others asks first how far the stack, which grows downwards, has grown
//! since the first one began, and fails past the room that there is.

use std::cell::Cell;
use std::ptr;

/// What reading takes of a stack. Threads of tokio and of tests have 2 MiB, of which the way here
/// takes some 50 KiB without optimizations.
const ROOM: usize = 1536 << 10;

/// How many times its own size reading a struct takes, at most: 13 were seen without
/// optimizations, and 7 with them.
const TIMES: usize = 16;

thread_local! {
    /// The address down to which objects may reach; 0 while none is read.
    static FLOOR: Cell<usize> = const { Cell::new(0) };
}

/// That an object is read, and no other around it.
#[derive(Debug)]
pub(super) struct Outermost(());

/// There is no room for one more object.
#[derive(Debug)]
pub(super) struct Full;

/// Begins to read a struct of so many bytes. Whoever is told that it is the outermost has to
/// [`leave`] it.
#[inline]
pub(super) fn enter(size: usize) -> Result<Option<Outermost>, Full> {
    let local = 0_u8;
    let here = ptr::from_ref(&local).addr();
    let floor = FLOOR.get();
    if floor == 0 {
        FLOOR.set(here.saturating_sub(ROOM));
        return Ok(Some(Outermost(())));
    }
    match here.saturating_sub(size.saturating_mul(TIMES)) < floor {
        true => Err(Full),
        false => Ok(None),
    }
}

/// Ends reading the outermost object.
#[inline]
pub(super) fn leave(Outermost(()): Outermost) {
    FLOOR.set(0);
}

#[cfg(test)]
mod tests {
    use serde::de::{Deserialize, Deserializer, IgnoredAny};

    use super::super::body::read;
    use super::*;

    /// What makes a struct large.
    #[derive(Debug)]
    struct Ballast([u64; 512]);

    impl<'de> Deserialize<'de> for Ballast {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            IgnoredAny::deserialize(deserializer).map(|_| Self([0; 512]))
        }
    }

    #[derive(Debug)]
    struct Node {
        child: Option<Box<Node>>,
        ballast: Option<Ballast>,
    }

    crate::members!(Node {
        "child" => child: optional,
        "ballast" => ballast: optional write_only,
    });

    impl serde::Serialize for Ballast {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u64(self.0[0])
        }
    }

    fn nested(depth: usize) -> String {
        format!("{}{{}}{}", "{\"child\":".repeat(depth), "}".repeat(depth))
    }

    fn depth(node: &Node) -> usize {
        let children = std::iter::successors(Some(node), |node| node.child.as_deref());
        children.filter(|node| node.ballast.is_none()).count()
    }

    #[test]
    fn what_would_overflow_the_stack_is_refused() {
        for levels in [0, 1, 20] {
            let node: Node = read(nested(levels).as_bytes()).unwrap();
            assert_eq!(depth(&node), levels + 1);
        }
        let error = read::<Node>(nested(126).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("nested too deeply"), "{error}");
        // What was refused leaves all the room to the next.
        for _ in 0..100 {
            assert!(read::<Node>(nested(126).as_bytes()).is_err());
            assert!(read::<Node>(br#"{ "child": 1 }"#).is_err());
            assert_eq!(depth(&read(nested(20).as_bytes()).unwrap()), 21);
        }
    }

    #[test]
    fn a_large_one_is_begun_where_nothing_else_is_read() {
        let outermost = enter(ROOM).unwrap().expect("nothing else is read");
        assert!(enter(ROOM / TIMES + 1).is_err());
        assert!(enter(0).unwrap().is_none());
        leave(outermost);
        assert!(enter(ROOM).unwrap().map(leave).is_some());
    }
}
