//! The `drawdown` command.

fn main() -> std::process::ExitCode {
    drawdown::cli::main()
}
