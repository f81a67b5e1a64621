"""What is wrong with a scenario."""

from collections import namedtuple

Problem = namedtuple(
    "Problem", ["path", "message", "limit", "help", "source", "line", "column"]
)
Problem.__module__ = "drawdown"
Problem.__doc__ = """One thing that is wrong: where (keys joined by dots), what, the limit, and what to do.

`source` is 0 for the file, and otherwise the number of the value that was set; line and column count from 1.
"""


class ScenarioError(ValueError):
    """A scenario is not valid. Its text shows every problem under its line; `problems` has them as values."""

    def __init__(self, text, problems):
        super().__init__(text, problems)
        self.problems = list(problems)

    def __str__(self):
        return self.args[0]

    def errors(self):
        """The problems as a list of dictionaries."""
        return [problem._asdict() for problem in self.problems]


ScenarioError.__module__ = "drawdown"
