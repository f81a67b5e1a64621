//! Where in a recorded replication we are, and how fast we move. Knows nothing of clocks and
//! terminals: it is given how much time has passed, and which key was meant.

use std::time::Duration;

use crate::kernel::time::{SimDuration, SimTime};

/// The slowest and the fastest pace (simulated seconds a second).
pub(crate) const PACES: std::ops::RangeInclusive<u32> = 1..=86_400;

/// What a key asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    Pause,
    /// To the next instant at which something happens, or to the one before.
    Step,
    StepBack,
    /// To the next instant at which something notable happens, or to the one before.
    Jump,
    JumpBack,
    Restart,
    Faster,
    Slower,
    /// Pools that do not fit are shown by moving the list.
    PoolsDown,
    PoolsUp,
    Help,
    Quit,
}

/// The instants of a recording, in order and without repetition.
#[derive(Debug)]
pub(crate) struct Course {
    pub start: SimTime,
    pub until: SimTime,
    pub instants: Vec<SimTime>,
    pub notable: Vec<SimTime>,
}

/// A recording as it is played.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub at: SimTime,
    /// Simulated seconds a second.
    pub pace: u32,
    pub paused: bool,
    pub help: bool,
    pub first_pool: usize,
    pub quit: bool,
}

impl Player {
    /// Plays from the start.
    pub fn new(course: &Course, pace: u32) -> Self {
        Self {
            at: course.start,
            pace,
            paused: false,
            help: false,
            first_pool: 0,
            quit: false,
        }
    }

    /// Advances the playback by the time that has passed.
    pub fn pass(&mut self, elapsed: Duration, course: &Course) {
        if !self.paused {
            let played = elapsed.as_secs_f64() * f64::from(self.pace) * 1e6;
            self.at = (self.at + SimDuration::from_micros_f64(played)).min(course.until);
            self.paused = self.has_ended(course);
        }
    }

    /// Whether there is nothing left to play.
    pub fn has_ended(&self, course: &Course) -> bool {
        course.until <= self.at
    }

    /// Does what a key asks for.
    pub fn grant(&mut self, wish: Wish, course: &Course) {
        match wish {
            Wish::Pause if self.has_ended(course) => self.restart(course),
            Wish::Pause => self.paused = !self.paused,
            Wish::Step => {
                self.paused = true;
                self.at = after(&course.instants, self.at).unwrap_or(course.until);
            }
            Wish::StepBack => {
                self.paused = true;
                self.at = before(&course.instants, self.at).unwrap_or(course.start);
            }
            Wish::Jump => {
                self.at = after(&course.notable, self.at).unwrap_or(course.until);
                self.paused |= self.has_ended(course);
            }
            Wish::JumpBack => {
                self.at = before(&course.notable, self.at).unwrap_or(course.start);
            }
            Wish::Restart => self.restart(course),
            Wish::Faster => self.pace = (2 * self.pace).min(*PACES.end()),
            Wish::Slower => self.pace = (self.pace / 2).max(*PACES.start()),
            Wish::PoolsDown => self.first_pool += 1,
            Wish::PoolsUp => self.first_pool = self.first_pool.saturating_sub(1),
            Wish::Help => self.help = !self.help,
            Wish::Quit => self.quit = true,
        }
    }

    fn restart(&mut self, course: &Course) {
        (self.at, self.paused) = (course.start, false);
    }
}

fn after(instants: &[SimTime], at: SimTime) -> Option<SimTime> {
    let next = instants.partition_point(|it| *it <= at);
    instants.get(next).copied()
}

fn before(instants: &[SimTime], at: SimTime) -> Option<SimTime> {
    let next = instants.partition_point(|it| *it < at);
    next.checked_sub(1).map(|place| instants[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_seconds(seconds)
    }

    fn course() -> Course {
        Course {
            start: at(100),
            until: at(1000),
            instants: [130, 200, 600, 900].map(at).to_vec(),
            notable: [600, 900].map(at).to_vec(),
        }
    }

    #[test]
    fn time_passes_at_the_pace_and_not_beyond_the_end() {
        let course = course();
        let mut player = Player::new(&course, 60);
        player.pass(Duration::from_millis(500), &course);
        assert_eq!(player.at, at(130));
        player.pass(Duration::from_secs(100), &course);
        assert_eq!((player.at, player.paused), (at(1000), true));
        player.grant(Wish::Pause, &course);
        assert_eq!((player.at, player.paused), (at(100), false));
    }

    #[test]
    fn a_pause_holds_the_time_and_a_step_moves_it_to_the_next_event() {
        let course = course();
        let mut player = Player::new(&course, 60);
        player.grant(Wish::Pause, &course);
        player.pass(Duration::from_secs(9), &course);
        assert_eq!(player.at, at(100));
        let steps = [130, 200, 600, 900, 1000, 1000].map(|seconds| {
            player.grant(Wish::Step, &course);
            (player.at, at(seconds))
        });
        assert!(steps.iter().all(|(is, due)| is == due), "{steps:?}");
        player.grant(Wish::StepBack, &course);
        assert_eq!(player.at, at(900));
    }

    #[test]
    fn a_step_while_playing_pauses() {
        let course = course();
        let mut player = Player::new(&course, 1);
        player.grant(Wish::Step, &course);
        assert!(player.paused);
        player.grant(Wish::Pause, &course);
        assert!(!player.paused);
    }

    #[test]
    fn jumps_go_from_one_notable_event_to_the_next_and_play_on() {
        let course = course();
        let mut player = Player::new(&course, 60);
        player.grant(Wish::Jump, &course);
        assert_eq!((player.at, player.paused), (at(600), false));
        player.grant(Wish::Jump, &course);
        player.grant(Wish::JumpBack, &course);
        assert_eq!(player.at, at(600));
        player.grant(Wish::JumpBack, &course);
        assert_eq!(player.at, at(100));
        for _ in 0..3 {
            player.grant(Wish::Jump, &course);
        }
        assert_eq!((player.at, player.paused), (at(1000), true));
    }

    #[test]
    fn the_pace_doubles_and_halves_within_its_limits() {
        let course = course();
        let mut player = Player::new(&course, 60);
        player.grant(Wish::Faster, &course);
        assert_eq!(player.pace, 120);
        for _ in 0..40 {
            player.grant(Wish::Faster, &course);
        }
        assert_eq!(player.pace, 86_400);
        for _ in 0..40 {
            player.grant(Wish::Slower, &course);
        }
        assert_eq!(player.pace, 1);
    }
}
