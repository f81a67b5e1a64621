//! A discrete-event kernel: time, order and random numbers, for models of your own. It promises four things:
//! time is whole microseconds and never runs backwards; events of one instant run by rank, then in
//! the order of scheduling; every draw is a pure function of its stream and position; nothing allocates once warm.
//! It knows nothing of pools, files, threads or the wall clock.
//!
//! A [`Model`] owns an [`EventQueue`]; [`advance`] takes events from it in order and calls
//! [`Model::handle`], which changes the state and schedules what follows. Events are never cancelled: an
//! event that is stale when it occurs does nothing. Random numbers come from named streams ([`Key::stream`])
//! and become durations by inversion ([`Distribution`]), so that two models that name their streams alike
//! have common random numbers.
//!
//! # Examples
//! A clock that ticks each second; `examples/mm1.rs` is a queue with random arrivals:
//! ```
//! use drawdown::kernel::{Ended, EventQueue, Model, Ranked, SimDuration, SimTime, advance};
//!
//! #[derive(Clone, Copy)]
//! struct Tick;
//!
//! impl Ranked for Tick {}
//!
//! #[derive(Default)]
//! struct Clock {
//!     events: EventQueue<Tick>,
//!     ticks: u32,
//! }
//!
//! impl Model for Clock {
//!     type Event = Tick;
//!
//!     fn queue(&mut self) -> &mut EventQueue<Tick> {
//!         &mut self.events
//!     }
//!
//!     fn handle(&mut self, tick: Tick, now: SimTime) {
//!         self.ticks += 1;
//!         self.events.schedule(now + SimDuration::from_seconds(1), tick);
//!     }
//! }
//!
//! let mut clock = Clock::default();
//! clock.events.schedule(SimTime::ZERO, Tick);
//! let minute = SimTime::ZERO + SimDuration::from_seconds(60);
//! assert_eq!(advance(&mut clock, minute, u64::MAX, &mut ()), Ended::Horizon);
//! assert_eq!(clock.ticks, 60);
//! ```

/// Whole-microsecond instants and durations.
pub(crate) mod time;

/// The event loop, and the model that it drives.
pub(crate) mod event_loop;

/// The future event list.
pub(crate) mod queue;

/// Named, counter-based streams of random numbers.
pub(crate) mod random;

/// Poisson counts.
pub(crate) mod poisson;

/// Distributions of durations, drawn by inversion.
pub(crate) mod distribution;

/// The normal distribution.
pub(crate) mod normal;

/// The gamma distribution, for which no closed inverse exists.
pub(crate) mod gamma;

/// Quantile functions tabulated once, so that a draw costs a few nanoseconds whatever the distribution.
pub(crate) mod inverse;

/// Time-varying rates, inverted exactly.
pub(crate) mod intensity;

pub use crate::kernel::distribution::{Distribution, Gamma, LogNormal, Weibull};
pub use crate::kernel::event_loop::{Ended, Model, Observer, advance};
pub use crate::kernel::intensity::{Intensity, Walk};
pub use crate::kernel::queue::{EventQueue, Ranked};
pub use crate::kernel::random::{Draws, Kept, Key, Seed, Stream, stream_key};
pub use crate::kernel::time::{SimDuration, SimTime};
