//! How far long work is, for whoever wants to know, and whether they want it to go on. Who shows it to
//! whom is not our business.

/// Hears how work proceeds. Called from any thread.
pub(crate) trait Progress: Sync {
    /// So many more replications have been lived.
    fn lived(&self, replications: u64);

    /// Whether the work is to end with what is done.
    fn stopped(&self) -> bool;
}

/// Nobody listens, and nobody interrupts.
impl Progress for () {
    fn lived(&self, _: u64) {}

    fn stopped(&self) -> bool {
        false
    }
}
