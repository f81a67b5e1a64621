//! Where labels go so that they neither overlap nor are crossed by lines.

use crate::output::chart::text;

/// Moves wanted places apart until neighbours are `gap` apart, within bounds, in the same order.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]));
    let mut places: Vec<f64> = order
        .iter()
        .map(|place| wanted[*place].clamp(low, high))
        .collect();
    // Down as far as needed, then up from the lower bound: few labels, so that once is enough.
    for place in 1..places.len() {
        places[place] = places[place].max(places[place - 1] + gap);
    }
    let mut bound = high;
    for place in places.iter_mut().rev() {
        *place = place.min(bound);
        bound = *place - gap;
    }
    let mut found = vec![0.0; wanted.len()];
    for (place, at) in order.into_iter().zip(places) {
        found[place] = at;
    }
    found
}

/// A moment that wants a label above its line.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Wanted {
    pub x: f64,
    pub label: String,
    /// Lower ranks are placed first.
    pub rank: u8,
}

/// A label that has a place: in a lane, counted from above, left or right of its line.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Placed {
    /// Which of those wanted it is.
    pub of: usize,
    pub lane: usize,
    pub left: f64,
    pub right: f64,
    pub x: f64,
}

/// Room between a line and its label.
const APART: f64 = 7.0;

/// Puts labels into `lanes` lanes between two bounds, lower ranks first; a label for which there is no
/// room is left out. The line of each runs from its lane down through all lanes below.
pub(crate) fn staggered(
    wanted: &[Wanted],
    size: f64,
    lanes: usize,
    bounds: (f64, f64),
) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|place| wanted[*place].rank);
    let mut placed: Vec<Placed> = Vec::new();
    for of in order {
        let Wanted { x, label, .. } = &wanted[of];
        let width = text::width(label, size);
        let sides = [x + APART, x - APART - width];
        for left in sides {
            let (right, lane) = (left + width, 0);
            let label = Placed {
                of,
                lane,
                left,
                right,
                x: *x,
            };
            let mut more = placed.clone();
            more.push(label);
            let within = bounds.0 <= left && right <= bounds.1;
            if within && settle(&mut more, lanes) {
                placed = more;
                break;
            }
        }
    }
    placed.sort_by(|one, other| one.x.total_cmp(&other.x));
    placed
}

/// Gives each label the highest lane that it can have, and says whether the lanes suffice.
fn settle(placed: &mut [Placed], lanes: usize) -> bool {
    placed.iter_mut().for_each(|label| label.lane = 0);
    // Each round settles at least one label more, if they can be settled.
    for _ in 0..=placed.len() {
        let mut settled = true;
        for upper in 0..placed.len() {
            for lower in 0..placed.len() {
                let (one, other) = (&placed[upper], &placed[lower]);
                if upper != lower && goes_below(one, other) && other.lane <= one.lane {
                    placed[lower].lane = one.lane + 1;
                    settled = false;
                }
            }
        }
        if placed.iter().any(|label| lanes <= label.lane) {
            return false;
        }
        if settled {
            return true;
        }
    }
    false
}

/// Whether `other` must stand below `one`: its line would cross the letters of `one`, or is so
/// near that the two lines would be read as one (which then holds in turn, and no lane will do).
fn goes_below(one: &Placed, other: &Placed) -> bool {
    let crosses = |line: &Placed, label: &Placed| {
        (line.x - label.x).abs() < 3.0 || (label.left - 3.0 < line.x && line.x < label.right + 3.0)
    };
    let overlap = one.left < other.right + 6.0 && other.left < one.right + 6.0;
    let free = !crosses(other, one) && !crosses(one, other);
    crosses(other, one) || (free && overlap && one.x < other.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_move_apart_and_keep_their_order() {
        assert_eq!(
            spread(&[10.0, 11.0, 50.0], 5.0, 0.0, 100.0),
            [10.0, 15.0, 50.0]
        );
        assert_eq!(spread(&[99.0, 98.0], 5.0, 0.0, 100.0), [100.0, 95.0]);
        assert_eq!(spread(&[], 5.0, 0.0, 100.0), Vec::<f64>::new());
    }

    #[test]
    fn labels_neither_overlap_nor_are_crossed() {
        let wanted: Vec<Wanted> = (0..40)
            .map(|place| Wanted {
                x: f64::from(place * place % 97) * 7.0,
                label: "x".repeat(place as usize % 17 + 1),
                rank: (place % 3) as u8,
            })
            .collect();
        let placed = staggered(&wanted, 11.0, 5, (0.0, 700.0));
        assert!(8 < placed.len(), "{} of 40", placed.len());
        for (place, one) in placed.iter().enumerate() {
            let apart = |other: &Placed| {
                let below =
                    |one: &Placed, other: &Placed| !goes_below(one, other) || one.lane < other.lane;
                below(one, other) && below(other, one)
            };
            assert!(placed[place + 1..].iter().all(apart));
        }
    }
}
