//! Targets as the file states them, checked and compiled.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::kernel::time::{SimDuration, SimTime};
use crate::model::setup::target::{Load, Target};
use crate::scenario::compile::Compiler;
use crate::scenario::compile::profile::days;
use crate::scenario::schema::{AnyTarget, LoadOf, Pool, Review, Schedule, TargetPolicy};
use crate::scenario::text::limits::TURNS_MAX;
use crate::scenario::text::units::Count;

impl Compiler<'_> {
    /// The target of a pool; the demand of a forecast is added once the classes are compiled.
    pub(crate) fn target(&mut self, path: &str, pool: &Pool, zone: Option<&TimeZone>) -> Target {
        let policy = match &pool.target {
            AnyTarget::Fixed(level) => return Target::Fixed(level.0),
            AnyTarget::Policy(policy) => policy,
        };
        match policy {
            TargetPolicy::Proportional(policy) => {
                self.limits(
                    &format!("{path}.target.proportional"),
                    policy.min,
                    policy.max,
                );
                Target::Proportional {
                    factor: policy.factor.0,
                    load: match policy.of {
                        LoadOf::InUse => Load::InUse,
                        LoadOf::Waiting => Load::Waiting,
                        LoadOf::Demand => Load::Demand,
                    },
                    low: policy.min.0,
                    high: policy.max.0.max(policy.min.0),
                }
            }
            TargetPolicy::Complement(policy) => Target::Complement {
                total: policy.total.0,
            },
            TargetPolicy::Schedule(schedule) => {
                self.schedule(&format!("{path}.target.schedule"), schedule, zone)
            }
            TargetPolicy::Forecast(policy) => {
                let at = format!("{path}.target.forecast");
                self.limits(&at, policy.min, policy.max);
                if matches!(pool.replenish.review, Review::Continuous) {
                    let help = "write `review: {every: 5m}`";
                    let limit = "a periodic review, at which forecasts are made";
                    let path = format!("{path}.replenish.review");
                    self.problem(&path, "a forecast without reviews", limit, help);
                }
                if policy.ahead.0 == SimDuration::ZERO {
                    let help = "write how far it looks ahead, such as the provisioning time";
                    let path = format!("{at}.ahead");
                    self.problem(&path, "a forecast of 0s", "a duration above 0", help);
                }
                Target::Forecast {
                    fresh: Vec::new(),
                    ahead: policy.ahead.0,
                    factor: policy.factor.0,
                    error: policy.error.0.min(20.0),
                    low: policy.min.0,
                    high: policy.max.0.max(policy.min.0),
                }
            }
        }
    }

    fn limits(&mut self, path: &str, low: Count, high: Count) {
        if high.0 < low.0 {
            let message = format!("a maximum of {}", high.0);
            let limit = format!("at least the minimum of {}", low.0);
            let help = "swap the two";
            self.problem(&format!("{path}.max"), message, &limit, help);
        }
    }

    fn schedule(&mut self, path: &str, schedule: &Schedule, zone: Option<&TimeZone>) -> Target {
        let turns_given = schedule.turns.len();
        let times = 2.0 * turns_given as f64 + 1.0;
        if TURNS_MAX < turns_given {
            let limit = format!("at most {TURNS_MAX}");
            let message = format!("{turns_given} turns");
            self.problem(
                &format!("{path}.turns"),
                message,
                &limit,
                "merge some of them",
            );
        }
        if TURNS_MAX < turns_given || !self.check_points(path, times * self.days()) {
            return Target::Fixed(schedule.base.0);
        }
        let mut entries = Vec::new();
        for (place, turn) in schedule.turns.iter().enumerate() {
            match days(&turn.days) {
                Some(days) => entries.push(Entry {
                    days: days.iter().fold(0, |all, day| all | 1 << day),
                    from: turn.from.0,
                    to: turn.to.0,
                    level: turn.level.0,
                }),
                None => {
                    let limit = "`mon` to `sun`, a range such as `mon-fri`, or `daily`";
                    let help = "use the first three letters of English weekdays";
                    let message = format!("`{}` names no day", turn.days);
                    self.problem(&format!("{path}.turns.{place}.days"), message, limit, help);
                }
            }
        }
        let base = schedule.base.0;
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        let begin = self.begin();
        Target::Schedule {
            base,
            changes: changes(base, &entries, &zone, begin, self.horizon()),
        }
    }

    /// The maximum of a target.
    pub(crate) fn target_most(pool: &Pool) -> u32 {
        match &pool.target {
            AnyTarget::Fixed(level) => level.0,
            AnyTarget::Policy(TargetPolicy::Proportional(policy)) => policy.max.0,
            AnyTarget::Policy(TargetPolicy::Complement(policy)) => policy.total.0,
            AnyTarget::Policy(TargetPolicy::Forecast(policy)) => policy.max.0,
            AnyTarget::Policy(TargetPolicy::Schedule(schedule)) => schedule
                .turns
                .iter()
                .map(|turn| turn.level.0)
                .fold(schedule.base.0, u32::max),
        }
    }

    pub(crate) fn check_ready_max_age(&mut self, path: &str, pool: &Pool) {
        let limits = [
            ("ready_max_age", pool.ready_max_age),
            ("ready_max_idle", pool.ready_max_idle),
        ];
        for (key, _) in limits
            .iter()
            .filter(|(_, limit)| limit.0 == SimDuration::ZERO)
        {
            let help = "write the age at which a ready worker is deleted, or `never`";
            let path = format!("{path}.{key}");
            self.problem(&path, "a maximum age of 0s", "a duration above 0", help);
        }
    }
}

