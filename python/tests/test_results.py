"""Results are those of the command, float for float."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from conftest import FNJ8, POOL, ROOT

import drawdown as dd

TARGET = f"pools.{POOL}.target"
TARGET_OF_ALL = "pools.anywhere/any.target"


def equal(table: dd.Table, file: Path) -> None:
    """A table has the columns and the values of a CSV file."""
    with file.open(newline="") as lines:
        header, *rows = csv.reader(lines)
    assert table.columns == header
    assert len(table) == len(rows)
    for place, name in enumerate(header):
        ours, theirs = table[name], [row[place] for row in rows]
        if isinstance(ours, list):
            assert [it or "" for it in ours] == theirs, name
        else:
            numbers = np.array([float(it) if it else math.nan for it in theirs])
            np.testing.assert_array_equal(np.asarray(ours, dtype=float), numbers, name)


def test_an_ensemble_is_that_of_the_command(command, tmp_path):
    said = command.json("ensemble", "-n", 200, "--seed", 5, "--out", tmp_path / "out", FNJ8)
    scenario = dd.Scenario.load(FNJ8)
    for threads in (1, 2):
        found = dd.ensemble(scenario, 200, seed=5, threads=threads)
        assert found.digest == said["digest"]
        assert (found.replications, found.stopped) == (200, "count")
    equal(found.table(), tmp_path / "out" / "replications.csv")
    equal(found.summary(), tmp_path / "out" / "summary.csv")
    equal(found.levels(), tmp_path / "out" / "fan.csv")
    equal(found.incidents(), tmp_path / "out" / "incidents.csv")
    equal(found.classes(), tmp_path / "out" / "classes.csv")


def test_one_replication_is_that_of_the_command(command, tmp_path):
    command.json("run", "--seed", 5, "--replication", 3, "--out", tmp_path / "run", FNJ8)
    outcome = dd.run(dd.Scenario.load(FNJ8), seed=5, replication=3)
    for name in ("measures", "levels", "dependencies"):
        equal(getattr(outcome, name)(), tmp_path / "run" / f"{name}.csv")
    assert len(outcome.events()) > 100
    command.json("run", "--expected-value", "--out", tmp_path / "mean", FNJ8)
    equal(dd.expected_value(dd.Scenario.load(FNJ8)).levels(), tmp_path / "mean" / "levels.csv")


def test_a_sweep_is_that_of_the_command(command, tmp_path):
    out = tmp_path / "sweep"
    vary = f"{TARGET}=4..12:4"
    command.json("sweep", "--vary", vary, "-n", 30, "--measure", "failed_leases", "--out", out, FNJ8)
    scenario = dd.Scenario.load(FNJ8)
    for values in ("4..12:4", range(4, 13, 4)):
        swept = dd.sweep(scenario, {TARGET: values}, 30, measures=["failed_leases"])
        assert swept.cells == 3
        equal(swept.table(), out / "sweep.csv")
    assert swept.table()[TARGET].dtype == np.int64


def test_a_comparison_is_that_of_the_command(command, tmp_path):
    said = command.json("compare", "-n", 40, "--out", tmp_path / "compare", FNJ8)
    scenario = dd.Scenario.load(FNJ8)
    compared = dd.compare(scenario, replications=40)
    assert compared.variants == [it["variant"] for it in said["variants"]] == scenario.variants
    assert list(map(list, compared.digests)) == [it["digests"] for it in said["variants"]]
    equal(compared.table(), tmp_path / "compare" / "compare.csv")
    more = dd.compare(scenario, {"more": scenario.with_(set={TARGET: 40})}, 40)
    assert more.variants == ["more"]


def test_a_size_is_that_of_the_command(command, tmp_path):
    said = command.json(
        "size", "--pool", POOL, "--risk", "10%", "-n", 50, "--out", tmp_path / "size", FNJ8
    )
    found = dd.size(dd.Scenario.load(FNJ8), POOL, 0.1, 50)
    (buffer,) = said["buffers"]
    assert str(found.target) == str(buffer["level"])
    assert found.low <= found.target <= found.high
    with (tmp_path / "size" / "size.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = found.table()
    assert table.columns == list(rows[0])
    shares = [float(row["does_share"]) if row["does_share"] else math.nan for row in rows]
    np.testing.assert_array_equal(table["does_share"], shares)


def test_published_facts_hold(fnj8):
    checked = dd.check([FNJ8], 200)
    assert checked.passed and checked
    assert all(checked.table()["holds"][np.array(checked.table()["use"]) == "fit"])
    assert dd.check(fnj8, 200).passed


def test_what_is_missing_is_nan_and_never_0(found):
    after = found.values(POOL, "first_lease_failure_after_s")
    table = found.summary(POOL, "first_lease_failure_after_s")
    assert after.dtype == np.float64 and len(after) == found.replications == len(found)
    assert table["present_n"][0] == np.count_nonzero(~np.isnan(after))
    calm = found.scenario.with_(set={"outages": {}})
    never = dd.ensemble(calm, 10).values(POOL, "first_lease_failure_after_s")
    assert np.isnan(never).all()


def test_survival_begins_at_the_beginning(found):
    curve = found.survival(POOL, "first_lease_failure_after_s")
    assert set(curve["pool"]) == {POOL}
    shares = curve["survival_share"]
    assert (np.diff(shares) <= 0).all() and (shares <= 1).all()


def test_measures_that_are_not_kept_are_not_there(fnj8):
    found = dd.ensemble(fnj8, 10, measures=["failed_leases"], pool=POOL)
    assert found.table().columns == ["replication", "pool", "failed_leases"]
    assert found.digest == dd.ensemble(fnj8, 10).digest


def test_a_precision_ends_early(fnj8):
    found = dd.ensemble(fnj8, 5000, precision=0.2, measures=["failed_leases"], pool=POOL)
    assert found.stopped == "precise" and found.replications < 5000


def test_the_list_of_measures_has_units_and_meanings():
    table = dd.measures()
    known = dict(zip(table["name"], table["unit"]))
    assert known["failed_leases"] == "requests" and known["hit_rate"] == "share"


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_any_seed_of_64_bits_is_taken(fnj8, seed):
    assert dd.ensemble(fnj8, 1, seed=seed).seed == seed


def test_unknown_values_are_sampled_given_facts(uncertain):
    scenario, sample = uncertain
    assert len(sample) == len(sample.table()) == 50
    assert sample.table()[sample.paths[0]].dtype == np.int64
    found = dd.ensemble(scenario.with_(posterior=sample), 20)
    assert "mean_ignorance_low" in found.summary().columns


def test_unknown_values_are_sampled_from_their_priors():
    prior = {"path": TARGET_OF_ALL, "basis": "reasoned", "prior": {"uniform": [20, 40]}, "why": "?"}
    scenario = dd.Scenario.load(
        ROOT / "examples" / "full-outage.yaml", set={"assumptions": [prior]}
    )
    sample = dd.priors(scenario, seed=2)
    targets = sample.table()[TARGET_OF_ALL]
    assert sample.paths == [TARGET_OF_ALL] and len(sample) > 1000
    assert targets.min() >= 20 and targets.max() <= 40
    with pytest.raises(ValueError, match="prior"):
        dd.priors(dd.Scenario.load(ROOT / "examples" / "full-outage.yaml"))
