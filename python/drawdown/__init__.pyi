from ._drawdown import Check as Check
from ._drawdown import Comparison as Comparison
from ._drawdown import Ensemble as Ensemble
from ._drawdown import Outcome as Outcome
from ._drawdown import Posterior as Posterior
from ._drawdown import Scenario as Scenario
from ._drawdown import Sizing as Sizing
from ._drawdown import Sweep as Sweep
from ._drawdown import Table as Table
from ._drawdown import __version__ as __version__
from ._drawdown import calibrate as calibrate
from ._drawdown import check as check
from ._drawdown import compare as compare
from ._drawdown import ensemble as ensemble
from ._drawdown import expected_value as expected_value
from ._drawdown import measures as measures
from ._drawdown import priors as priors
from ._drawdown import run as run
from ._drawdown import size as size
from ._drawdown import sweep as sweep
from ._errors import Problem as Problem
from ._errors import ScenarioError as ScenarioError

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
