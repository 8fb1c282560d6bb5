//! A bucket for each client, in bounded memory.
//!
//! Keys come from outside, and whoever sends them may invent as many as he likes. So a client is
//! remembered by a keyed hash of its name, in an index together with its bucket, and by a place in a
//! list: 48 bytes, and 8 more for each further limit. There are at most `max_clients` of them. When
//! all places are taken, a newcomer gets that of a client whose bucket is full: to forget it loses
//! nothing, as it would come back to a full bucket. Nobody who has spent anything is forgotten, or
//! spending would be a matter of waiting to be pushed out. If there is no such place among a few that
//! are looked at, the newcomer shares one bucket with all others who found none. No call ever looks
//! through all clients.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bucket::{Quota, Taken};
use super::several::{Decision, MAX_LIMITS, Quotas};
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
    index: HashMap<u64, Client, BuildHasherDefault<AsItIs>>,
    entries: Vec<Entry>,
    /// When all buckets of each entry but the first are full again, one after the other.
    further: Vec<Nanos>,
    /// The place that the next newcomer looks at first.
    hand: usize,
}

/// All that a call of a client looks at, where there is one limit: a line of memory that is not at
/// hand costs more than everything else.
#[derive(Clone, Copy, Debug)]
struct Client {
    /// When its first bucket is full again.
    full_at: Nanos,
    place: u32,
    is_named: bool,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    /// A moment before which its buckets are not all full: those who look for a place need not look
    /// it up in the index until then.
    busy_until: Nanos,
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
                further: Vec::new(),
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

    /// Spends tokens of a client that has one bucket, and enough of them in it; gives the quota and
    /// when the bucket is full again. `None`, with nothing spent: this is a case for
    /// [`take`](Self::take).
    // No answer in full: making one and moving it to where it is wanted takes longer than the rest.
    #[inline]
    pub(super) fn spend(&self, client: &str, now: Nanos, cost: u32) -> Option<(Quota, Nanos)> {
        let hash = self.hash(client);
        let shard = &mut *self.shard(hash);
        let quota = shard.quotas.only()?;
        let client = shard.index.get_mut(&hash)?;
        client.full_at = quota.spend(client.full_at, now, cost)?;
        if client.is_named {
            let place = client.place as usize;
            if let Some(named) = &mut shard.entries[place].named {
                named.allowed += 1;
            }
        }
        Some((quota, client.full_at))
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
        let hash = self.hash(client);
        let shard = &mut *self.shard(hash);
        if !shard.index.contains_key(&hash) {
            self.admit(shard, hash, client, now)?;
        }
        let (place, decision) = shard.take(hash, now, cost)?;
        if let Some(named) = &mut shard.entries[place].named {
            match decision.taken {
                Taken::Yes { .. } => named.allowed += 1,
                Taken::No { .. } => named.rejected += u64::from(is_enforced),
            }
        }
        Some(decision)
    }

