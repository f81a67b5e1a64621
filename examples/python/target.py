"""How many ready machines does a pool need for so many requests an hour?

    python examples/python/target.py
"""

from pathlib import Path

import drawdown as dd

ROOT = Path(__file__).resolve().parents[2]
POOL = "anywhere/any"


def smallest_target(rate_per_hour: float, risk: float = 0.1) -> tuple[object, object, object]:
    """The smallest target that lasts two hours without new machines, and its 95% interval."""
    scenario = dd.Scenario.load(ROOT / "examples" / "full-outage.yaml")
    demand = {"demand.leases.source.requests.rate": f"{rate_per_hour}/h"}
    sized = dd.size(scenario.with_(set=demand), POOL, risk, replications=200)
    return sized.target, sized.low, sized.high


if __name__ == "__main__":
    for rate in (5.0, 10.0, 15.0):
        target, low, high = smallest_target(rate)
        print(f"{rate:g} requests an hour: {target} ready machines ({low} to {high})")
