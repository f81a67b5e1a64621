//! The lowest level of a buffer that does in one replication.

/// What a level does in a replication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tried {
    /// Whether it does.
    pub does: bool,
    /// The fewest workers that were ready.
    pub spare: usize,
}

/// The lowest of `count` levels that does, if any, where every higher one does too. With `workers`, levels are
/// consecutive numbers of workers: those that were always ready are too many, which mostly leaves three levels to try.
/// Otherwise, and where that misleads, by bisection.
pub(crate) fn critical_level(
    count: usize,
    workers: bool,
    mut tried: impl FnMut(usize) -> Tried,
) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    let mut guess = workers.then_some(count.saturating_sub(1));
    let mut guessed = false;
    while low < high {
        let level = match guess.take() {
            Some(level) => level.clamp(low, high - 1),
            None => (low + high) / 2,
        };
        let found = tried(level);
        if found.does {
            high = level;
            guess = workers.then(|| level.saturating_sub(found.spare.max(1)));
            guessed = true;
        } else {
            low = level + 1;
            // Once: a further level is sought by bisection.
            guess = guessed.then_some(low);
            guessed = false;
        }
    }
    (low < count).then_some(low)
}

/// Whether levels are numbers of workers, each one more than the one before.
pub(crate) fn are_consecutive(levels: &[String]) -> bool {
    let number = |level: &String| level.parse::<u32>().ok();
    levels.windows(2).all(|pair| {
        let next = number(&pair[0]).and_then(|level| level.checked_add(1));
        next.is_some() && next == number(&pair[1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_level_is_that_of_bisection_whatever_is_spare() {
        for count in [1, 2, 7, 60] {
            for critical in 0..=count {
                for error in [-4, -1, 0, 1, 4, 90] {
                    let mut runs = 0;
                    let found = critical_level(count, true, |level| {
                        runs += 1;
                        let spare = level as i64 - critical as i64 + error;
                        Tried {
                            does: critical <= level,
                            spare: spare.max(0) as usize,
                        }
                    });
                    assert_eq!(found, (critical < count).then_some(critical));
                    assert!(error != 0 || runs <= 3, "{runs} runs of {count}");
                    let plain = critical_level(count, false, |level| Tried {
                        does: critical <= level,
                        spare: 0,
                    });
                    assert_eq!(plain, found);
                }
            }
        }
    }
}
