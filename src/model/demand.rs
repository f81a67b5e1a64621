//! Requests as they arise. Each class draws its arrivals, its tenants and its holds from streams
//! of their own, whether or not anything comes of a request, so that nothing that happens to a
//! pool can shift the demand on it.

use crate::kernel::distribution::{Distribution, unit_exponential};
use crate::kernel::intensity::Walk;
use crate::kernel::queue::EventQueue;
use crate::kernel::random::{Draws, Key, Purpose, Stream};
use crate::kernel::time::{SimDuration, SimTime};
use crate::model::event::Event;
use crate::model::setup::{ClassId, ClassSetup, Source};
use crate::model::waiting::Request;
use crate::model::worker::WorkerId;
use crate::model::world::World;

/// A demand class as it stands.
pub(crate) struct Class {
    arrivals: Draws<f64>,
    picks: Draws<f64>,
    holds: Draws<SimDuration>,
    patience: Stream,
    /// Whether each request can connect, and the summed probability that it cannot, where chance acts
    /// evenly.
    pub connects: Stream,
    pub even_connects: f64,
    walk: Walk,
    /// Requests made since the world began.
    made: u64,
    pub shed: bool,
    pub tenants: Vec<Tenant>,
}

/// A tenant as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tenant {
    /// The worker it holds, where tenants keep their leases between jobs.
    pub lease: Option<WorkerId>,
    /// Its requests that wait.
    pub waiting: u32,
    /// Whether it has found the pool empty, and whether a lease of its has failed, since measuring
    /// began.
    pub unserved: bool,
    pub impacted: bool,
}

impl Default for Class {
    fn default() -> Self {
        let stream = Key {
            seed: 0,
            replication: 0,
        }
        .stream(Purpose::Arrival, 0, 0);
        Self {
            arrivals: stream.draws(),
            picks: stream.draws(),
            holds: stream.draws(),
            patience: stream,
            connects: stream,
            even_connects: 0.0,
            walk: Walk::default(),
            made: 0,
            shed: false,
            tenants: Vec::new(),
        }
    }
}

impl Class {
    /// Begins anew; keeps the memory.
    pub fn begin(&mut self, setup: &ClassSetup, key: Key) {
        let stream = |purpose| key.stream(purpose, setup.entity, 0);
        self.arrivals = stream(Purpose::Arrival).draws();
        self.picks = stream(Purpose::Tenant).draws();
        self.holds = stream(Purpose::Hold).draws();
        self.patience = stream(Purpose::Patience);
        self.connects = stream(Purpose::FateOnConnect);
        self.even_connects = 0.0;
        self.walk = Walk::default();
        self.made = 0;
        self.shed = false;
        self.tenants.clear();
        self.tenants
            .resize(setup.source.tenants() as usize, Tenant::default());
    }
}

impl World<'_> {
    /// Schedules the next request of a class.
    #[inline]
    pub(crate) fn schedule_arrival(&mut self, id: ClassId, queue: &mut EventQueue<Event>) {
        let class = &mut self.classes[id.0 as usize];
        let (intensity, more) = match &self.setup.classes[id.0 as usize].source {
            Source::Tenants { jobs: rate, .. } | Source::Requests { rate, .. } => {
                (rate, class.arrivals.next(unit_exponential))
            }
            Source::Even { rate, .. } => (rate, if class.made == 0 { 0.5 } else { 1.0 }),
        };
        queue.schedule(class.walk.advance(intensity, more), Event::Arrives(id));
    }

    /// A class makes its next request, unless it is shed.
    #[inline]
    pub(crate) fn arrive(&mut self, id: ClassId, now: SimTime, queue: &mut EventQueue<Event>) {
        let class = &mut self.classes[id.0 as usize];
        let ordinal = class.made;
        class.made += 1;
        let request = match &self.setup.classes[id.0 as usize].source {
            Source::Tenants {
                count, duration, ..
            } => {
                let tenant = (class.picks.next(|unit| unit) * f64::from(*count)) as u32;
                #[cfg(test)]
                let tenant = (tenant + self.relabelled) % count;
                let hold = duration.draw(&mut class.holds);
                Request {
                    class: id,
                    tenant: Some(tenant),
                    hold,
                    ordinal,
                }
            }
            Source::Requests { hold, .. } => Request {
                class: id,
                tenant: None,
                hold: hold.draw(&mut class.holds),
                ordinal,
            },
            Source::Even { hold, tenants, .. } => {
                let tenant = (0 < *tenants).then(|| (ordinal % u64::from(*tenants)) as u32);
                Request {
                    class: id,
                    tenant,
                    hold: hold.draw(&mut class.holds),
                    ordinal,
                }
            }
        };
        let shed = class.shed;
        self.schedule_arrival(id, queue);
        if shed {
            self.ledger.classes[id.0 as usize].shed += 1;
            return;
        }
        self.ledger.classes[id.0 as usize].arrivals += 1;
        self.request(request, now, queue);
    }

    /// How long a request is prepared to wait.
    pub(crate) fn patience(&self, request: &Request, law: &Distribution) -> SimDuration {
        law.draw_at(
            &self.classes[request.class.0 as usize].patience,
            request.ordinal,
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::random::Key;
    use crate::model::world::World;
    use crate::scenario::Scenario;

    #[test]
    fn permuting_equal_tenants_changes_no_aggregate() {
        let scenario = Scenario::load("scenarios/rnq2-nc8.yaml").expect("a valid scenario");
        let key = Key {
            seed: 5,
            replication: 0,
        };
        let mut plain = World::new(&scenario.setup);
        plain.live(key, &mut ());
        let mut other = World::new(&scenario.setup);
        other.relabelled = 17;
        other.live(key, &mut ());
        assert_eq!(plain.ledger.pools, other.ledger.pools);
        assert_eq!(plain.ledger.classes, other.ledger.classes);
        assert_ne!(plain.ledger.unserved, other.ledger.unserved);
    }
}
