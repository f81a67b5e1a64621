//! The chain of a service whose callers retry: calls queued, and callers about to retry.

/// Calls come, are served, and are late by their position in the queue; those that fail are retried with a probability.
/// A unit of time is the timeout, and the mean time to a retry.
struct Storm {
    calls: f64,
    capacity: f64,
    again: f64,
    queue: usize,
}

/// Most callers about to retry; what lies beyond does not matter here.
const ORBIT: usize = 60;

/// Where a storm is over.
const CALM: usize = 5;

impl Storm {
    /// Rates out of a state, each with the state that it leads to.
    fn out(&self, queue: usize, orbit: usize) -> Vec<(f64, (usize, usize))> {
        let back = orbit.saturating_sub(1);
        let waits = (orbit + 1).min(ORBIT);
        let retries = orbit as f64;
        let mut rates = match queue < self.queue {
            true => vec![
                (self.calls, (queue + 1, orbit)),
                (retries, (queue + 1, back)),
            ],
            false => vec![
                (self.calls * self.again, (queue, waits)),
                (retries * (1.0 - self.again), (queue, back)),
            ],
        };
        if 0 < queue {
            // A call is too late where fewer than its queue are served within the timeout.
            let late = 1.0 - super::poisson_above(self.capacity, queue - 1);
            let again = late * self.again;
            rates.push((self.capacity * again, (queue - 1, waits)));
            rates.push((self.capacity * (1.0 - again), (queue - 1, orbit)));
        }
        rates.retain(|(rate, to)| 0.0 < *rate && *to != (queue, orbit));
        rates
    }

    /// Mean time from a full queue and so many callers until it is calm.
    fn recovery(&self, callers: usize) -> f64 {
        self.passage((self.queue, callers), |queue, orbit| {
            queue <= CALM && orbit <= CALM
        })
    }

    /// Mean time from an empty service until the queue is full.
    fn congestion(&self) -> f64 {
        self.passage((0, 0), |queue, _| self.queue <= queue)
    }

    /// Mean time from a state until one at which it ends, by elimination within the band.
    fn passage(&self, from: (usize, usize), ends: impl Fn(usize, usize) -> bool) -> f64 {
        let place = |(queue, orbit): (usize, usize)| queue * (ORBIT + 1) + orbit;
        let n = (self.queue + 1) * (ORBIT + 1);
        let band = ORBIT + 2;
        let mut rows = vec![vec![0.0; 2 * band + 1]; n];
        let mut right = vec![0.0; n];
        for queue in 0..=self.queue {
            for orbit in 0..=ORBIT {
                let row = place((queue, orbit));
                if ends(queue, orbit) {
                    rows[row][band] = 1.0;
                    continue;
                }
                right[row] = 1.0;
                for (rate, to) in self.out(queue, orbit) {
                    rows[row][band] += rate;
                    rows[row][place(to) + band - row] -= rate;
                }
            }
        }
        for pivot in 0..n {
            let (above, below) = rows.split_at_mut(pivot + 1);
            let above = &above[pivot];
            for (ahead, row) in below.iter_mut().take(band).enumerate() {
                let offset = band - (ahead + 1);
                let factor = row[offset] / above[band];
                if factor != 0.0 {
                    for column in band..=2 * band {
                        row[column - ahead - 1] -= factor * above[column];
                    }
                    right[pivot + ahead + 1] -= factor * right[pivot];
                }
            }
        }
        let mut times = vec![0.0; n];
        for row in (0..n).rev() {
            let known = (band + 1..=2 * band).filter(|column| row + column - band < n);
            let sum: f64 = known.map(|it| rows[row][it] * times[row + it - band]).sum();
            times[row] = (right[row] - sum) / rows[row][band];
        }
        times[place(from)]
    }
}

#[test]
fn the_rows_of_services_are_those_of_the_chain() {
    for (calls, capacity, again, queue, exact) in [
        (2.0, 10.0, 0.75, 20, 12.393_465_266),
        (3.0, 10.0, 0.75, 20, 25.778_103_106),
        (5.0, 10.0, 0.50, 20, 14.184_000_286),
        (6.0, 25.0, 0.75, 80, 105.001_493_479),
        (6.0, 30.0, 0.75, 80, 24.852_429_325),
        (2.0, 10.0, 0.75, 80, 129.462_985_091),
        (1.0, 10.0, 0.75, 80, 48.376_846_016),
    ] {
        let storm = Storm {
            calls,
            capacity,
            again,
            queue,
        };
        super::close(storm.recovery(15), exact);
    }
    // The row of times to congestion; the longest is 10⁹ times what is eliminated, and loses as many digits.
    for (calls, again, exact) in [
        (3.0, 0.75, 3.036_252_149e6),
        (4.5, 0.75, 11_003.127_587),
        (6.0, 0.75, 330.207_513),
        (5.0, 0.50, 4_871.220_724),
    ] {
        let storm = Storm {
            calls,
            capacity: 10.0,
            again,
            queue: 15,
        };
        super::close(storm.congestion(), exact);
    }
    let storm = Storm {
        calls: 2.0,
        capacity: 10.0,
        again: 0.75,
        queue: 15,
    };
    let off = storm.congestion() / 1.105_724_476e9 - 1.0;
    assert!(off.abs() < 1e-5, "{off}");
}
