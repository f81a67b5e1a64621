#![allow(dead_code)]
#[path = "../src/kernel/mod.rs"] mod kernel;
use kernel::queue::*; use kernel::time::*;
use std::collections::BinaryHeap; use std::cmp::Reverse;
#[derive(Clone, Copy)] #[allow(dead_code)] enum E { A(u32), B(u32) }
impl Ranked for E { fn rank(&self) -> u8 { match self { E::A(_) => 3, E::B(_) => 4 } } }
fn main() {
    let mut x = 88172645463325252u64;
    let mut draw = move || { x ^= x << 13; x ^= x >> 7; x ^= x << 17; x };
    let exp = |u: u64| (-(((u >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)).ln() * 3.6e9) as u64;
    for n in [16usize, 40, 100, 10_000, 1_000_000] {
        let ops = 4_000_000;
        let mut q: EventQueue<E> = EventQueue::default();
        for i in 0..n { q.schedule(SimTime::from_micros(exp(draw())), E::A(i as u32)); }
        for _ in 0..n.max(100000) { let (t, e) = q.pop_before(SimTime::NEVER).unwrap(); q.schedule(t + SimDuration::from_micros(exp(draw())), e); }
        let t0 = std::time::Instant::now();
        for _ in 0..ops { let (t, e) = q.pop_before(SimTime::NEVER).unwrap(); q.schedule(t + SimDuration::from_micros(exp(draw())), e); }
        let d = t0.elapsed().as_nanos() as f64 / ops as f64;
        let mut h: BinaryHeap<Reverse<(u128, u32)>> = BinaryHeap::new();
        for i in 0..n { h.push(Reverse(((exp(draw()) as u128) << 64 | i as u128, i as u32))); }
        let t0 = std::time::Instant::now();
        for i in 0..ops { let Reverse((k, e)) = h.pop().unwrap(); h.push(Reverse((((((k >> 64) as u64) + exp(draw())) as u128) << 64 | i as u128, e))); }
        let b = t0.elapsed().as_nanos() as f64 / ops as f64;
        let t0 = std::time::Instant::now(); let mut s = 0; for _ in 0..ops { s += exp(draw()); } let e = t0.elapsed().as_nanos() as f64 / ops as f64; std::hint::black_box(s);
        println!("{n:8} radix {d:6.1} heap {b:6.1} draw {e:5.1}");
    }
}
