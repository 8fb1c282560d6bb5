use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

fn queued(gate: &Gate) -> Ticket {
    match gate.enter_or_queue(u32::MAX) {
        Entry::Queued(ticket) => ticket,
        other => panic!("there is no room: {other:?}"),
    }
}

fn is_inside(gate: &Gate, ticket: &Ticket) -> bool {
    gate.poll(ticket, &Context::from_waker(Waker::noop())) == Poll::Ready(())
}

#[test]
fn places_are_handed_over_in_the_order_of_the_queue() {
    let gate = Gate::new(1);
    assert!(gate.try_enter());
    let (first, second) = (queued(&gate), queued(&gate));
    gate.leave();
    assert!(!gate.try_enter(), "the place belongs to the first");
    assert!(is_inside(&gate, &first) && !is_inside(&gate, &second));
    gate.give_up(&second);
    gate.leave();
    assert!(gate.try_enter(), "nobody waits any more");
}

#[test]
fn a_place_that_came_too_late_goes_to_the_next() {
    let gate = Gate::new(1);
    assert!(gate.try_enter());
    let (first, second) = (queued(&gate), queued(&gate));
    gate.leave();
    // The first was let in and does not know it yet.
    gate.give_up(&first);
    assert!(is_inside(&gate, &second));
    assert_eq!((gate.inside(), gate.waiting()), (1, 0));
}

#[test]
fn the_limit_moves_while_calls_are_inside() {
    let gate = Gate::new(2);
    assert!(gate.try_enter() && gate.try_enter());
    let (first, second) = (queued(&gate), queued(&gate));
    gate.set_limit(1);
    gate.leave();
    assert!(!is_inside(&gate, &first), "it has not drained yet");
    gate.leave();
    assert!(is_inside(&gate, &first) && !is_inside(&gate, &second));
    gate.set_limit(5);
    assert!(is_inside(&gate, &second), "there is room at once");
    assert!(gate.try_enter());
}

#[test]
fn the_queue_has_an_end() {
    let gate = Gate::new(1);
    assert_eq!(gate.enter_or_queue(0), Entry::Inside);
    assert_eq!(gate.enter_or_queue(0), Entry::Full);
    assert!(matches!(gate.enter_or_queue(1), Entry::Queued(_)));
    assert_eq!(gate.enter_or_queue(1), Entry::Full);
}

#[test]
fn with_marks_it_closes_at_its_limit_and_opens_at_its_low_mark() {
    let gate = Gate::with_marks(4, 1);
    (0..4).for_each(|_| assert!(gate.try_enter()));
    assert!(gate.is_closed());
    gate.leave();
    assert!(!gate.try_enter(), "there is room, and it is closed");
    let waiting = [(); 5].map(|()| queued(&gate));
    gate.leave();
    assert!(!is_inside(&gate, &waiting[0]), "two are inside");
    gate.leave();
    // One is still inside, so there is room for three, and then it is closed again.
    let inside = waiting.each_ref().map(|ticket| is_inside(&gate, ticket));
    assert_eq!(inside, [true, true, true, false, false]);
    assert!(gate.is_closed());
    assert_eq!(gate.enter_or_queue_among(6), Entry::Full);
    assert!(matches!(gate.enter_or_queue_among(7), Entry::Queued(_)));
}

#[test]
fn marks_move_while_calls_are_inside() {
    let gate = Gate::with_marks(3, 0);
    (0..3).for_each(|_| assert!(gate.try_enter()));
    let waiting = queued(&gate);
    gate.set_marks(5, 2);
    assert!(!is_inside(&gate, &waiting), "three are inside");
    gate.set_marks(5, 3);
    assert!(is_inside(&gate, &waiting));
    gate.set_marks(4, 1);
    assert!(gate.is_closed());
}

#[test]
fn two_threads_never_find_more_room_than_there_is() {
    const LIMIT: u32 = 3;
    let (gate, inside) = (Arc::new(Gate::new(LIMIT)), Arc::new(AtomicU32::new(0)));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    if gate.try_enter() {
                        assert!(inside.fetch_add(1, SeqCst) < LIMIT);
                        inside.fetch_sub(1, SeqCst);
                        gate.leave();
                    }
                    match gate.enter_or_queue(2) {
                        Entry::Inside => gate.leave(),
                        Entry::Queued(ticket) => gate.give_up(&ticket),
                        Entry::Full => {}
                    }
                }
            });
        }
    });
    assert_eq!((gate.inside(), gate.waiting()), (0, 0));
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Enter,
    Queue,
    Leave,
    GiveUp(usize),
    Limit(u32),
    Marks(u32, u32),
}

proptest! {
    /// Whatever happens, everybody is inside, waiting or gone, and nobody waits before a free
    /// place.
    #[test]
    fn nobody_is_lost(moves in proptest::collection::vec(prop_oneof![
        Just(Move::Enter),
        Just(Move::Queue),
        Just(Move::Leave),
        (0_usize..4).prop_map(Move::GiveUp),
        (1_u32..5).prop_map(Move::Limit),
        (1_u32..4, 1_u32..3).prop_map(|(low, more)| Move::Marks(low + more, low)),
    ], 0..200)) {
        let gate = Gate::new(2);
        let (mut inside, mut waiting) = (0_u32, Vec::new());
        let mut low_mark = None;
        for step in moves {
            match step {
                Move::Enter => inside += u32::from(gate.try_enter()),
                Move::Queue => match gate.enter_or_queue(3) {
                    Entry::Inside => inside += 1,
                    Entry::Queued(ticket) => waiting.push(ticket),
                    Entry::Full => prop_assert!(waiting.len() >= 3),
                },
                Move::Leave if inside > 0 => {
                    gate.leave();
                    inside -= 1;
                }
                Move::GiveUp(place) if place < waiting.len() => {
                    gate.give_up(&waiting.remove(place));
                }
                Move::Limit(limit) => {
                    gate.set_limit(limit);
                    low_mark = None;
                }
                Move::Marks(limit, low) => {
                    gate.set_marks(limit, low);
                    low_mark = Some(low);
                }
                Move::Leave | Move::GiveUp(_) => {}
            }
            let before = waiting.len();
            waiting.retain(|ticket| !is_inside(&gate, ticket));
            inside += u32::try_from(before - waiting.len()).expect("a few");
            prop_assert_eq!(gate.inside(), inside);
            prop_assert_eq!(gate.waiting() as usize, waiting.len());
            prop_assert!(waiting.is_empty() || gate.is_closed() || inside >= gate.limit());
            match low_mark {
                Some(low) => prop_assert!(!gate.is_closed() || inside > low),
                None => prop_assert!(!gate.is_closed()),
            }
        }
    }
}
