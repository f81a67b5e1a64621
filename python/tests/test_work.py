"""Long work: signals, threads, progress."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import FNJ8

import drawdown as dd


def test_ctrl_c_ends_a_million_replications():
    code = f"""
import drawdown as dd, sys, time
scenario = dd.Scenario.load({str(FNJ8)!r})
print("ready", flush=True)
try:
    dd.ensemble(scenario, 1_000_000, measures=["failed_leases"])
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
print(dd.ensemble(scenario, 3).replications)
"""
    line = [sys.executable, "-c", code]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        ended = float(process.stdout.readline())
        assert process.stdout.readline() == "3\n"
    # About a tenth of a second; the machine may be busy.
    assert ended - sent < 5


def test_other_threads_run_meanwhile(fnj8):
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    dd.ensemble(fnj8, 300, threads=1)
    meanwhile = counted - before
    done.set()
    thread.join()
    assert meanwhile > 10_000


def test_two_threads_get_one_digest(fnj8):
    digests = []

    def work() -> None:
        digests.append(dd.ensemble(fnj8, 50, seed=9).digest)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(digests)) == 1 and len(digests) == 2


def test_progress_is_reported_and_may_end_the_work(fnj8):
    seen: list[int] = []
    dd.ensemble(fnj8, 100, progress=seen.append)
    assert seen[-1] == 100 and seen == sorted(seen)

    class Enough(Exception):
        pass

    def enough(_: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        dd.ensemble(fnj8, 1_000_000, measures=["failed_leases"], progress=enough)


def test_a_function_of_keyword_arguments(fnj8):
    """As the EMA workbench, SALib and scipy call a model."""

    def model(target: int, failure: float) -> dict[str, float]:
        paths = {"pools.westus2/ubuntu.target": target}
        scenario = fnj8.with_(set=paths)
        found = dd.ensemble(scenario, 20, measures=["failed_leases"])
        return {"failed": failure * float(found.values("westus2/ubuntu", "failed_leases").mean())}

    assert model(target=4, failure=1.0)["failed"] >= model(target=40, failure=1.0)["failed"]
