//! Named streams of random numbers. Philox4x64-10 (Salmon, Moraes, Dror and Shaw, 2011) turns a
//! key and a position into a number: there is no shared or seeded state, and any draw can be made
//! in any order. The only file that uses `rand`.

use std::convert::Infallible;

use rand::rand_core::TryRng;

/// The master seed of a study.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Seed(pub u64);

/// One replication of one study: the prefix of every stream key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The seed of the study.
    pub seed: u64,
    /// The number of the replication.
    pub replication: u64,
}

impl Key {
    /// What names begin with in this replication of the study of this seed.
    pub const fn new(seed: u64, replication: u64) -> Self {
        Self { seed, replication }
    }

    /// The stream of one purpose of one entity: what it is for by number, whose it is by a hash of its
    /// name, and an ordinal among its likes. Different names give independent numbers.
    pub fn stream(self, purpose: u8, stream_key: u64, ordinal: u32) -> Stream {
        let role = u64::from(ordinal) << 8 | u64::from(purpose);
        Stream {
            seed: self.seed,
            name: [stream_key, role, self.replication],
        }
    }
}

/// Bits of a position for the ordinal; those above them are for the try.
const ORDINAL_BITS: u32 = 36;

/// The position of the draw for try number `tries` (from 1) of item number `ordinal`. First tries
/// are consecutive, so that they can be drawn in sequence; each later try has its own draw, which
/// nothing else can shift.
#[inline]
pub(crate) fn position(ordinal: u64, tries: u32) -> u64 {
    ordinal | u64::from(tries - 1) << ORDINAL_BITS
}

/// The position of the draw for retry number `retry` (from 1) of item number `ordinal`, in a stream of
/// retries only: the retries of one item are consecutive, so that one block serves several.
#[inline]
pub(crate) fn retry_position(ordinal: u64, retry: u32) -> u64 {
    ordinal << RETRY_BITS | u64::from(retry - 1)
}

/// Bits of such a position for the retry.
const RETRY_BITS: u32 = 28;

/// A stable 64-bit hash of an entity's path.
pub fn stream_key(path: &str) -> u64 {
    hashed(HASH, path)
}

/// The hash of the empty text.
pub(crate) const HASH: u64 = 0xcbf2_9ce4_8422_2325;

/// Extends a hash by a text (FNV-1a, Fowler, Noll and Vo, 1991).
pub(crate) fn hashed(before: u64, text: &str) -> u64 {
    hashed_bytes(before, text.as_bytes())
}

/// Extends a hash by some bytes.
pub(crate) fn hashed_bytes(before: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(before, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The numbers of one stream, by position.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    seed: u64,
    name: [u64; 3],
}

impl Stream {
    /// The number of the open interval (0, 1) at `position`, independent of earlier draws.
    pub fn unit_at(&self, position: u64) -> f64 {
        unit(self.block(position / 4)[(position % 4) as usize])
    }

    /// The same for nearby positions: the last block is cached.
    #[inline]
    pub fn unit_near(&self, position: u64, kept: &mut Kept) -> f64 {
        if kept.block != position / 4 {
            *kept = Kept {
                block: position / 4,
                bits: self.block(position / 4),
            };
        }
        unit(kept.bits[(position % 4) as usize])
    }

    /// The numbers in their order, from the first.
    pub fn draws<T: Copy + Default>(self) -> Draws<T> {
        Draws {
            stream: self,
            block: 0,
            used: AT_ONCE,
            made: [T::default(); AT_ONCE],
        }
    }

    /// The same stream of another replication.
    pub(crate) fn renew(&mut self, replication: u64) {
        self.name[2] = replication;
    }

    /// A sequential generator that this stream seeds.
    pub(crate) fn generator(&self) -> Generator {
        Generator(self.block(0))
    }

    fn block(&self, block: u64) -> [u64; 4] {
        philox([block, self.name[0], self.name[1], self.name[2]], self.seed)
    }
}

/// The last block of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    block: u64,
    bits: [u64; 4],
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            block: u64::MAX,
            bits: [0; 4],
        }
    }
}

/// Draws per batch: they are independent, so the processor can overlap them.
const AT_ONCE: usize = 8;

/// The numbers of a stream in sequence, each mapped to a `T` by the same function.
#[derive(Clone, Debug)]
pub struct Draws<T> {
    stream: Stream,
    block: u64,
    used: usize,
    made: [T; AT_ONCE],
}

impl<T: Copy> Draws<T> {
    /// The next draw: what `quantile` makes of the next number of the open interval (0, 1).
    #[inline]
    pub fn next(&mut self, quantile: impl Fn(f64) -> T) -> T {
        self.next_by(|bits| quantile(unit(bits)))
    }

    /// Goes on with the numbers of another replication; those that were made and not used are dropped.
    pub(crate) fn renew(&mut self, replication: u64) {
        self.stream.renew(replication);
        self.used = AT_ONCE;
    }

    #[inline]
    fn next_by(&mut self, make: impl Fn(u64) -> T) -> T {
        if self.used == AT_ONCE {
            self.refill(make);
        }
        let made = self.made[self.used];
        self.used += 1;
        made
    }

    #[inline(never)]
    fn refill(&mut self, make: impl Fn(u64) -> T) {
        for four in self.made.chunks_exact_mut(4) {
            for (made, bits) in four.iter_mut().zip(self.stream.block(self.block)) {
                *made = make(bits);
            }
            self.block += 1;
        }
        self.used = 0;
    }
}

/// Lets any sampler of `rand` draw from a stream.
impl TryRng for Draws<u64> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_by(|bits| bits))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let bits = self.next_by(|bits| bits).to_le_bytes();
            chunk.copy_from_slice(&bits[..chunk.len()]);
        }
        Ok(())
    }
}

