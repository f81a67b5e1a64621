//! What a plan says of itself. Its cells were read with all of this, so that nobody outside changes it.

use crate::scenario::schema::axis::Axis;
use crate::scenario::vary::design::{Design, Plan};
use crate::scenario::vary::template::Template;

impl Plan {
    /// The scenario that is varied.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// What is varied.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Which values go together.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What every cell meets.
    pub fn constraints(&self) -> &[String] {
        &self.constraints
    }
}
