from typing import NamedTuple

class Problem(NamedTuple):
    path: str
    message: str
    limit: str | None
    help: str | None
    source: int
    line: int | None
    column: int | None

class ScenarioError(ValueError):
    problems: list[Problem]
    def __init__(self, text: str, problems: list[Problem]) -> None: ...
    def errors(self) -> list[dict[str, object]]: ...
