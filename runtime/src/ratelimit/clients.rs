//! A bucket for each client, in bounded memory.
//!
//! Keys come from outside, and whoever sends them may invent as many as he likes. So a client is
//! remembered by a keyed hash of its name, 24 bytes, 8 more for each further limit, and an entry in an
//! index, and there are at most `max_clients` of them. When all places are taken, a newcomer gets that of a client whose
//! bucket is full: to forget it loses nothing, as it would come back to a full bucket. Nobody who
//! has spent anything is forgotten, or spending would be a matter of waiting to be pushed out. If
//! there is no such place among a few that are looked at, the newcomer shares one bucket with all
//! others who found none. No call ever looks through all clients.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bucket::Taken;
use super::several::{Decision, Quotas};
use crate::clock::Nanos;

/// Clients to a lock, if they spread evenly.
const CLIENTS_PER_SHARD: usize = 256;
const MAX_SHARDS: usize = 1024;
/// Places that a newcomer looks at when all are taken.
const LOOKED_AT: usize = 16;
/// Clients whose names are kept for metrics, and the longest name that is.
const MAX_NAMED: usize = 100;
const MAX_NAME: usize = 64;

#[derive(Debug)]
pub(super) struct Clients {
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    len: AtomicUsize,
    max: AtomicUsize,
    named: AtomicUsize,
}

#[derive(Debug)]
struct Shard {
    /// The quotas that all moments were computed with.
    quotas: Quotas,
    index: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    entries: Vec<Entry>,
    /// When the buckets of each entry are full again, one after the other.
    full_at: Vec<Nanos>,
    /// The place that the next newcomer looks at first.
    hand: usize,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    named: Option<Box<Named>>,
}

#[derive(Debug)]
struct Named {
    name: Box<str>,
    allowed: u64,
    rejected: u64,
}

/// A client with a name, for metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientCount {
    pub(super) name: String,
    pub(super) allowed: u64,
    pub(super) rejected: u64,
}

