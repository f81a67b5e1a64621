//! The model: state, events and their handlers. Knows only the kernel: no files, no time
//! zones, no statistics. Its vocabulary:
//!
//! * A **pool** keeps **workers** of one image ready in one **region**, up to its **target**.
//! * A **tenant** runs **jobs**; a **demand class** sends **requests** to a pool, for tenants or not.
//! * A **lease** is the exclusive hold of a worker; a request that finds no worker **waits**, or fails.
//! * An **order** is a request for a worker to the provider; it makes **attempts** until one succeeds.
//! * An **outage** makes operations fail in its **windows**; a **dependency** is a service that attempts call.
//! * An **alert** pages people, who take the steps of a **playbook**; a **standby** pool takes over requests of another.
//! * The **ledger** keeps the levels, the counts and the three clocks of every pool.
//!
//! The states of a worker: ordered → attempted (→ backing off → attempted …) → ready → leased → deleting → deleted;
//! or, from leased, back to ready, at once or reimaged.
//!
//! Each folder names only those before it, which a test enforces.

/// Typed indices.
pub(crate) mod id;

/// The source of chance: random numbers, or the mean of everything.
pub(crate) mod chance;

/// The signals of alerts.
pub(crate) mod signal;

/// Expected requests of tenants.
pub(crate) mod tenancy;

/// What a world starts from; validated, immutable.
pub(crate) mod setup;

/// What happened: levels over time, counts, clocks and events.
pub(crate) mod record;

/// The state of the world, and one arm per event.
pub(crate) mod world;

/// Observers, called after each event.
pub(crate) mod observe;
