"""How long do pools of ready machines last when the cloud provider stops provisioning?

>>> import drawdown as dd
>>> s = dd.Scenario.load("scenarios/fnj8-vqz.yaml")
>>> dd.ensemble(s, replications=1000, seed=1).summary("westus2/ubuntu").to_pandas()

Columns have the names of the files that the command writes, with units in them. What is missing is null, or NaN.
"""

from ._drawdown import (
    Check,
    Comparison,
    Ensemble,
    Outcome,
    Posterior,
    Scenario,
    Sizing,
    Sweep,
    Table,
    __version__,
    calibrate,
    check,
    compare,
    ensemble,
    expected_value,
    measures,
    priors,
    run,
    size,
    sweep,
)
from ._errors import Problem, ScenarioError

__all__ = [
    "Check",
    "Comparison",
    "Ensemble",
    "Outcome",
    "Posterior",
    "Problem",
    "Scenario",
    "ScenarioError",
    "Sizing",
    "Sweep",
    "Table",
    "__version__",
    "calibrate",
    "check",
    "compare",
    "ensemble",
    "expected_value",
    "measures",
    "priors",
    "run",
    "size",
    "sweep",
]
