//! Expected requests of tenants without a lease (fresh requests): the renewal argument
//! that forecasts and the expected-value replay use.

use crate::kernel::intensity::Intensity;
use crate::kernel::time::{SimDuration, SimTime};

/// Steps of the grid on which fresh requests are computed, in one idle timeout and mean job.
const STEPS: usize = 64;
/// Steps over the whole world, at least and at most.
const STEPS_LEAST: f64 = 5_000.0;
const STEPS_MOST: f64 = 200_000.0;
/// A lease that reaches its maximum age less often than this does not count as reaching it.
const NEGLIGIBLE: f64 = 1e-6;

/// The fresh requests of one tenant: jobs that find it without a lease.
pub(crate) struct Fresh {
    /// (instant, rate (1/µs))
    pub rate: Vec<(SimTime, f64)>,
    pub mean_lease: SimDuration,
}

impl Fresh {
    /// The fresh requests of groups of tenants together, each weighted by its share.
    pub fn together(groups: impl Iterator<Item = (f64, Self)>) -> Self {
        let (mut rate, mut leases, mut length): (Vec<(SimTime, f64)>, f64, f64) =
            (Vec::new(), 0.0, 0.0);
        for (share, group) in groups {
            rate.resize(group.rate.len(), (SimTime::ZERO, 0.0));
            for ((at, sum), (group_at, more)) in rate.iter_mut().zip(&group.rate) {
                (*at, *sum) = (*group_at, *sum + share * more);
            }
            let own: f64 = share * group.rate.iter().map(|(_, rate)| rate).sum::<f64>();
            leases += own;
            length += own * group.mean_lease.micros() as f64;
        }
        Self {
            rate,
            mean_lease: SimDuration::from_micros_f64(if leases == 0.0 {
                0.0
            } else {
                length / leases
            }),
        }
    }

    /// A tenant with jobs at the rate `jobs`, whose lease ends a `gap` (µs) after its last job
    /// began: the idle timeout and the mean job. It is the server of an M/G/∞ queue, without a
    /// lease with probability exp(-∫ jobs) over the last gap (Takács, 1962), whatever the distribution of
    /// the job's length. The world begins without leases.
    pub fn requests(jobs: &Intensity, gap: f64, max_age: SimDuration, horizon: SimTime) -> Self {
        let end = horizon.micros() as f64;
        let step = (gap / STEPS as f64)
            .min(end / STEPS_LEAST)
            .max(end / STEPS_MOST)
            .max(1.0);
        let grid: Vec<f64> = (0..=(end / step) as usize + 1)
            .map(|i| i as f64 * step)
            .collect();
        let off: Vec<f64> = match aged_out(jobs, gap, max_age, &grid, step) {
            Some(off) => off,
            None => grid
                .iter()
                .map(|at| libm::exp(jobs.reached((at - gap).max(0.0)) - jobs.reached(*at)))
                .collect(),
        };
        let rate: Vec<f64> = grid
            .iter()
            .zip(&off)
            .map(|(at, off)| jobs.rate(*at) * off)
            .collect();
        // A whole lease, at the mean rate: (exp(rate gap) - 1) / rate on average, cut at the maximum
        // age as an exponential distribution would be.
        let mean_rate = jobs.reached(end) / end;
        let whole = libm::expm1(mean_rate * gap) / mean_rate;
        let age = max_age.micros() as f64;
        let mean_lease = if whole.is_finite() {
            -whole * libm::expm1(-age / whole)
        } else {
            age
        };
        let instants = grid.iter().map(|at| SimTime::from_micros(*at as u64));
        Self {
            rate: instants.zip(rate).collect(),
            mean_lease: SimDuration::from_micros_f64(mean_lease),
        }
    }
}

/// Probability of being without a lease at each instant of `grid`, where leases that would outlive
/// their maximum age are cut; nothing where that hardly ever happens.
///
/// A lease that began at s is alive at t with probability
/// u(s, t) = 1 - x(s) 1{s + gap <= t} - ∫ jobs(v) x(v) u(s, v) dv over s <= v <= t - gap, where x(v) is the
/// probability of no job in the gap after v. Leases begin at the rate jobs(t) off(t), and off(t) is
/// what the leases of the last maximum age leave. The trapezium rule is used throughout.
fn aged_out(
    jobs: &Intensity,
    gap: f64,
    max_age: SimDuration,
    grid: &[f64],
    step: f64,
) -> Option<Vec<f64>> {
    let reach = max_age.micros() as f64 / step;
    if grid.len() as f64 <= reach {
        return None;
    }
    let (reach, lag) = (
        reach.round() as usize,
        (gap / step).round().max(1.0) as usize,
    );
    let rate: Vec<f64> = grid.iter().map(|at| jobs.rate(*at)).collect();
    let quiet: Vec<f64> = grid
        .iter()
        .map(|at| libm::exp(jobs.reached(*at) - jobs.reached(at + gap)))
        .collect();
    let busiest = (0..grid.len() - reach)
        .map(|from| jobs.reached(grid[from + reach]) - jobs.reached(grid[from]))
        .fold(0.0, f64::max)
        / (reach as f64 * step);
    // The mean lease at the busiest rate bounds how often the maximum age is reached.
    let mean_lease = libm::expm1(busiest * gap) / busiest;
    if busiest == 0.0 || libm::exp(-(reach as f64 * step) / mean_lease) < NEGLIGIBLE {
        return None;
    }
    let mut on = vec![0.0; grid.len()];
    let mut off = vec![1.0; grid.len()];
    let mut alive = vec![1.0; reach + 1];
    for from in 0..grid.len() {
        off[from] = (1.0 - on[from]) / (1.0 + 0.5 * step * rate[from]);
        let fresh = rate[from] * off[from];
        let last = reach.min(grid.len() - 1 - from);
        let ending =
            |after: usize, alive: &[f64]| rate[from + after] * quiet[from + after] * alive[after];
        let mut ended = quiet[from];
        for after in 0..=last {
            alive[after] = if after < lag {
                1.0
            } else {
                (1.0 - ended).max(0.0)
            };
            if lag <= after {
                let v = after - lag;
                ended += 0.5 * step * (ending(v, &alive) + ending(v + 1, &alive));
            }
            let weight = if after == 0 || after == reach {
                0.5
            } else {
                1.0
            };
            on[from + after] += weight * step * fresh * alive[after];
        }
        // Its own first half step was solved for above, not added.
        on[from] -= 0.5 * step * fresh;
    }
    Some(off)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3.6e9;

    #[track_caller]
    fn check(jobs_per_hour: f64, fresh_per_hour: f64) {
        let max_age = SimDuration::from_seconds(72 * 3_600);
        let horizon = SimTime::ZERO + SimDuration::from_seconds(400 * 3_600);
        let jobs = Intensity::flat(jobs_per_hour / HOUR);
        let fresh = Fresh::requests(&jobs, HOUR, max_age, horizon);
        // Averaged over more than one maximum age: where all began together, cuts come in waves.
        let late = &fresh.rate[fresh.rate.len() / 2..];
        let rate = late.iter().map(|(_, rate)| rate).sum::<f64>() / late.len() as f64 * HOUR;
        assert!(
            (rate / fresh_per_hour - 1.0).abs() < 2e-3,
            "{rate} for {fresh_per_hour}"
        );
    }

    #[test]
    fn fresh_requests_of_a_tenant_follow_theory() {
        check(0.5, 0.303_265_329_9);
        check(2.0, 0.270_670_566_5);
        check(5.0, 0.036_643_505_0);
    }
}