    /// Makes room for a newcomer; `None` when there is none.
    #[cold]
    fn admit(&self, shard: &mut Shard, hash: u64, client: &str, now: Nanos) -> Option<()> {
        let max = self.max.load(Relaxed);
        let has_room = |len: usize| (len < max).then_some(len + 1);
        let place = if self.len.fetch_update(Relaxed, Relaxed, has_room).is_ok() {
            shard.entries.push(Entry::new(hash));
            let further = shard.further.len() + shard.quotas.len() - 1;
            shard.further.resize(further, 0);
            shard.entries.len() - 1
        } else {
            let place = shard.find_full(now)?;
            let old = std::mem::replace(&mut shard.entries[place], Entry::new(hash));
            shard.further(place).fill(0);
            shard.index.remove(&old.hash);
            if old.named.is_some() {
                self.named.fetch_sub(1, Relaxed);
            }
            place
        };
        let named = self.name(client);
        let client = Client {
            full_at: 0,
            place: u32::try_from(place).expect("a shard holds at most max_clients entries"),
            is_named: named.is_some(),
        };
        shard.index.insert(hash, client);
        shard.entries[place].named = named;
        Some(())
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
            let shard = &mut *lock(shard);
            shard.further.fill(0);
            for client in shard.index.values_mut() {
                client.full_at = 0;
            }
            for entry in &mut shard.entries {
                entry.busy_until = 0;
            }
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
            for client in shard.index.values() {
                let this = shard.quotas.tightest(&shard.full_at(client), now);
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

    /// Without what tells a text from the beginning of another: nothing comes after it.
    #[inline]
    fn hash(&self, client: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(client.as_bytes());
        hasher.finish()
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The index uses the low bits and the highest seven; these are others.
        let high = usize::try_from(hash >> 40).unwrap_or_default();
        lock(&self.shards[high & (self.shards.len() - 1)])
    }
}

impl Entry {
    fn new(hash: u64) -> Self {
        Self {
            hash,
            busy_until: 0,
            named: None,
        }
    }
}

impl Shard {
    fn convert(&mut self, quotas: &Quotas, now: Nanos) {
        let old = self.quotas;
        if old.as_slice() == quotas.as_slice() {
            return;
        }
        let mut further = Vec::with_capacity(self.entries.len() * (quotas.len() - 1));
        for place in 0..self.entries.len() {
            let entry = &mut self.entries[place];
            entry.busy_until = 0;
            let hash = entry.hash;
            let mut moments = [0; MAX_LIMITS];
            if let Some(mut client) = self.index.get(&hash).copied() {
                let full_at = self.full_at(&client);
                let both = old.as_slice().iter().zip(quotas.as_slice()).enumerate();
                for (limit, (old, new)) in both {
                    moments[limit] = old.convert(full_at[limit], now, *new);
                }
                client.full_at = moments[0];
                self.index.insert(hash, client);
            }
            further.extend_from_slice(&moments[1..quotas.len()]);
        }
        self.further = further;
        self.quotas = *quotas;
    }

    /// Spends of all buckets of a client or of none; gives its place as well.
    #[inline]
    fn take(&mut self, hash: u64, now: Nanos, cost: u32) -> Option<(usize, Decision)> {
        let mut client = *self.index.get(&hash)?;
        let mut full_at = self.full_at(&client);
        let full_at = &mut full_at[..self.quotas.len()];
        let decision = self.quotas.take(full_at, now, cost);
        let (first, further) = full_at.split_first_mut()?;
        client.full_at = *first;
        self.index.insert(hash, client);
        let place = client.place as usize;
        self.further(place).copy_from_slice(further);
        Some((place, decision))
    }

    /// When the buckets of a client are full again: as many as there are limits, and zeros.
    fn full_at(&self, client: &Client) -> [Nanos; MAX_LIMITS] {
        let mut full_at = [client.full_at; MAX_LIMITS];
        let limits = self.quotas.len();
        let further = &self.further[client.place as usize * (limits - 1)..][..limits - 1];
        full_at[1..limits].copy_from_slice(further);
        full_at[limits..].fill(0);
        full_at
    }

    /// When all buckets of a client but the first are full again.
    fn further(&mut self, place: usize) -> &mut [Nanos] {
        let further = self.quotas.len() - 1;
        &mut self.further[place * further..][..further]
    }

    /// The place of a client whose buckets are full, among the next few.
    fn find_full(&mut self, now: Nanos) -> Option<usize> {
        for _ in 0..LOOKED_AT.min(self.entries.len()) {
            let hand = (self.hand + 1) % self.entries.len();
            self.hand = hand;
            if self.entries[hand].busy_until > now {
                continue;
            }
            let client = self.index.get(&self.entries[hand].hash)?;
            let busy_until = self.full_at(client).into_iter().fold(0, Nanos::max);
            if busy_until <= now {
                return Some(hand);
            }
            self.entries[hand].busy_until = busy_until;
        }
        None
    }
}

/// A panic cannot happen while a shard is changed; were it to, its numbers are still numbers.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
