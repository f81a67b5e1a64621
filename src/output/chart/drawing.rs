//! A drawing: marks in the order they are painted, which any backend can paint. Knows neither data
//! nor axes.

use serde::{Deserialize, Serialize};

use crate::output::chart::style::{self, AXIS, Colour, INK, MUTED, PAPER, SUBTITLE, Stroke, TITLE};
use crate::output::chart::text;

/// A place on a drawing (px), from the upper left.
pub(crate) type Point = (f64, f64);

/// Width of every drawing, and the height of most (px).
pub(crate) const WIDTH: f64 = 900.0;
pub(crate) const HEIGHT: f64 = 520.0;
/// Margin on the left and on the right of the title.
pub(crate) const MARGIN: f64 = 24.0;

/// Marks, and what a screen reader says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Drawing {
    pub height: f64,
    pub title: String,
    pub description: String,
    /// Values by place, for a page to show, as JSON.
    pub readout: Option<String>,
    pub marks: Vec<Mark>,
}

/// Something painted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) enum Mark {
    Line(Vec<Point>, Stroke),
    Area(Vec<Point>, Colour, f64),
    /// A rectangle with sharp edges, between two corners.
    Cell(Point, Point, Colour, f64),
    Disc(Point, f64, Colour),
    Text(Point, String, Letters),
}

/// How a text is set; its place is on the base line.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Letters {
    pub colour: Colour,
    pub size: f64,
    pub anchor: Anchor,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Letters {
    /// Letters that begin at their place.
    pub const fn new(colour: Colour, size: f64) -> Self {
        let anchor = Anchor::Start;
        Self {
            colour,
            size,
            anchor,
        }
    }

    /// The same letters, anchored elsewhere.
    pub const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

impl Drawing {
    /// An empty sheet with its title, over one or two lines, and a line below that says what it rests on.
    pub fn new(height: f64, title: &str, subtitle: &str) -> Self {
        let mut drawing = Self {
            height,
            title: title.to_owned(),
            description: subtitle.to_owned(),
            readout: None,
            marks: Vec::new(),
        };
        drawing.cell((0.0, 0.0), (WIDTH, height), PAPER, 1.0);
        let most = WIDTH - 2.0 * MARGIN;
        let mut below = 32.0;
        for line in text::wrapped(title, TITLE, most, 2) {
            drawing.text((MARGIN, below), &line, Letters::new(INK, TITLE));
            below += 23.0;
        }
        let subtitle = text::fitted(subtitle, SUBTITLE, most);
        drawing.text(
            (MARGIN, below - 2.0),
            &subtitle,
            Letters::new(MUTED, SUBTITLE),
        );
        drawing
    }

    /// Where the head of the drawing ends (px).
    pub fn head(title: &str) -> f64 {
        let lines = text::wrapped(title, TITLE, WIDTH - 2.0 * MARGIN, 2).len();
        38.0 + 23.0 * lines as f64
    }

    /// Adds to what a screen reader says.
    pub fn describe(&mut self, more: &str) {
        let apart = if self.description.is_empty() {
            ""
        } else {
            ". "
        };
        self.description += &format!("{apart}{more}");
    }

    pub fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        self.marks.push(Mark::Line(points, stroke));
    }

    pub fn area(&mut self, points: Vec<Point>, colour: Colour, opacity: f64) {
        self.marks.push(Mark::Area(points, colour, opacity));
    }

    pub fn cell(&mut self, from: Point, until: Point, colour: Colour, opacity: f64) {
        self.marks.push(Mark::Cell(from, until, colour, opacity));
    }

    /// A dot.
    pub fn dot(&mut self, at: Point, radius: f64, colour: Colour) {
        self.marks.push(Mark::Disc(at, radius, colour));
    }

    /// A dot that is empty inside.
    pub fn ring(&mut self, at: Point, radius: f64, colour: Colour) {
        self.dot(at, radius, colour);
        self.dot(at, radius - 1.75, PAPER);
    }

    pub fn text(&mut self, at: Point, text: &str, letters: Letters) {
        if !text.is_empty() {
            self.marks.push(Mark::Text(at, text.to_owned(), letters));
        }
    }

    /// A text on a piece of paper, which hides the lines below it.
    pub fn label(&mut self, at: Point, text: &str, letters: Letters) {
        let width = text::width(text, letters.size);
        let left = match letters.anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - width / 2.0,
            Anchor::End => at.0 - width,
        };
        let (above, below) = (at.1 - 0.86 * letters.size, at.1 + 0.3 * letters.size);
        self.cell(
            (left - 2.0, above),
            (left + width + 2.0, below),
            PAPER,
            0.85,
        );
        self.text(at, text, letters);
    }

    /// A piece of a line with its name beside it, which begins at `at`.
    pub fn key(&mut self, at: Point, name: &str, stroke: Stroke) {
        let middle = at.1 - 4.0;
        self.line(vec![(at.0, middle), (at.0 + 20.0, middle)], stroke);
        self.text((at.0 + 26.0, at.1), name, Letters::new(INK, style::LABEL));
    }

    /// A line with a cap at each end that is known, and an arrowhead at one that is not: from left
    /// to right or from the top down.
    pub fn whisker(&mut self, ends: [(Point, End); 2], colour: Colour) {
        let stroke = Stroke::new(colour, 1.5);
        let [(first, _), (last, _)] = ends;
        self.line(vec![first, last], stroke);
        let level = (first.1 - last.1).abs() < 1e-9;
        for ((at, end), inward) in ends.into_iter().zip([1.0, -1.0]) {
            let turned = |along: f64, across: f64| match level {
                true => (at.0 + along * inward, at.1 + across),
                false => (at.0 + across, at.1 + along * inward),
            };
            let points = match end {
                End::Known => vec![turned(0.0, -4.0), turned(0.0, 4.0)],
                End::Open => vec![turned(6.0, -4.0), turned(0.0, 0.0), turned(6.0, 4.0)],
            };
            self.line(points, stroke);
        }
    }

    /// A line that says where something is, with nothing to it.
    pub fn rule(&mut self, from: Point, until: Point) {
        self.line(vec![from, until], AXIS);
    }
}

/// Whether an interval ends there, or goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Known,
    Open,
}