/// An entry of a schedule.
struct Entry {
    /// A bit for each weekday, Monday first.
    days: u8,
    from: Time,
    to: Time,
    level: u32,
}

impl Entry {
    /// Whether it applies at a clock time of a weekday; one that ends before it begins lasts past
    /// midnight.
    fn holds(&self, day: usize, time: Time) -> bool {
        let on = |day: usize| self.days & 1 << (day % 7) != 0;
        if self.from < self.to {
            on(day) && self.from <= time && time < self.to
        } else {
            (on(day) && self.from <= time) || (on(day + 6) && time < self.to)
        }
    }
}

/// The instants at which the level changes, from time 0 to the horizon.
fn changes(
    base: u32,
    entries: &[Entry],
    zone: &TimeZone,
    begin: Timestamp,
    horizon: SimTime,
) -> Vec<(SimTime, u32)> {
    let origin = begin.as_microsecond();
    let date = |at: Timestamp| zone.to_datetime(at).date();
    let end = Timestamp::from_microsecond(origin + horizon.micros() as i64);
    let last: Date = date(end.unwrap_or(Timestamp::MAX)).saturating_add(1.days());
    let mut times: Vec<Time> = entries.iter().flat_map(|it| [it.from, it.to]).collect();
    times.push(Time::midnight());
    times.sort_unstable();
    times.dedup();
    let mut turns: Vec<(SimTime, u32)> = Vec::new();
    let mut day = date(begin).saturating_sub(1.days());
    while day <= last {
        let weekday = day.weekday().to_monday_zero_offset() as usize;
        for time in &times {
            let Ok(at) = day.to_datetime(*time).to_zoned(zone.clone()) else {
                continue;
            };
            let micros = at.timestamp().as_microsecond() - origin;
            let holding = entries
                .iter()
                .rev()
                .find(|entry| entry.holds(weekday, *time));
            let level = holding.map_or(base, |entry| entry.level);
            let at = SimTime::from_micros(micros.max(0) as u64);
            if turns.last().is_some_and(|(last, _)| *last == at) {
                turns.pop();
            }
            if turns.last().is_none_or(|(_, last)| *last != level) {
                turns.push((at, level));
            }
        }
        day = day.saturating_add(1.days());
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_wins_in_local_time_and_over_midnight() {
        let time = |text: &str| text.parse().expect("a time");
        let entry = |days, from, to, level| Entry {
            days,
            from: time(from),
            to: time(to),
            level,
        };
        let entries = [
            entry(0b001_1111, "08:00", "18:00", 20),
            entry(0b001_0000, "12:00", "18:00", 30),
            entry(0b001_0000, "22:00", "02:00", 5),
        ];
        let zone = TimeZone::get("Europe/Amsterdam").expect("a bundled zone");
        // Thursday noon, local time; clocks are an hour ahead of UTC.
        let begin: Timestamp = "2026-01-08T11:00:00Z".parse().expect("an instant");
        let horizon = SimTime::ZERO + SimDuration::from_seconds(48 * 3_600);
        let hours: Vec<(f64, u32)> = changes(1, &entries, &zone, begin, horizon)
            .iter()
            .map(|(at, level)| (at.seconds_since(SimTime::ZERO) / 3_600.0, *level))
            .filter(|(at, _)| *at < 48.0)
            .collect();
        let expected = [
            (0.0, 20),
            (6.0, 1),
            (20.0, 20),
            (24.0, 30),
            (30.0, 1),
            (34.0, 5),
            (38.0, 1),
        ];
        assert_eq!(hours, expected);
    }
}
