//! The world: what there is, and what can happen to it. Knows only the kernel: no files, no time
//! zones, no statistics. Everything below speaks this vocabulary:
//!
//! * A **pool** keeps **workers** of one image ready in one **region**, up to its **target**.
//! * A **tenant** runs **jobs**; a **demand class** sends **requests** to a pool, for tenants or not.
//! * A **lease** is the exclusive hold of a worker; a request that finds no worker **waits**, or fails.
//! * An **order** is a place that replenishment fills; it makes **attempts** until one succeeds.
//! * An **outage** makes operations fail in its **windows**; a **dependency** is a service that attempts call.
//! * An **alert** pages people, who take the steps of a **playbook**; a **standby** pool stands in for another.
//! * The **ledger** keeps the levels, the counts and the three clocks of every pool.
//!
//! A worker's life: ordered → attempted (→ backing off → attempted …) → ready → leased → deleting → gone;
//! or, from leased, back to ready, at once or reimaged.

/// Typed indices.
pub(crate) mod id;

/// What a world starts from; validated, immutable.
pub(crate) mod setup;

/// What the engine need not look at.
pub(crate) mod shortcuts;

/// Policies of target.
pub(crate) mod target;

/// Outages, and what an operation meets in them.
pub(crate) mod outage;

/// Everything that can happen, ranked.
pub(crate) mod event;

/// Workers, by slot.
pub(crate) mod worker;

/// Requests that wait for a worker.
pub(crate) mod waiting;

/// The state of the world, and one arm per event.
pub(crate) mod world;

/// Outages as they strike a world.
pub(crate) mod strike;

/// How many workers a pool orders, and how many it has too many.
pub(crate) mod replenish;

/// Orders and attempts: how a pool is refilled.
pub(crate) mod provision;

/// What holds attempts back.
pub(crate) mod gate;

/// Requests and leases: how a pool is used.
pub(crate) mod lease;

/// What becomes of workers whose lease has ended.
pub(crate) mod release;

/// Where requests come from, and how unevenly.
pub(crate) mod source;

/// Requests as they arise.
pub(crate) mod demand;

/// Standby pools, and which pool a request goes to.
pub(crate) mod standby;

/// Alerts, and how they come to page somebody.
pub(crate) mod alert;

/// People and what they do.
pub(crate) mod playbook;

/// Services that provisioning goes through.
pub(crate) mod dependency;

/// Calls as they go through a dependency.
pub(crate) mod calls;

/// What happened, as levels over time, counts and clocks.
pub(crate) mod ledger;

/// Every instant at which a clock occurred.
pub(crate) mod clocks;

/// A number over time, and its integral.
pub(crate) mod level;

/// The ready level of a pool before its first outage.
pub(crate) mod ordinary;

/// Random numbers, or the mean of everything.
pub(crate) mod chance;

/// Requests that are to be expected of tenants.
pub(crate) mod tenancy;

/// What happens to workers and requests, for those who follow a replication.
pub(crate) mod journal;

/// The levels of every pool over time, for those who want to draw them.
pub(crate) mod levels;

/// Invariants that hold after every event.
pub(crate) mod audit;
