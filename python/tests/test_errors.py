"""Wrong arguments: ValueError for values, KeyError for names, and no panic."""

import pytest
from conftest import POOL

import drawdown as dd


@pytest.mark.parametrize(
    "wrong",
    [
        {"replications": 0},
        {"replications": -1},
        {"replications": 10**30},
        {"seed": -1},
        {"seed": 2**64},
        {"threads": 0},
        {"precision": 0.0},
        {"precision": float("nan")},
    ],
)
def test_numbers_out_of_range_are_value_errors(fnj8, wrong):
    with pytest.raises(ValueError) as caught:
        dd.ensemble(fnj8, **wrong)
    assert next(iter(wrong)) in str(caught.value)


def test_names_that_do_not_exist_are_key_errors_that_suggest(fnj8, found):
    with pytest.raises(KeyError, match="did you mean `westus2/ubuntu`"):
        found.values("westus2/ubunt", "failed_leases")
    with pytest.raises(KeyError, match="did you mean `failed_leases`"):
        found.values(POOL, "failed_lease")
    with pytest.raises(KeyError, match="did you mean `failed_leases`"):
        dd.sweep(fnj8, {f"pools.{POOL}.target": [4]}, 10, measures=["failed_lease"])
    with pytest.raises(KeyError, match="there is no column"):
        found.table()["nothing"]
    with pytest.raises(KeyError, match="no survival curve"):
        found.survival(POOL, "failed_leases")
    with pytest.raises(KeyError):
        found.summary("nowhere")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"risk": 0.0}, "risk"),
        ({"risk": 1.5}, "risk"),
        ({"replications": 5}, "too few"),
        ({"at_most": 1.0, "at_least": 1.0}, "not both"),
        ({"measure": "hit_rate"}, "less is better"),
        ({"measure": "failed_leases", "at_least": 1.0}, "more is better"),
        ({"at_most": float("inf")}, "finite"),
        ({"price": -1.0}, "price"),
    ],
)
def test_sizes_that_make_no_sense_are_value_errors(fnj8, wrong, says):
    with pytest.raises(ValueError, match=says):
        dd.size(fnj8, POOL, **wrong)


def test_without_an_outage_there_is_nothing_to_size(fnj8):
    calm = fnj8.with_(set={"outages": {}})
    with pytest.raises(ValueError, match="nothing to"):
        dd.size(calm, POOL, 0.2, 20)


def test_designs_are_checked(fnj8):
    axes = {f"pools.{POOL}.target": "4..12:1"}
    with pytest.raises(ValueError, match="points"):
        dd.sweep(fnj8, axes, 10, design="sobol")
    with pytest.raises(ValueError, match="grid"):
        dd.sweep(fnj8, axes, 10, design="random")
    with pytest.raises(dd.ScenarioError, match="nowhere"):
        dd.sweep(fnj8, {"pools.nowhere.target": [1]}, 10)
    assert dd.sweep(fnj8, axes, 5, design="sobol", points=4).cells == 4


def test_types_are_type_errors(fnj8):
    with pytest.raises(TypeError):
        dd.ensemble("scenario.yaml")
    with pytest.raises(TypeError):
        dd.ensemble(fnj8, 10.5)


def test_no_panic_crosses(fnj8):
    """PyO3's PanicException is no Exception; whatever is wrong here must be one."""
    calls = [
        lambda: dd.Scenario.parse("\0"),
        lambda: dd.Scenario.parse("a: *b"),
        lambda: dd.Scenario.of({}),
        lambda: dd.run(fnj8, replication=-1),
        lambda: dd.compare(fnj8, []),
        lambda: dd.compare(fnj8, "nobody"),
        lambda: dd.size(fnj8, POOL, 0.2, 20, path="pools"),
        lambda: dd.size(fnj8, POOL, 0.2, 20, levels=[]),
        lambda: dd.sweep(fnj8, {"": ""}, 5),
        lambda: dd.sweep(fnj8, {}, 5),
        lambda: dd.calibrate(fnj8, rows=0),
        lambda: dd.check([]).table().to_pandas,
    ]
    for call in calls:
        try:
            call()
        except Exception as error:
            assert "fault of drawdown" not in str(error)
