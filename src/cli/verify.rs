//! `drawdown verify`: exact results against the simulation. The table is the answer, so all of it is printed.

use crate::cli::args::VerifyArgs;
use crate::cli::exit::Exit;
use crate::cli::progress::Bar;
use crate::cli::shell::Line as Command;
use crate::cli::table::table;
use crate::cli::{Failure, paint, say, words};
use crate::experiment::verify::judge::{DIGITS, Judged, KS_MAX, Test, Z_MAX};
use crate::experiment::verify::table::{LEFT_OUT, chosen};
use crate::experiment::verify::{Effort, Line, Row, Verified, replications, verify as hold};
use crate::kernel::random::Seed;
use crate::output::json;

const HEADER: [&str; 7] = [
    "row",
    "what",
    "expected",
    "simulated",
    "95% interval",
    "z",
    "",
];

/// Answers the command.
pub(crate) fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let rows = chosen(&args.only).map_err(|(name, near)| unknown(&name, near))?;
    let effort = Effort {
        seed: Seed(args.seed),
        thorough: args.thorough,
        quick: args.quick,
        threads: args.threads.number,
    };
    let bar = Bar::new(replications(&rows, effort));
    let verified = hold(&rows, effort, &bar);
    bar.end();
    if args.json {
        say(&json::text(&json::verified(&verified, effort)))?;
    } else {
        say(text(&rows, &verified, args).as_bytes())?;
    }
    if verified.interrupted {
        return Err(Failure::Message(format!(
            "interrupted after {} of {}",
            verified.rows,
            words::counted(rows.len(), "row")
        )));
    }
    Ok(if verified.holds() {
        Exit::Answered
    } else {
        Exit::No
    })
}

fn unknown(name: &str, near: Option<&'static str>) -> Failure {
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`drawdown verify` without --only runs and lists every row".to_owned(),
    };
    Failure::Message(format!("there is no row `{name}`\n  help: {help}"))
}

/// The table, how it is judged, what is not in it, and the answer. Where rows were named, their questions and sources
/// come first.
fn text(rows: &[&Row], verified: &Verified, args: &VerifyArgs) -> String {
    let mut text = String::new();
    if !args.only.is_empty() {
        for row in rows {
            let about = format!("{}: {}", row.id, row.about);
            let source = format!("  exact: {}", row.source);
            text += &format!("{}\n{}\n", paint::prose(&about), paint::prose(&source));
        }
        text.push('\n');
    }
    let cells: Vec<Vec<String>> = verified.lines.iter().map(cells).collect();
    let right = ["expected", "simulated", "95% interval", "z"];
    text += &coloured(&table(&HEADER, &right, &cells));
    text += &format!("\n{}\n", paint::prose(&judged_by()));
    if args.only.is_empty() {
        for (what, why) in LEFT_OUT {
            text += &format!("{}\n", paint::prose(&format!("Left out: {what}: {why}.")));
        }
    }
    text += &paint::dim(&format!("reproduce: {}\n", command(args)));
    text + &format!("\n{}\n", paint::prose(&answer(verified)))
}

fn judged_by() -> String {
    let digits = words::number(DIGITS * 1e6);
    format!(
        "A mean or a share holds where |z| is at most {Z_MAX}; a law (KS) where its distance times √n is at most \
         {KS_MAX}; a computed figure (digits) where it differs by at most {digits} millionths of itself."
    )
}

/// How many comparisons hold, the greatest |z|, and which do not hold.
fn answer(verified: &Verified) -> String {
    let held = verified.lines.iter().filter(|line| line.judged.holds);
    let (held, n) = (held.count(), verified.lines.len());
    let rows = words::counted(verified.rows, "row");
    let worst = verified.lines.iter().filter_map(|line| {
        let z = line
            .judged
            .statistic
            .filter(|_| line.judged.test == Test::Z);
        Some((z?, line))
    });
    let worst = worst.max_by(|one, other| one.0.abs().total_cmp(&other.0.abs()));
    let worst = worst.map_or_else(String::new, |(z, line)| {
        format!(
            "; the greatest |z| is {:.2} ({}: {})",
            z.abs(),
            line.row,
            line.what
        )
    });
    let missed = verified.lines.iter().filter(|line| !line.judged.holds);
    let missed: Vec<String> = missed
        .map(|it| format!("{}: {}", it.row, it.what))
        .collect();
    let missed = match missed.is_empty() {
        true => String::new(),
        false => format!("; missed: {}", missed.join(", ")),
    };
    format!("{held} of {n} comparisons in {rows} hold{worst}{missed}")
}

fn command(args: &VerifyArgs) -> String {
    Command::new("verify")
        .flags("only", &args.only)
        .switch_if("thorough", args.thorough)
        .switch_if("quick", args.quick)
        .flag("seed", args.seed)
        .files(&[])
}

/// A verdict in its colour, once it is laid out, where an escape code takes no room any more.
fn coloured(text: &str) -> String {
    text.replace("   MISSED", &format!("   {}", paint::bad("MISSED")))
}

fn cells(line: &Line) -> Vec<String> {
    let Judged {
        expected,
        estimate,
        test,
        statistic,
        holds,
    } = &line.judged;
    let shown = |value: Option<f64>| value.map_or_else(|| words::NONE.to_owned(), digits);
    let interval = match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("{} to {}", digits(low), digits(high)),
        _ => words::NONE.to_owned(),
    };
    let z = match (test, statistic) {
        (Test::Z, Some(z)) => format!("{z:.2}"),
        (Test::KolmogorovSmirnov, Some(it)) => format!("KS {it:.2}"),
        (Test::Digits, _) => "digits".to_owned(),
        (Test::Equal, _) => "equal".to_owned(),
        (_, None) => words::NONE.to_owned(),
    };
    vec![
        line.row.to_owned(),
        line.what.to_owned(),
        digits(*expected),
        shown(estimate.point),
        interval,
        z,
        if *holds { "holds" } else { "MISSED" }.to_owned(),
    ]
}

/// A number with six significant digits, without zeros at its end.
fn digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.5e}");
    let exponent = scientific.split('e').nth(1).and_then(|it| it.parse().ok());
    let behind = (5 - exponent.unwrap_or(0)).clamp(0, 9) as usize;
    let text = format!("{value:.behind$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        for (value, text) in [
            (120.0, "120"),
            (0.451_648_487, "0.451648"),
            (1_042.156_974, "1042.16"),
            (0.000_505_671, "0.000505671"),
            (-2.5, "-2.5"),
            (0.0, "0"),
        ] {
            assert_eq!(digits(value), text);
        }
    }
}
