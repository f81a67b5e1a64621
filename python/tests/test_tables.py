"""Tables as data frames of other packages."""

import gc
import resource
import subprocess
import sys
import time

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import POOL

import drawdown as dd


@pytest.fixture(scope="module")
def calm(fnj8: dd.Scenario) -> dd.Table:
    """A table with missing numbers: without an outage no lease fails."""
    return dd.ensemble(fnj8.with_(set={"outages": {}}), 30).table()


def test_readers_agree(found):
    table = found.table()
    arrow, frame, polars = table.to_arrow(), table.to_pandas(), table.to_polars()
    assert arrow.column_names == list(frame.columns) == polars.columns == table.columns
    assert len(table) == len(arrow) == len(frame) == len(polars)
    for name in ("failed_leases", "wait_p95_s"):
        ours = table[name]
        np.testing.assert_array_equal(frame[name], ours)
        np.testing.assert_array_equal(polars[name].to_numpy(), ours)
    assert frame["failed_leases"].dtype == np.float64
    assert frame["replication"].dtype == np.int64
    mean = duckdb.sql(f"select avg(failed_leases) from arrow where pool = '{POOL}'").fetchall()
    assert mean[0][0] == pytest.approx(found.summary(POOL, "failed_leases")["mean"][0])


def test_what_is_missing_is_null(calm):
    name = "first_lease_failure_after_s"
    assert calm.to_arrow()[name].null_count == len(calm)
    assert calm.to_polars()[name].null_count() == len(calm)
    assert calm.to_pandas()[name].isna().all()


def test_units_and_meanings_travel(found):
    metadata = pa.table(found.table()).schema.field("failed_leases").metadata
    assert metadata[b"unit"] == b"requests" and b"rejected" in metadata[b"meaning"]


def test_frames_are_the_users_own(found):
    frame = found.table().to_pandas()
    frame["failed_leases"] += 1
    values = found.values(POOL, "failed_leases")
    values[0] = -1
    assert found.values(POOL, "failed_leases")[0] >= 0
    assert pl.DataFrame(found.table()).equals(found.table().to_polars())
    assert isinstance(frame, pd.DataFrame)


def test_a_notebook_shows_a_table(found):
    html = found.summary()._repr_html_()
    assert html.startswith("<table>") and "The first 20 of" in html
    assert "<th>measure</th>" in html
    assert "rows" in repr(found.summary())


def test_tables_leave_no_memory(found):
    def use() -> None:
        for _ in range(30):
            found.table().to_arrow()
        gc.collect()

    use()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    use()
    use()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000, f"{grown} KiB more"


def test_a_table_of_7000_rows_is_quick(fnj8):
    found = dd.ensemble(fnj8, 1000)
    best = {}
    for reader in ("to_pandas", "to_polars"):
        took = []
        for _ in range(5):
            begin = time.perf_counter()
            getattr(found.table(), reader)()
            took.append(time.perf_counter() - begin)
        best[reader] = min(took)
    # About 20 ms; the machine may be busy.
    assert max(best.values()) < 0.5, best


def test_only_numpy_is_needed():
    code = """
import sys
for name in ("pandas", "polars", "pyarrow"):
    sys.modules[name] = None
import drawdown as dd
table = dd.measures()
for method in ("to_pandas", "to_polars", "to_arrow"):
    try:
        getattr(table, method)()
    except ImportError as error:
        assert "pip install" in str(error)
    else:
        raise SystemExit(method)
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
