use drawdown::*;
fn main() {
    let s = match Scenario::load(std::env::args().nth(1).unwrap()) { Ok(s) => s, Err(e) => { println!("{e}"); return } };
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut r = Replications::new(n);
    r.threads = std::num::NonZeroUsize::new(std::env::args().nth(3).map_or(1, |t| t.parse().unwrap()));
    let t = std::time::Instant::now();
    let e = ensemble(&s, r, Seed(1));
    let d = t.elapsed().as_secs_f64();
    println!("{} events, {:.2} ns/event, {:.3}s digest {:016x}", e.events, d * 1e9 / e.events as f64, d, e.digest);
    for (p, pool) in s.pools.iter().enumerate() { println!("{}", pool.name); for m in MEASURES { let x = e.summary(p, m.name); if x.present.point > Some(0.0) { println!("  {:32} {:10.3} ± {:8.4} sd {:8.3} | {:?} {:?} {:?} ({})", m.name, x.mean.point.unwrap(), x.mean.high.unwrap_or(f64::NAN) - x.mean.point.unwrap(), x.sd.unwrap_or(0.0), x.quantiles[0].point, x.quantiles[1].point, x.quantiles[2].point, x.present.point.unwrap()); } } }
}
