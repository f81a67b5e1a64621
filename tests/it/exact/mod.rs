//! Exact results by engines of their own, which share nothing with the simulator: chains, and closed forms. What the
//! table of `drawdown verify` states is computed again here.

/// The simulator against the engines, for parameters at random.
mod random;

/// A queue with retrials: a chain of two numbers.
mod storm;

/// Erlang's loss formula by its recursion (Erlang, 1917).
pub fn erlang_b(servers: usize, load: f64) -> f64 {
    (1..=servers).fold(1.0, |lost, servers| {
        load * lost / (servers as f64 + load * lost)
    })
}

/// Erlang's delay formula (Erlang, 1917).
pub fn erlang_c(servers: usize, load: f64) -> f64 {
    let lost = erlang_b(servers, load);
    lost / (1.0 - load / servers as f64 * (1.0 - lost))
}

/// P(N > count) for N of a Poisson law, which is P(Gamma(count + 1, 1) <= mean).
pub fn poisson_above(mean: f64, count: usize) -> f64 {
    let mut term = libm::exp(-mean);
    let mut upto = term;
    for it in 1..=count {
        term *= mean / it as f64;
        upto += term;
    }
    1.0 - upto
}

/// The stationary law of states 0, 1, 2, … between which a chain goes up and down one at a time: `up` from a state to
/// the next, which ends at a rate of 0, and `down` from a state to the one before.
pub fn birth_death(up: impl Fn(usize) -> f64, down: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut weights = vec![1.0];
    while let Some(rate) = Some(up(weights.len() - 1)).filter(|rate| 0.0 < *rate) {
        let state = weights.len();
        weights.push(weights[state - 1] * rate / down(state));
    }
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// A queue of requests that come at a rate, of servers that serve at another each, of room for so many that wait, each of
/// which gives up at a third rate (Palm, 1957; with no room, Erlang's; with no patience lost, M/M/c/K).
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    pub arrivals: f64,
    pub service: f64,
    pub servers: usize,
    pub room: usize,
    pub impatience: f64,
}

impl Queue {
    fn law(self) -> Vec<f64> {
        let most = self.servers + self.room;
        birth_death(
            |state| if state < most { self.arrivals } else { 0.0 },
            |state| {
                let busy = state.min(self.servers) as f64;
                busy * self.service + (state - busy as usize) as f64 * self.impatience
            },
        )
    }

    /// Requests that are not served, a unit of time.
    pub fn lost(self) -> f64 {
        self.arrivals - self.busy() * self.service
    }

    /// Mean number of busy servers.
    pub fn busy(self) -> f64 {
        let each = self.law().into_iter().enumerate();
        each.map(|(state, share)| state.min(self.servers) as f64 * share)
            .sum()
    }

    /// Share of time in which every server is busy.
    pub fn full(self) -> f64 {
        self.law()[self.servers..].iter().sum()
    }
}

/// A pool that is refilled by attempts of which only a share succeeds, until a request finds it empty.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    pub stock: usize,
    /// Requests a unit of time.
    pub requests: f64,
    /// Successful attempts a unit of time, for each that is under way.
    pub successes: f64,
    /// Most attempts at once.
    pub slots: usize,
}

impl Drain {
    fn up(self, level: usize) -> f64 {
        self.successes * (self.stock - level).min(self.slots) as f64
    }

    /// P(a request has failed by a time), by uniformization (Jensen, 1953): states are levels, and the failure.
    pub fn failed_by(self, time: f64) -> f64 {
        let rate = self.requests + self.successes * self.slots as f64;
        let mut shares = vec![0.0; self.stock + 1];
        shares[self.stock] = 1.0;
        let mut failed = 0.0;
        // Poisson weights from their logarithm, so that none underflows where the mean is large.
        let mean = rate * time;
        let most = (mean + 12.0 * mean.sqrt() + 30.0) as usize;
        let (mut log_weight, mut answer, mut sum) = (-mean, 0.0, 0.0);
        for step in 0..=most {
            let weight = libm::exp(log_weight);
            answer += weight * failed;
            sum += weight;
            log_weight += libm::log(mean) - libm::log((step + 1) as f64);
            let mut next: Vec<f64> = shares
                .iter()
                .enumerate()
                .map(|(level, share)| share * (1.0 - (self.requests + self.up(level)) / rate))
                .collect();
            for (level, share) in shares.iter().enumerate() {
                match level {
                    0 => failed += share * self.requests / rate,
                    _ => next[level - 1] += share * self.requests / rate,
                }
                if level < self.stock {
                    next[level + 1] += share * self.up(level) / rate;
                }
            }
            shares = next;
        }
        answer + (1.0 - sum) * failed
    }

    /// Mean time to the first failed request: from each level, the mean time to the next lower one.
    pub fn mean(self) -> f64 {
        let mut lower = 0.0;
        let mut all = 0.0;
        for level in (0..=self.stock).rev() {
            lower = (1.0 + self.up(level) * lower) / self.requests;
            all += lower;
        }
        all
    }
}

#[track_caller]
fn close(found: f64, exact: f64) {
    assert!((found / exact - 1.0).abs() < 2e-7, "{found} for {exact}");
}

#[test]
fn the_closed_forms_are_those_of_the_chain() {
    for (servers, load) in [(1, 0.5), (5, 3.0), (20, 15.0)] {
        let queue = |room| Queue {
            arrivals: load,
            service: 1.0,
            servers,
            room,
            impatience: 0.0,
        };
        close(queue(0).full(), erlang_b(servers, load));
        close(queue(0).lost(), load * erlang_b(servers, load));
        close(queue(2_000).full(), erlang_c(servers, load));
    }
    let alone = Drain {
        stock: 30,
        requests: 0.25,
        successes: 0.0,
        slots: 0,
    };
    close(alone.failed_by(120.0), poisson_above(30.0, 30));
    close(alone.mean(), 124.0);
}

#[test]
fn the_table_states_what_the_engines_compute() {
    // C1 and C5.
    for (stock, lost) in [
        (5, 0.110_054_347_8),
        (7, 0.021_864_315_3),
        (8, 0.008_132_439_4),
        (9, 0.002_703_484_5),
        (10, 0.000_810_388_1),
    ] {
        close(erlang_b(stock, 3.0), lost);
    }
    // E1 and K6's pool without retries, T2 and T4.
    let queue = |room, impatience| Queue {
        arrivals: 0.25,
        service: 1.0 / 12.0,
        servers: 5,
        room,
        impatience,
    };
    close(queue(400, 0.2).full(), 0.162_378_097_9);
    close(queue(400, 0.2).lost() / 0.25, 0.064_387_563_4);
    close(queue(400, 0.2).busy(), 2.806_837_309_8);
    close(erlang_c(5, 3.0), 0.236_151_603_5);
    close(erlang_c(20, 15.0), 0.160_429_387_4);
    close(queue(3, 0.0).lost() / 0.25, 0.021_047_667_6);
    // F1 and F3.
    let drain = |successes| Drain {
        stock: 30,
        requests: 0.25,
        successes,
        slots: 10,
    };
    close(drain(0.0).failed_by(240.0), 0.999_985_825_7);
    close(drain(0.1 / 8.0).failed_by(240.0), 0.676_993_547_2);
    close(drain(0.1 / 8.0).mean(), 219.089_781_66);
    // A1, A7 and T1.
    close(poisson_above(30.0, 30), 0.451_648_487_4);
    close(poisson_above(120.0, 145), 0.011_705_736_4);
    close(erlang_b(20, 12.0), 0.009_795_639_4);
}
