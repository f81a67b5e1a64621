//! Accessors of a plan, and what is varied of a buffer. The cells of a plan were validated with its values, so they
//! are read-only.

use crate::model::id::PoolId;
use crate::scenario::schema::axis::Axis;
use crate::scenario::vary::design::{Design, Plan, SweepSpec};
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

impl SweepSpec {
    /// Some levels of a buffer whose level stands at a path, in the syntax of [`Axis::parse`].
    pub fn of_levels(path: &str, levels: &str) -> Self {
        Self {
            axes: vec![format!("{path}={levels}")],
            design: Some(Design::Grid),
            ..Self::default()
        }
    }

    /// The levels that are tried of a buffer that serves a pool: from 0 to eight times the pool's target, or 40
    /// where that is more. A quota may admit no more than so many: then to the highest that the file allows.
    ///
    /// # Panics
    /// If there is no such pool.
    pub fn of_every_level(template: &Template, pool: impl Into<PoolId>, path: &str) -> Self {
        let target = template.base.pools[usize::from(pool.into())].target;
        let (mut low, mut high) = (target, (8 * target).max(40));
        let allows = |level: u32| {
            let one = Self::of_levels(path, &level.to_string());
            Plan::new(template.clone(), &one).is_ok()
        };
        if allows(high) {
            low = high;
        }
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match allows(middle) {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        Self::of_levels(path, &format!("0..{low}:1"))
    }
}
