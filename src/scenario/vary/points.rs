//! Points that fill a cube evenly. The only file that uses `sobol_burley`.

/// Dimensions of the sequence.
pub(crate) const DIMENSIONS_MAX: usize = 256;

/// Points of the sequence, after which it repeats itself.
pub(crate) const POINTS_MAX: u32 = 1 << 16;

/// A coordinate, inside (0, 1), of a point of the sequence of Sobol (1967), with Owen's scrambling (1995). Different
/// `scramble` give independent scramblings.
pub(crate) fn scrambled(point: u32, dimension: usize, scramble: u32) -> f64 {
    let share = sobol_burley::sample(point, dimension as u32, scramble);
    f64::from(share).clamp(1e-9, 1.0 - 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrambled_points_have_one_in_each_part() {
        for dimension in 0..3 {
            let mut parts: Vec<u32> = (0..64)
                .map(|point| (scrambled(point, dimension, 5) * 64.0) as u32)
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..64).collect::<Vec<_>>());
        }
    }
}
