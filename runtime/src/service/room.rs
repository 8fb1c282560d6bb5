//! Room on the stack for reading values that lie in one another.
//!
//! A struct of a document is as large as the document makes it, and reading moves it from function
//! to function, without optimizations several times in each. A recursive type gives whoever sends
//! a request the say over how often that happens, and a stack that overflows ends the process. So
//! reading an object asks first how far the stack, which grows downwards, has grown since the first
//! one began; past the room that there is, it fails, and [`find`] reads once more where there is more.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::ptr;
use std::thread;

/// What reading takes of a stack that is not its own. Threads of tokio and of tests have 2 MiB,
/// of which the way here takes a part.
const OF_OTHERS: usize = 1 << 20;

/// The stack of a thread that reads and does nothing else. What is never touched takes no memory.
const STACK: usize = 64 << 20;

/// What reading takes of that.
const OF_ITS_OWN: usize = STACK - (4 << 20);

/// How many times its own size reading a struct takes, at most: 13 were seen without
/// optimizations, and 7 with them.
const TIMES: usize = 16;

thread_local! {
    /// The address down to which objects may reach; 0 while none is read.
    static FLOOR: Cell<usize> = const { Cell::new(0) };
    static ROOM: Cell<usize> = const { Cell::new(OF_OTHERS) };
    static WAS_SHORT: Cell<bool> = const { Cell::new(false) };
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
    let lowest = here.saturating_sub(size.saturating_mul(TIMES));
    let floor = FLOOR.get();
    if floor == 0 {
        return begin(here, lowest).map(Some);
    }
    match lowest < floor {
        true => Err(short()),
        false => Ok(None),
    }
}

fn begin(here: usize, lowest: usize) -> Result<Outermost, Full> {
    let floor = here.saturating_sub(ROOM.get());
    if lowest < floor {
        return Err(short());
    }
    FLOOR.set(floor);
    Ok(Outermost(()))
}

#[cold]
fn short() -> Full {
    WAS_SHORT.set(true);
    Full
}

/// Ends reading the outermost object.
#[inline]
pub(super) fn leave(Outermost(()): Outermost) {
    FLOOR.set(0);
}

/// Reads, and once more on a stack of its own if there was no room.
///
/// # Errors
///
/// What reading fails with, also where even that was not room enough.
pub(super) fn find<T: Send, E: Send>(read: impl Fn() -> Result<T, E> + Sync) -> Result<T, E> {
    match read() {
        Err(error) if WAS_SHORT.take() => elsewhere(&read).unwrap_or(Err(error)),
        found => found,
    }
}

/// What reading comes to in a thread with a large stack; none where there can be no such thread.
#[cold]
fn elsewhere<T: Send, E: Send>(read: &(impl Fn() -> Result<T, E> + Sync)) -> Option<Result<T, E>> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name("failsafe-read".to_owned())
            .stack_size(STACK);
        let reading = thread.spawn_scoped(scope, || {
            ROOM.set(OF_ITS_OWN);
            read()
        });
        Some(
            reading
                .ok()?
                .join()
                .unwrap_or_else(|panic| resume_unwind(panic)),
        )
    })
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
    fn as_deep_as_json_is_read_and_however_large() {
        for levels in [0, 1, 30, 126, 2, 126] {
            let node: Node = read(nested(levels).as_bytes()).unwrap();
            assert_eq!(depth(&node), levels + 1);
        }
        // JSON itself ends there.
        let error = read::<Node>(nested(128).as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }

    #[test]
    fn whoever_reads_without_another_stack_is_told() {
        let error = serde_json::from_str::<Node>(&nested(126)).unwrap_err();
        assert!(error.to_string().contains("nested too deeply"), "{error}");
        // What was refused leaves all the room to the next.
        for _ in 0..100 {
            assert!(serde_json::from_str::<Node>(&nested(126)).is_err());
            assert!(serde_json::from_str::<Node>(r#"{ "child": 1 }"#).is_err());
            assert_eq!(depth(&serde_json::from_str(&nested(5)).unwrap()), 6);
        }
    }

    #[test]
    fn one_that_is_too_large_by_itself_is_not_begun() {
        let largest = OF_OTHERS / TIMES;
        assert!(enter(largest + 1).is_err());
        let outermost = enter(largest).unwrap().expect("nothing else is read");
        assert!(enter(0).unwrap().is_none());
        leave(outermost);
        assert!(enter(largest).unwrap().map(leave).is_some());
    }
}
