"""Paths of the repository, and the command of the same build."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import drawdown as dd

ROOT = Path(__file__).resolve().parents[2]
FNJ8 = ROOT / "scenarios" / "fnj8-vqz.yaml"
POOL = "westus2/ubuntu"


class Command:
    """The command `drawdown`."""

    def __init__(self, program: str) -> None:
        self.program = program

    def json(self, *arguments: object) -> dict:
        done = self.run(*arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        line = [self.program, *map(str, arguments)]
        return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def command() -> Command:
    """Named by DRAWDOWN; tests that need it are skipped where there is none."""
    program = os.environ.get("DRAWDOWN") or shutil.which("drawdown")
    if program is None:
        pytest.skip("set DRAWDOWN to the command to compare with")
    return Command(program)


@pytest.fixture(scope="session")
def fnj8() -> dd.Scenario:
    return dd.Scenario.load(FNJ8)


@pytest.fixture(scope="session")
def found(fnj8: dd.Scenario) -> dd.Ensemble:
    return dd.ensemble(fnj8, 100, seed=1)


@pytest.fixture(scope="session")
def uncertain() -> tuple[dd.Scenario, dd.Posterior]:
    """A scenario with unknown values, and a sample of them given its facts."""
    scenario = dd.Scenario.load(ROOT / "scenarios" / "rnq2-nc8.yaml")
    return scenario, dd.calibrate(scenario, rows=50, budget=1500)
