//! What drawdown promises, a file for each kind of promise.

mod architecture;
mod cli;
mod determinism;
mod golden;
mod metamorphic;
mod people;
mod scenario_errors;
mod theory;
mod theory_people;
mod worlds;
mod yaml;
