#[path = "../benches/plain.rs"] mod plain;
fn main() {
    let n: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let t = std::time::Instant::now();
    let (mut ev, mut f, mut r, mut ff) = (0, 0, 0u64, 0.0);
    for s in 0..n { let m = plain::replicate(s); ev += m.events; f += m.failed; r += m.ready as u64; ff += m.first_failure.unwrap(); }
    let d = t.elapsed().as_secs_f64();
    println!("plain {} events {:.2} ns/event {:.3}s; failed {:.3} ready {:.3} first {:.2}", ev, d * 1e9 / ev as f64, d, f as f64 / n as f64, r as f64 / n as f64, ff / n as f64);
}
