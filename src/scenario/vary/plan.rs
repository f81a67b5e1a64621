//! Accessors of a plan. Its cells were validated with these values, so they are read-only.

use crate::scenario::schema::axis::Axis;
use crate::scenario::vary::design::{Design, Plan};
use crate::scenario::vary::parameters::node;
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

    /// The template of a cell: its values are set.
    ///
    /// # Panics
    /// If there is no such cell.
    pub(crate) fn template_of(&self, cell: usize) -> Template {
        let paths = self.axes.iter().map(|axis| axis.path.as_str());
        let values = self.values(cell).into_iter().map(|text| node(&text));
        let values: Vec<_> = paths.zip(values).collect();
        let changed = self.template.changed(&values);
        changed.unwrap_or_else(|| panic!("cell {cell} was valid"))
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
