//! What drawdown promises, a file for each kind of promise.

mod architecture;
mod cli;
mod determinism;
mod golden;
mod metamorphic;
mod scenario_errors;
mod schema;
mod theory;
mod worlds;
mod yaml;
