pub(crate) mod kernel;
pub(crate) mod model;
pub(crate) mod scenario;
