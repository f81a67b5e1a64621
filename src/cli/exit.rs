//! Exit codes.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// 0: it has answered.
    Answered,
    /// 1: it has answered, and the answer is no.
    No,
    /// 2: it could not answer: flags, scenario, disk.
    CouldNotAnswer,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Answered => 0,
            Exit::No => 1,
            Exit::CouldNotAnswer => 2,
        })
    }
}