/// The clients are hashed with a secret key already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only u64 keys are hashed, through write_u64")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Clients {
    pub(super) fn new(quotas: Quotas, max: usize) -> Self {
        let shards = (max / CLIENTS_PER_SHARD)
            .clamp(1, MAX_SHARDS)
            .next_power_of_two();
        let shard = || {
            Mutex::new(Shard {
                quotas,
                index: HashMap::default(),
                entries: Vec::new(),
                full_at: Vec::new(),
                hand: 0,
            })
        };
        Self {
            hasher: RandomState::new(),
            shards: (0..shards).map(|_| shard()).collect(),
            len: AtomicUsize::new(0),
            max: AtomicUsize::new(max),
            named: AtomicUsize::new(0),
        }
    }

    pub(super) fn set_max(&self, max: usize) {
        self.max.store(max, Relaxed);
    }

    /// Spends tokens of a client's buckets; `None` when it has none of its own and can get none.
    /// A refusal is counted only where it is enforced.
    pub(super) fn take(
        &self,
        client: &str,
        now: Nanos,
        cost: u32,
        is_enforced: bool,
    ) -> Option<Decision> {
        let hash = self.hasher.hash_one(client);
        let shard = &mut *self.shard(hash);
        let place = match shard.index.get(&hash) {
            Some(place) => *place as usize,
            None => self.admit(shard, hash, client, now)?,
        };
        let decision = shard.take(place, now, cost);
        if let Some(named) = &mut shard.entries[place].named {
            match decision.taken {
                Taken::Yes { .. } => named.allowed += 1,
                Taken::No { .. } => named.rejected += u64::from(is_enforced),
            }
        }
        Some(decision)
    }

    /// Makes room for a newcomer.
    #[cold]
    fn admit(&self, shard: &mut Shard, hash: u64, client: &str, now: Nanos) -> Option<usize> {
        let max = self.max.load(Relaxed);
        let has_room = |len: usize| (len < max).then_some(len + 1);
        let place = if self.len.fetch_update(Relaxed, Relaxed, has_room).is_ok() {
            shard.entries.push(Entry { hash, named: None });
            let buckets = shard.full_at.len() + shard.quotas.len();
            shard.full_at.resize(buckets, 0);
            shard.entries.len() - 1
        } else {
            let place = shard.find_full(now)?;
            let newcomer = Entry { hash, named: None };
            let old = std::mem::replace(&mut shard.entries[place], newcomer);
            shard.buckets(place).fill(0);
            shard.index.remove(&old.hash);
            if old.named.is_some() {
                self.named.fetch_sub(1, Relaxed);
            }
            place
        };
        let index = u32::try_from(place).expect("a shard holds at most max_clients entries");
        shard.index.insert(hash, index);
        shard.entries[place].named = self.name(client);
        Some(place)
    }

    /// A name for metrics, while there are few enough of them.
    fn name(&self, client: &str) -> Option<Box<Named>> {
        let has_room = |named: usize| (named < MAX_NAMED).then_some(named + 1);
        if client.len() > MAX_NAME || self.named.fetch_update(Relaxed, Relaxed, has_room).is_err() {
            return None;
        }
        Some(Box::new(Named {
            name: client.into(),
            allowed: 0,
            rejected: 0,
        }))
    }

    /// Follows a change of the quotas, a few hundred clients at a time; every client keeps its
    /// tokens, limit by limit, and a limit that is new begins with a full bucket. Callers must
    /// take turns.
    pub(super) fn replace(&self, quotas: &Quotas, now: Nanos) {
        for shard in &self.shards {
            lock(shard).convert(quotas, now);
        }
    }

    /// Gives back every token of every client.
    pub(super) fn fill(&self) {
        for shard in &self.shards {
            lock(shard).full_at.fill(0);
        }
    }

    /// Lets the counts of named clients begin from zero.
    pub(super) fn forget_counts(&self) {
        for shard in &self.shards {
            for named in lock(shard)
                .entries
                .iter_mut()
                .filter_map(|it| it.named.as_mut())
            {
                (named.allowed, named.rejected) = (0, 0);
            }
        }
    }

    /// How many clients have a bucket of their own.
    pub(super) fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// The clients whose names are kept, by name, and what the tightest of all buckets holds, if
    /// there is one.
    pub(super) fn survey(&self, now: Nanos) -> (Vec<ClientCount>, Option<Decision>) {
        let mut counts = Vec::new();
        let mut tightest: Option<Decision> = None;
        for shard in &self.shards {
            let shard = lock(shard);
            for buckets in shard.full_at.chunks_exact(shard.quotas.len()) {
                let this = shard.quotas.tightest(buckets, now);
                tightest = Some(tightest.map_or(this, |other| other.or(this)));
            }
            for named in shard.entries.iter().filter_map(|it| it.named.as_ref()) {
                counts.push(ClientCount {
                    name: named.name.to_string(),
                    allowed: named.allowed,
                    rejected: named.rejected,
                });
            }
        }
        counts.sort_by(|a, b| a.name.cmp(&b.name));
        (counts, tightest)
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The index uses the low bits and the highest seven; these are others.
        let high = usize::try_from(hash >> 40).unwrap_or_default();
        lock(&self.shards[high & (self.shards.len() - 1)])
    }
}

impl Shard {
    fn convert(&mut self, quotas: &Quotas, now: Nanos) {
        let old = self.quotas;
        if old.as_slice() == quotas.as_slice() {
            return;
        }
        let clients = self.full_at.chunks_exact(old.len());
        self.full_at = clients
            .flat_map(|buckets| {
                let news = quotas.as_slice().iter().enumerate();
                news.map(|(place, new)| match old.as_slice().get(place) {
                    Some(old) => old.convert(buckets[place], now, *new),
                    None => 0,
                })
            })
            .collect();
        self.quotas = *quotas;
    }

    /// Spends of all buckets of a client or of none.
    #[inline]
    fn take(&mut self, place: usize, now: Nanos, cost: u32) -> Decision {
        let limits = self.quotas.len();
        let full_at = &mut self.full_at[place * limits..][..limits];
        self.quotas.take(full_at, now, cost)
    }

    /// When the buckets of a client are full again.
    #[inline]
    fn buckets(&mut self, place: usize) -> &mut [Nanos] {
        let limits = self.quotas.len();
        &mut self.full_at[place * limits..][..limits]
    }

    /// The place of a client whose buckets are full, among the next few.
    fn find_full(&mut self, now: Nanos) -> Option<usize> {
        for _ in 0..LOOKED_AT.min(self.entries.len()) {
            let hand = (self.hand + 1) % self.entries.len();
            self.hand = hand;
            if self.buckets(hand).iter().all(|full_at| *full_at <= now) {
                return Some(hand);
            }
        }
        None
    }
}

/// A panic cannot happen while a shard is changed; were it to, its numbers are still numbers.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
