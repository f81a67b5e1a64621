//! The one visual language of all charts: colours that survive colour blindness, weights and dashes
//! that survive print, sizes of letters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A colour, by the part it plays. A page recolours a chart by setting `--chart-NAME`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Colour {
    /// The part it plays; empty where its value is the meaning, as in a heat map.
    pub name: &'static str,
    pub rgb: (u8, u8, u8),
}

impl Colour {
    const fn new(name: &'static str, rgb: u32) -> Self {
        Self {
            name,
            rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        }
    }

    /// As SVG and CSS write it.
    pub fn hex(self) -> String {
        let (red, green, blue) = self.rgb;
        format!("#{red:02X}{green:02X}{blue:02X}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rgb.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Colour {
    /// A colour of the palette is known by its value.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rgb = Deserialize::deserialize(deserializer)?;
        let known = PALETTE.into_iter().find(|colour| colour.rgb == rgb);
        Ok(known.unwrap_or(Self { name: "", rgb }))
    }
}

/// What is drawn on, written with, written with quietly, and ruled with.
pub(crate) const PAPER: Colour = Colour::new("paper", 0xFFFFFF);
pub(crate) const INK: Colour = Colour::new("ink", 0x1F2328);
pub(crate) const MUTED: Colour = Colour::new("muted", 0x59636E);
pub(crate) const GRID: Colour = Colour::new("grid", 0xDFE3E8);

/// Five of the colours of Okabe and Ito (2008), which no common colour blindness confuses.
pub(crate) const BLUE: Colour = Colour::new("blue", 0x0072B2);
pub(crate) const SKY: Colour = Colour::new("sky", 0x56B4E9);
pub(crate) const VERMILLION: Colour = Colour::new("vermillion", 0xD55E00);
pub(crate) const GREEN: Colour = Colour::new("green", 0x009E73);
pub(crate) const PURPLE: Colour = Colour::new("purple", 0xCC79A7);

/// Letters on a colour whose value is the meaning keep theirs.
pub(crate) const BLACK: Colour = Colour::new("", 0x000000);
pub(crate) const WHITE: Colour = Colour::new("", 0xFEFEFE);

/// The colours that a page may replace.
pub(crate) const PALETTE: [Colour; 9] = [
    PAPER, INK, MUTED, GRID, BLUE, SKY, VERMILLION, GREEN, PURPLE,
];

/// A line: colour, width and dash, so that two lines differ also where colours do not.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Stroke {
    pub colour: Colour,
    pub opacity: f64,
    pub width: f64,
    pub dash: Dash,
}

impl Stroke {
    /// A solid line.
    pub const fn new(colour: Colour, width: f64) -> Self {
        Self {
            colour,
            opacity: 1.0,
            width,
            dash: Dash::Solid,
        }
    }

    /// The same line, dashed.
    pub const fn dashed(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }
}

/// Dashes, from long to short.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Dash {
    Solid,
    Long,
    Short,
    Dots,
}

impl Dash {
    /// Lengths of dashes and gaps in turn (px); none for a solid line.
    pub fn lengths(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Long => &[9.0, 4.0],
            Self::Short => &[4.0, 3.0],
            Self::Dots => &[2.0, 3.0],
        }
    }
}

/// Lines of the curves that share a chart, text apart by dash as well as by colour.
pub(crate) const CURVES: [Stroke; 4] = [
    Stroke::new(BLUE, 2.25),
    Stroke::new(VERMILLION, 2.25).dashed(Dash::Long),
    Stroke::new(GREEN, 2.25).dashed(Dash::Short),
    Stroke::new(PURPLE, 2.25).dashed(Dash::Dots),
];

/// What is aimed at, what was published, and a line that rules.
pub(crate) const TARGET: Stroke = Stroke::new(GREEN, 1.5).dashed(Dash::Long);
pub(crate) const PUBLISHED: Stroke = Stroke::new(INK, 1.25).dashed(Dash::Short);
pub(crate) const RULE: Stroke = Stroke::new(GRID, 1.0);
pub(crate) const AXIS: Stroke = Stroke::new(MUTED, 1.0);

/// How strongly an outage, a band, and the band within it are tinted.
pub(crate) const OUTAGE: f64 = 0.12;
pub(crate) const BAND: f64 = 0.18;
pub(crate) const INNER_BAND: f64 = 0.34;

/// Sizes of letters (px).
pub(crate) const TITLE: f64 = 19.0;
pub(crate) const SUBTITLE: f64 = 13.0;
pub(crate) const LABEL: f64 = 12.0;
pub(crate) const TICK: f64 = 11.5;

/// Viridis at nine points: even to the eye and to the colour blind, and dark to light in grey.
const VIRIDIS: [u32; 9] = [
    0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725,
];

/// The colour of a share between 0 and 1.
pub(crate) fn viridis(share: f64) -> Colour {
    let place = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let below = (place as usize).min(VIRIDIS.len() - 2);
    let within = place - below as f64;
    let part = |shift: u32| {
        let of = |rgb: u32| f64::from(rgb >> shift & 0xFF);
        let (low, high) = (of(VIRIDIS[below]), of(VIRIDIS[below + 1]));
        (low + (high - low) * within).round() as u8
    };
    Colour {
        name: "",
        rgb: (part(16), part(8), part(0)),
    }
}

/// Black or white letters, whichever can be read on a colour (relative luminance, after ITU-R BT.709).
pub(crate) fn legible_on(colour: Colour) -> Colour {
    let (red, green, blue) = colour.rgb;
    let light = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
    if light < 115.0 { WHITE } else { BLACK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viridis_grows_lighter_all_the_way() {
        let light = |share: f64| {
            let (red, green, blue) = viridis(share).rgb;
            0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
        };
        let steps: Vec<f64> = (0..=40).map(|step| light(f64::from(step) / 40.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
    }

    #[test]
    fn the_palette_has_no_colour_twice() {
        for (place, colour) in PALETTE.iter().enumerate() {
            let others = &PALETTE[place + 1..];
            assert!(others.iter().all(|other| other.hex() != colour.hex()));
        }
    }
}
