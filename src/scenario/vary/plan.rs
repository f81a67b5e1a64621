//! Accessors of a plan. Its cells were validated with these values, so they are read-only.

use crate::scenario::schema::axis::Axis;
use crate::scenario::vary::design::{Design, Plan};
use crate::scenario::vary::template::Template;

impl Plan {
    /// The scenario that is varied.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The axes.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How values are combined.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Constraints that every cell meets.
    pub fn constraints(&self) -> &[String] {
        &self.constraints
    }
}
