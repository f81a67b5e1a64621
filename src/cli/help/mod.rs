//! `drawdown help`: the help of a command, or a page of the manual.

/// The reference of scenario files and the tables of measures, from their declarations.
pub(crate) mod reference;

/// Pages on a terminal.
pub(crate) mod render;

use crate::cli::args::{HelpArgs, commands, help_of};
use crate::cli::exit::Exit;
use crate::cli::{Failure, paint, say};
use crate::manual::PAGES;
use crate::scenario::text::read::nearest;

/// What stands below the list of commands.
pub(crate) const TOPICS_HELP: &str = "\
Manual: drawdown help TOPIC, where TOPIC is one of
  first-hour    install, first scenario, first answers
  incidents     published incidents; facts; checks in CI
  scenario      every key of a scenario file
  semantics     the simulated world, and the order of its events
  outputs       files and measures
  statistics    intervals, pairing, stopping, sizing
  cluster       one ensemble or sweep on many machines; replications too many to keep
  calibration   unknown values from published facts or your own logs; answers with a posterior; sensitivity
  policies      twelve pool managers in one outage
  limits        what a scenario may hold and cost; what the model leaves out
  contributing  where new measures, effects, sources and commands go";

/// Answers the command. A page goes to a terminal with its headings and tables laid out, and elsewhere as
/// it is written.
pub(crate) fn help(args: &HelpArgs) -> Result<Exit, Failure> {
    let Some(topic) = &args.topic else {
        return Err(help_of(None).unwrap_or(Failure::Closed));
    };
    if let Some(page) = PAGES.iter().find(|page| page.topic == topic) {
        let text = reference::filled(page.text);
        let text = match paint::width() {
            Some(width) => render::laid_out(&text, width),
            None => text,
        };
        say(text.as_bytes())?;
        return Ok(Exit::Answered);
    }
    Err(help_of(Some(topic)).unwrap_or_else(|| unknown(topic)))
}

/// Says that there is no such topic, and which name is near.
fn unknown(topic: &str) -> Failure {
    let commands = commands();
    let topics = PAGES.iter().map(|page| page.topic);
    let names: Vec<&str> = topics.chain(commands.iter().map(String::as_str)).collect();
    let help = match nearest(topic, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`drawdown help` lists commands and topics".to_owned(),
    };
    Failure::Message(format!(
        "there is no command or topic `{topic}`\n  help: {help}"
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn pages_hold_what_is_generated() {
        for page in PAGES {
            let filled = reference::filled(page.text);
            let file = Path::new("src/manual").join(format!("{}.md", page.topic));
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::write(&file, &filled).expect("a page");
            } else {
                let written = std::fs::read_to_string(&file).expect("a page");
                assert!(
                    written == filled,
                    "{} is not what the declarations say; UPDATE_GOLDEN=1 rewrites it",
                    file.display()
                );
            }
        }
    }

    #[test]
    fn topics_are_no_commands_and_begin_with_a_heading() {
        for page in PAGES {
            assert!(
                !commands().contains(&page.topic.to_owned()),
                "{}",
                page.topic
            );
            assert!(page.text.starts_with("# "), "{}", page.topic);
        }
    }
}
