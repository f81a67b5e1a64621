pub(crate) mod kernel;
pub(crate) mod stats;
pub(crate) mod model;
pub(crate) mod scenario;
pub(crate) mod experiment;
pub use experiment::{run::*, ensemble::*, check::*, measure::*};
pub use scenario::*;
pub use kernel::random::Seed;
