//! The manual, a page for each topic, as `drawdown help TOPIC` prints it. Tables of keys and measures are
//! generated; a test keeps the pages up to date.

/// A page of the manual.
pub(crate) struct Page {
    /// What `drawdown help` calls it.
    pub topic: &'static str,
    /// The page in Markdown.
    pub text: &'static str,
}

/// Declares a documented module for each page, and the list of all.
macro_rules! pages {
    ($($module:ident: $topic:literal,)*) => {
        /// Every page, in reading order.
        pub(crate) const PAGES: &[Page] = &[
            $(Page { topic: $topic, text: include_str!(concat!($topic, ".md")) },)*
        ];
        $(
            #[doc = include_str!(concat!($topic, ".md"))]
            pub mod $module {}
        )*
    };
}

pages! {
    first_hour: "first-hour",
    incidents: "incidents",
    scenario: "scenario",
    semantics: "semantics",
    outputs: "outputs",
    statistics: "statistics",
    cluster: "cluster",
    calibration: "calibration",
    policies: "policies",
    limits: "limits",
    contributing: "contributing",
}
