"""Scenarios as values, and what is wrong with them."""

import datetime
import multiprocessing
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import FNJ8, POOL

import drawdown as dd

TARGET = f"pools.{POOL}.target"


def failed(scenario: dd.Scenario) -> str:
    """The digest of a few replications, in another process."""
    return dd.ensemble(scenario, 20, seed=3).digest


def test_a_scenario_knows_its_parts(fnj8):
    assert fnj8.name == "FNJ8-VQZ"
    assert POOL in fnj8.pools
    assert fnj8.variants and fnj8.question
    assert fnj8.length_s > 3600


def test_texts_mappings_and_files_give_one_scenario(fnj8):
    parsed = dd.Scenario.parse(FNJ8.read_text(), name=str(FNJ8))
    assert parsed == fnj8 and hash(parsed) == hash(fnj8)
    tree = {"schema": 1, "name": "x"}
    with pytest.raises(dd.ScenarioError):
        dd.Scenario.of(tree)


def test_values_may_be_of_numpy_and_of_datetime(fnj8):
    one = fnj8.with_(set={TARGET: np.int64(16)})
    assert one == fnj8.with_(set=[(TARGET, "16")]) != fnj8
    hours = datetime.timedelta(hours=30)
    assert fnj8.with_(set={"clock.horizon": hours}).length_s == pytest.approx(30 * 3600)
    with pytest.raises(ValueError, match="time zone"):
        fnj8.with_(set={"clock.start": datetime.datetime(2025, 11, 5)})
    with pytest.raises(TypeError, match="object"):
        fnj8.with_(set={TARGET: object()})
    with pytest.raises(ValueError):
        fnj8.with_(set={TARGET: float("nan")})


def test_the_last_value_of_a_path_counts(fnj8):
    twice = fnj8.with_(set={TARGET: 16}).with_(set={TARGET: 20})
    assert twice == fnj8.with_(set={TARGET: 20})


def test_variants_are_read_by_name(fnj8):
    name = fnj8.variants[0]
    variant = fnj8.with_(variant=name)
    assert variant.variant == name and variant != fnj8
    with pytest.raises(dd.ScenarioError, match="no-such"):
        fnj8.with_(variant="no-such")


def test_every_problem_is_a_value_with_its_place():
    bad = FNJ8.read_text().replace("schema: 1", "schema: 1\nunknown_key: 3", 1)
    with pytest.raises(dd.ScenarioError) as caught:
        dd.Scenario.parse(bad, name="bad.yaml", set={TARGET: -1})
    error = caught.value
    assert isinstance(error, ValueError)
    assert len(error.problems) == 2
    paths = {problem.path: problem for problem in error.problems}
    assert paths["unknown_key"].line and paths["unknown_key"].column == 1
    assert error.errors()[0]["path"] in paths
    assert "bad.yaml" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.problems == error.problems


def test_problems_are_those_of_the_command(command, tmp_path):
    broken = FNJ8.read_text().replace("schema: 1", "schema: 1\nunknown_key: 3", 1)
    broken = re.sub(r"target: \d+", "target: -4", broken)
    file = tmp_path / "broken.yaml"
    file.write_text(broken)
    with pytest.raises(dd.ScenarioError) as caught:
        dd.Scenario.load(file)
    said = command.run("validate", file)
    assert said.returncode == 2
    assert str(caught.value).strip() in said.stderr + said.stdout


def test_a_missing_file_is_a_scenario_error():
    with pytest.raises(dd.ScenarioError, match="no-such"):
        dd.Scenario.load("no-such.yaml")


def test_scenarios_are_pickled(fnj8):
    changed = fnj8.with_(set={TARGET: 16})
    assert pickle.loads(pickle.dumps(changed)) == changed


def test_processes_of_their_own_agree(fnj8):
    changed = fnj8.with_(set={TARGET: 16})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(failed, [changed]) == [failed(changed)]


def test_samples_are_pickled_with_their_scenario(uncertain):
    scenario, sample = uncertain
    scenario = scenario.with_(posterior=sample)
    again = pickle.loads(pickle.dumps(scenario))
    assert dd.ensemble(again, 20).digest == dd.ensemble(scenario, 20).digest


def test_files_of_other_folders_are_not_read(tmp_path):
    with pytest.raises(dd.ScenarioError):
        dd.Scenario.load(Path(tmp_path))