/// A sequential generator, faster than the blocks of a stream where many numbers are drawn in turn: xoshiro256++ 1.0
/// (Blackman and Vigna, 2021).
#[derive(Clone, Debug)]
pub(crate) struct Generator([u64; 4]);

/// What the bits that a number leaves can be.
const LEFT: u32 = 1 << 12;

/// The probability of a trial, in parts of 1/4096.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct TrialChance {
    whole: u32,
    /// Of the part that is not whole.
    rest: f64,
}

impl TrialChance {
    /// A probability of 0 to 1.
    pub fn new(probability: f64) -> Self {
        let parts = probability * f64::from(LEFT);
        Self {
            whole: parts as u32,
            rest: parts.fract(),
        }
    }
}

impl Generator {
    /// The next number of the open interval (0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// The next number of the open interval (0, 1), and whether a trial succeeds that does not depend on it. The trial
    /// takes the bits that the number leaves, and a further number where they do not decide.
    #[inline]
    pub fn unit_and_trial(&mut self, chance: TrialChance) -> (f64, bool) {
        let bits = self.bits();
        let left = bits as u32 & (LEFT - 1);
        let succeeds = match left == chance.whole {
            true => self.unit() < chance.rest,
            false => left < chance.whole,
        };
        (unit(bits), succeeds)
    }

    #[inline]
    fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let bits = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (third, fourth) = (c ^ a, d ^ b);
        self.0 = [
            a ^ fourth,
            b ^ third,
            third ^ b << 17,
            fourth.rotate_left(45),
        ];
        bits
    }
}

/// Maps 52 bits to the middle of their cell, so that neither 0 nor 1 is ever drawn.
fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}

/// One block of Philox4x64-10 under the key (seed, 0).
#[inline]
fn philox(mut counter: [u64; 4], seed: u64) -> [u64; 4] {
    let mut key = [seed, 0];
    for _ in 0..10 {
        let first = u128::from(counter[0]) * 0xd2e7_470e_e14c_6c93;
        let second = u128::from(counter[2]) * 0xca5a_8263_9512_1157;
        counter = [
            (second >> 64) as u64 ^ counter[1] ^ key[0],
            second as u64,
            (first >> 64) as u64 ^ counter[3] ^ key[1],
            first as u64,
        ];
        key[0] = key[0].wrapping_add(0x9e37_79b9_7f4a_7c15);
        key[1] = key[1].wrapping_add(0xbb67_ae85_84ca_a73b);
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_block() {
        let zeros = [
            0x1655_4d9e_ca36_314c,
            0xdb20_fe9d_672d_0fdc,
            0xd7e7_72ce_e186_176b,
            0x7e68_b68a_ec7b_a23b,
        ];
        assert_eq!(philox([0; 4], 0), zeros);
    }

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut generator = Generator([1, 2, 3, 4]);
        let first = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
        ];
        assert_eq!(first.map(|_| generator.bits()), first);
    }

    #[test]
    fn trials_have_their_probability_whatever_the_number() {
        let mut generator = Key::new(1, 0).stream(7, 1, 0).generator();
        for probability in [0.0, 1e-4, 1.0 / 3.0, 0.5, 0.999_9, 1.0] {
            let chance = TrialChance::new(probability);
            let n = 1_000_000;
            let (mut hits, mut sum) = (0.0, 0.0);
            for _ in 0..n {
                let (unit, succeeds) = generator.unit_and_trial(chance);
                hits += f64::from(u8::from(succeeds));
                sum += if succeeds { unit - 0.5 } else { 0.0 };
            }
            let expected = probability * f64::from(n);
            let error = (expected * (1.0 - probability)).sqrt();
            assert!(
                (hits - expected).abs() <= 4.5 * error,
                "{probability}: {hits}"
            );
            assert!(
                sum.abs() <= 4.5 * (expected / 12.0).sqrt(),
                "{probability}: {sum}"
            );
        }
    }

    #[test]
    fn draws_in_turn_and_out_of_turn_agree() {
        let stream = Key {
            seed: 7,
            replication: 3,
        }
        .stream(5, 11, 2);
        let mut draws = stream.draws();
        let asked: Vec<f64> = (0..40).map(|position| stream.unit_at(position)).collect();
        let mut kept = Kept::default();
        let near = (0..40).map(|position| stream.unit_near(position, &mut kept));
        assert_eq!(near.collect::<Vec<f64>>(), asked);
        let drawn: Vec<f64> = (0..40).map(|_| draws.next(|unit| unit)).collect();
        assert_eq!(asked, drawn);
    }

    #[test]
    fn every_part_of_a_name_counts() {
        let key = Key {
            seed: 1,
            replication: 0,
        };
        let first = |key: Key, purpose, stream_key, ordinal| {
            let stream = key.stream(purpose, stream_key, ordinal);
            stream.unit_at(0).to_bits()
        };
        let numbers = [
            first(key, 5, 5, 0),
            first(Key { seed: 2, ..key }, 5, 5, 0),
            first(
                Key {
                    replication: 1,
                    ..key
                },
                5,
                5,
                0,
            ),
            first(key, 9, 5, 0),
            first(key, 5, 6, 0),
            first(key, 5, 5, 1),
        ];
        let distinct: std::collections::BTreeSet<u64> = numbers.into_iter().collect();
        assert_eq!(distinct.len(), numbers.len());
    }

    #[test]
    fn units_stay_inside_the_open_interval() {
        assert!(0.0 < unit(0) && unit(u64::MAX) < 1.0);
    }
}
