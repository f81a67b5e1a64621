//! What was read and fitted, as JSON. An absent value is `null`; times are in seconds.

use serde_json::{Value, json};

use crate::log::demand::{Basis, Demand};
use crate::log::durations::{Durations, Law};
use crate::log::estimate::{Calibrated, Pool};
use crate::log::instant::utc;
use crate::log::provisioning::Provisioning;
use crate::log::{FileRead, Log};
use crate::stats::Estimate;
use crate::stats::counts::Dispersion;
use crate::stats::lifetime::fit::Fit;

/// The record as text.
pub(crate) fn text(log: &Log, found: &Calibrated, unknown: &[String]) -> Vec<u8> {
    let record = json!({
        "engine": concat!("drawdown ", env!("CARGO_PKG_VERSION")),
        "interval": 0.9,
        "from": found.window.map(|(first, _)| utc(first)),
        "until": found.window.map(|(_, last)| utc(last)),
        "files": log.files.iter().map(file).collect::<Vec<_>>(),
        "pools": found.pools.iter().map(pool).collect::<Vec<_>>(),
        "not_used": found.unused,
        "cannot_tell": unknown,
    });
    let mut text = serde_json::to_vec_pretty(&record).unwrap_or_default();
    text.push(b'\n');
    text
}

fn file(file: &FileRead) -> Value {
    json!({
        "name": file.name,
        "format": file.format.name(),
        "what": file.what,
        "rows": file.rows,
        "used": file.used,
        "left_out": file.left_out,
        "notes": file.notes,
    })
}

fn pool(pool: &Pool) -> Value {
    json!({
        "pool": pool.key,
        "demand": pool.demand.iter().map(demand).collect::<Vec<_>>(),
        "provisioning": pool.provisioning.as_ref().map(provisioning),
    })
}

fn estimate(of: &Estimate) -> Value {
    json!({"point": of.point, "low": of.low, "high": of.high, "n": of.n})
}

fn demand(of: &Demand) -> Value {
    let index = |it: Option<Dispersion>| it.map(|it| it.index);
    let profile = of.weekly.days.iter().map(|(days, knots)| {
        let knot = |(minute, value): &(usize, f64)| json!({"minute": minute, "factor": value});
        json!({"days": days, "knots": knots.iter().map(knot).collect::<Vec<_>>()})
    });
    let (basis, key) = match of.basis {
        Basis::Requests => ("requests", "arrivals_per_hour"),
        Basis::Counter => ("counter", "arrivals_per_hour"),
        Basis::Level => ("machines_in_use", "mean_level"),
    };
    let factor = if of.basis == Basis::Level {
        1.0
    } else {
        3_600.0
    };
    json!({
        "class": of.class,
        "basis": basis,
        "count": of.count,
        key: estimate(&of.rate.times(factor)),
        "requests_of_an_arrival": of.batch.as_ref().map(estimate),
        "dispersion_of_hours": index(of.hourly),
        "dispersion_of_days": index(of.daily),
        "profile": profile.collect::<Vec<_>>(),
        "hold": of.hold.as_ref().map(durations),
        "waits": of.waits.map(|it| json!({
            "served": it.served,
            "unserved": it.unserved,
            "mean_s": it.mean,
            "p50_s": it.p50,
            "p95_s": it.p95,
        })),
        "tenants": of.tenants.map(|it| json!({
            "count": it.count,
            "largest_share": estimate(&it.largest),
            "effective": it.effective,
        })),
    })
}

fn durations(of: &Durations) -> Value {
    let fits = match &of.law {
        Law::Fitted(fits) => fits.iter().map(fit).collect(),
        Law::Equal(_) | Law::TooFew => Vec::new(),
    };
    let equal = match of.law {
        Law::Equal(seconds) => Some(seconds),
        Law::Fitted(_) | Law::TooFew => None,
    };
    json!({
        "ended": of.ended,
        "censored": of.censored,
        "zeros": of.zeros,
        "all_equal_s": equal,
        "fits": fits,
    })
}

fn fit(of: &Fit) -> Value {
    let location = match of.family.name() {
        "lognormal" => "p50_s",
        _ => "mean_s",
    };
    json!({
        "family": of.family.name(),
        location: estimate(&of.location),
        "shape": of.shape.as_ref().map(estimate),
        "log_likelihood": of.log_likelihood,
        "aic": of.aic(),
        "distance": of.goodness.distance,
        "critical_distance": of.goodness.critical,
    })
}

fn provisioning(of: &Provisioning) -> Value {
    json!({
        "attempts": of.attempts,
        "machine": durations(&of.machine),
        "extension": of.extension.as_ref().map(durations),
        "failure": of.failure.as_ref().map(estimate),
        "extension_failure": of.extension_failure.as_ref().map(estimate),
        "longest_s": of.longest,
    })
}
