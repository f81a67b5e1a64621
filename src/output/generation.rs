//! The last complete generation of a calibration, from which it can go on.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::experiment::abc::State;
use crate::output::claim::GENERATION;
use crate::output::folder::{OutputError, Pending};
use crate::output::json::{ENGINE, digest};

/// What a calibration is of: nothing else can go on from its generations.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    engine: String,
    /// Digest of the scenario.
    scenario: String,
    seed: u64,
    particles: usize,
    paths: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    identity: Identity,
    state: State,
}

impl Identity {
    /// Of a scenario by its digest, its unknown values, seed and size of the sample.
    pub fn new(scenario: u64, (seed, particles): (u64, usize), paths: Vec<String>) -> Self {
        Self {
            engine: ENGINE.to_owned(),
            scenario: digest(scenario),
            seed,
            particles,
            paths,
        }
    }

    /// Writes a state to a folder, in place of an earlier one.
    ///
    /// # Errors
    /// If the disk does not take it; the earlier one is then still there.
    pub fn keep(&self, folder: &Path, state: &State) -> Result<(), OutputError> {
        let kept = Kept {
            identity: self.clone(),
            state: state.clone(),
        };
        let text = serde_json::to_vec(&kept).expect("a record of plain values");
        Pending::open(&folder.join(GENERATION))?.write(&text)
    }

    /// The state that a folder holds.
    ///
    /// # Errors
    /// Why there is none to go on from, in words.
    pub fn resume(&self, folder: &Path) -> Result<State, String> {
        let path = folder.join(GENERATION);
        let name = path.display();
        let text = std::fs::read(&path).map_err(|error| {
            format!("{name} cannot be read: {error}\n  help: leave out `--resume` to begin")
        })?;
        let kept: Kept = serde_json::from_slice(&text).map_err(|error| {
            format!(
                "{name} is no generation of a calibration: {error}\n  help: choose another folder"
            )
        })?;
        match kept.identity == *self {
            true => Ok(kept.state),
            false => Err(format!(
                "{name} is of another calibration: scenario, seed, particles or version differ\n  \
                 help: leave out `--resume`, or choose another folder"
            )),
        }
    }
}
