//! What drawdown promises, a file for each kind of promise.

mod architecture;
mod cli;
mod conventions;
mod determinism;
mod fuzz;
mod gallery;
mod generate;
mod golden;
mod incidents;
mod mechanisms;
mod metamorphic;
mod people;
mod policies;
mod report;
mod scenario_errors;
mod schema;
mod shell;
mod statistics;
mod studies;
mod sweep;
mod theory;
mod theory_people;
mod theory_policies;
mod trace;
mod worlds;
mod yaml;
