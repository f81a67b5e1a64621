//! Every instant at which a clock occurred, so that it can be read from any origin. A time after an
//! origin is that of the first occurrence at or after it; earlier occurrences do not count.

use crate::kernel::time::{SimDuration, SimTime};

/// Instants at which something happened, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Instants(Vec<SimTime>);

impl Instants {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Records an occurrence.
    pub fn note(&mut self, now: SimTime) {
        self.0.push(now);
    }

    /// The number of occurrences.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The first occurrence; `NEVER` if there is none.
    pub fn first(&self) -> SimTime {
        self.0.first().copied().unwrap_or(SimTime::NEVER)
    }

    /// The last occurrence; `NEVER` if there is none.
    pub fn last(&self) -> SimTime {
        self.0.last().copied().unwrap_or(SimTime::NEVER)
    }

    /// The first occurrence at or after `origin`.
    pub fn first_since(&self, origin: SimTime) -> SimTime {
        let place = self.0.partition_point(|at| *at < origin);
        self.0.get(place).copied().unwrap_or(SimTime::NEVER)
    }

    /// The last occurrence, if it is at or after `origin`.
    pub fn last_since(&self, origin: SimTime) -> SimTime {
        let last = self.0.last().filter(|last| origin <= **last);
        last.copied().unwrap_or(SimTime::NEVER)
    }
}

/// Intervals in which a condition held, in order, each from its beginning until its end; the last
/// may be open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Spans(Vec<(SimTime, SimTime)>);

impl Spans {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The condition begins to hold.
    pub fn open(&mut self, now: SimTime) {
        if !self.is_open() {
            self.0.push((now, SimTime::NEVER));
        }
    }

    /// The condition ends.
    pub fn close(&mut self, now: SimTime) {
        if let Some((_, until)) = self.0.last_mut() {
            *until = (*until).min(now);
        }
    }

    /// Whether the condition holds now.
    pub fn is_open(&self) -> bool {
        self.0.last().is_some_and(|(_, until)| !until.is_finite())
    }

    /// When it first held; `NEVER` if it did not.
    pub fn first(&self) -> SimTime {
        self.0.first().map_or(SimTime::NEVER, |(from, _)| *from)
    }

    /// The intersection with the intervals of another condition.
    pub fn with<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (SimTime, SimTime)> + 'a {
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let next = move || {
            loop {
                let ((from, until), (starts, ends)) = (**one.peek()?, **two.peek()?);
                if until <= ends {
                    one.next();
                } else {
                    two.next();
                }
                let (first, last) = (from.max(starts), until.min(ends));
                // An interval of length 0 counts as well, if it lies within the other.
                if first < last || (from == until && starts <= from && from < ends) {
                    return Some((first, last));
                }
            }
        };
        std::iter::from_fn(next)
    }

    /// The first instant at or after `origin` at which it held.
    pub fn first_since(&self, origin: SimTime) -> SimTime {
        let over = |(from, until): &(SimTime, SimTime)| *from < origin && *until <= origin;
        let place = self.0.partition_point(over);
        let span = self.0.get(place);
        span.map_or(SimTime::NEVER, |(from, _)| (*from).max(origin))
    }

    /// When it first ended.
    pub fn first_end(&self) -> SimTime {
        self.0.first().map_or(SimTime::NEVER, |(_, until)| *until)
    }

    /// When it ended for the last time; `NEVER` if it still holds.
    pub fn last_end(&self) -> SimTime {
        self.0.last().map_or(SimTime::NEVER, |(_, until)| *until)
    }

    /// When it ended for the last time, if that was at or after `origin`.
    pub fn last_end_since(&self, origin: SimTime) -> SimTime {
        let end = Some(self.last_end()).filter(|end| origin <= *end);
        end.unwrap_or(SimTime::NEVER)
    }
}

/// The clocks of one pool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PoolClocks {
    /// Attempts that an outage made fail.
    pub failed_provisionings: Instants,
    /// No worker is ready.
    pub empty: Spans,
    /// Requests that found no ready worker.
    pub unserved_requests: Instants,
    /// Requests that were rejected or gave up.
    pub lease_failures: Instants,
    /// When it began to take requests of its primary.
    pub activations: Instants,
    /// It takes requests: always, unless it is a standby.
    pub serving: Spans,
}

impl PoolClocks {
    /// Clears it; keeps the memory.
    pub fn clear(&mut self) {
        self.failed_provisionings.clear();
        self.empty.clear();
        self.unserved_requests.clear();
        self.lease_failures.clear();
        self.activations.clear();
        self.serving.clear();
    }

    /// The first instant at or after `origin` at which it takes requests and no worker is ready. A
    /// standby without workers before its activation does not count.
    pub fn empty_since(&self, origin: SimTime) -> SimTime {
        let both = self.empty.with(&self.serving);
        let mut both = both.filter(|(from, until)| origin <= *from || origin < *until);
        both.next()
            .map_or(SimTime::NEVER, |(from, _)| from.max(origin))
    }

    /// How long it took requests while no worker was ready, until `horizon`; `None` if it never took
    /// any.
    pub fn empty_for(&self, horizon: SimTime) -> Option<SimDuration> {
        let until = |(from, until): (SimTime, SimTime)| (until.min(horizon) - from).micros();
        let both = self.empty.with(&self.serving);
        self.serving
            .first()
            .is_finite()
            .then(|| SimDuration::from_micros(both.map(until).sum()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> SimTime {
        SimTime::from_micros(minute * 60_000_000)
    }

    #[test]
    fn what_came_before_an_origin_is_not_counted_from_it() {
        let mut instants = Instants::default();
        [10, 20, 30]
            .into_iter()
            .for_each(|minute| instants.note(at(minute)));
        assert_eq!(instants.first(), at(10));
        assert_eq!(instants.first_since(at(20)), at(20));
        assert_eq!(instants.first_since(at(21)), at(30));
        assert_eq!(instants.first_since(at(31)), SimTime::NEVER);
        assert_eq!(instants.last_since(at(30)), at(30));
        assert_eq!(instants.last_since(at(31)), SimTime::NEVER);
    }

    #[test]
    fn what_is_so_at_an_origin_is_so_from_it_on() {
        let mut spans = Spans::default();
        spans.open(at(10));
        spans.close(at(20));
        spans.open(at(40));
        assert_eq!(spans.first(), at(10));
        assert_eq!(spans.first_since(at(15)), at(15));
        // Half-open: what happens at its end is outside.
        assert_eq!(spans.first_since(at(20)), at(40));
        assert_eq!(spans.first_since(at(50)), at(50));
        assert_eq!(spans.last_end(), SimTime::NEVER);
        spans.close(at(60));
        let mut others = Spans::default();
        others.open(at(15));
        others.close(at(50));
        let both: Vec<_> = spans.with(&others).collect();
        assert_eq!(both, [(at(15), at(20)), (at(40), at(50))]);
        assert_eq!(spans.last_end_since(at(60)), at(60));
        assert_eq!(spans.last_end_since(at(61)), SimTime::NEVER);
    }
}
