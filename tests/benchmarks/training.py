"""How fast training is, beside its peers, and how its cost grows.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.training [growth.svg]

Every row is the same work in the same process: float64, the same histories kept, checked against
the theory before anything is timed. The ratios count, not the seconds. With a file's name the
growth is drawn there.
"""

from tests.benchmarks.peers import (
    ONE_BY_ONE,
    PEERS,
    START,
    Histories,
    ours,
)  # PyTorch before TensorFlow
from tests.runs import path_of

# isort: split

import datetime
import importlib.metadata
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import altair as alt
import numpy as np

from linreg import data, training
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam
from linreg.theory import Quadratic

RATES = (0.005, 0.5, 0.62)
MANY = tuple(np.geomspace(1e-3, 0.7, 256).tolist())
WORK = (  # rates, steps, points
    (RATES, 200, 100),
    (RATES, 10_000, 100),
    (MANY, 1_000, 100),
    (RATES, 200, 1_000_000),
    (RATES, 2_000_000, 100),
)
RECORDS = 2_000
PATIENCE = 6.0  # seconds for one call; a peer that takes longer does a part of the steps
GROWTH = {  # what grows: its sizes, and the work at each
    "rates": (
        (1, 4, 16, 64, 256, 1_024),
        lambda n: (np.geomspace(1e-3, 0.7, n).tolist(), 200, 100),
    ),
    "steps": ((100, 1_000, 10_000, 100_000, 1_000_000), lambda n: (RATES, n, 100)),
    "points": ((100, 1_000, 10_000, 100_000, 1_000_000), lambda n: (RATES, 200, n)),
}
GROWING = {"ours": "#0072B2", "JAX (`jit`, `vmap`, `scan`)": "#D55E00"}
GROWING |= {"NumPy, all rates at once": "#009E73", "PyTorch": "#CC79A7"}


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def apart(steps: int) -> int:
    """Return how many steps apart the history is kept."""
    return max(1, steps // RECORDS)


def check(name: str, found: Histories, quadratic: Quadratic, rates: tuple, steps: int) -> None:
    """Fail unless a peer has done the work: every record where the theory says."""
    expected = path_of(quadratic, rates, np.arange(0, steps + 1, apart(steps)), START)
    for seen, wanted in zip(found, expected, strict=True):
        if not np.allclose(seen, wanted, rtol=1e-7, atol=1e-12):
            raise AssertionError(f"{name} has not done the same work: {seen} and not {wanted}.")


def measure(peer: Callable, name: str, rates: tuple, steps: int, points: int) -> tuple[float, int]:
    """Return the seconds of the whole work, and which part of it was done: one in so many."""
    line = data.make_line(num_points=points)
    fewer = 1
    if peer in ONE_BY_ONE and len(rates) > 4:
        fewer = len(rates) // 2
        rates = rates[::fewer]
    few = min(steps, 20)
    pace = seconds(lambda: peer(line.x, line.y, rates, few, 1), 1) / few
    part = next((p for p in (1, 10, 100, 1_000) if p * PATIENCE > pace * steps), 10_000)
    done = steps if peer is ours or part == 1 else max(steps // part, 40)

    def work(count: int) -> Histories:
        return peer(line.x, line.y, rates, count, apart(count))

    check(name, work(done), Quadratic.of(line.x, line.y), rates, done)
    spent = seconds(lambda: work(done), 1)
    if spent < PATIENCE / 3:
        spent = seconds(lambda: work(done), min(int(PATIENCE / spent) + 2, 50))
    if done < steps:  # what it costs to begin counts once
        half = seconds(lambda: work(done // 2), 3)
        spent += (spent - half) / (done - done // 2) * (steps - done)
    return spent * fewer, steps // done * fewer


def heading() -> str:
    """Return date, machine and versions."""
    cpu = "unknown processor"
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            cpu = text.partition(":")[2].strip()
    packages = ("tensorflow", "keras", "torch", "jax", "numpy")
    versions = [f"{package} {importlib.metadata.version(package)}" for package in packages]
    today = datetime.datetime.now(datetime.UTC).date()
    return (
        f"{today}, {os.cpu_count()} cores of {cpu}, Python {platform.python_version()}, "
        f"{', '.join(versions)}."
    )


def told(spent: float) -> str:
    """Return a time as people say it."""
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if spent >= 2 * size or unit == "ms":
            return f"{rounded(spent / size)} {unit}"
    return ""


def marked(part: int) -> str:
    """Return which part was measured, if it was not the whole."""
    return f" (1/{part:,} measured)" if part > 1 else ""


def rounded(value: float) -> str:
    """Return a number with three digits."""
    digits = float(f"{value:.3g}")
    return f"{digits:,.0f}" if digits >= 100 else f"{digits:g}"


def beside_peers() -> None:
    """Print what each peer takes for each piece of work."""
    columns = []
    for rates, steps, points in WORK:
        own, _ = measure(ours, "ours", rates, steps, points)
        cells = {"ours": f"{told(own)}"}
        for name, peer in PEERS.items():
            spent, part = measure(peer, name, rates, steps, points)
            cells[name] = f"{told(spent)}{marked(part)}, **{rounded(spent / own)} ×**"
            print(f"  {len(rates)} × {steps} × {points} {name}: {cells[name]}", file=sys.stderr)
        columns.append(cells)
    names = [f"{len(rates)} × {steps:,} × {points:,}" for rates, steps, points in WORK]
    print("| rates × steps × points | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for name in ("ours", *PEERS):
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")
    print()


def many_rates() -> None:
    """Print what Adam and mini-batches take for 256 rates, beside plain steps."""
    line, rates = data.make_line(), np.geomspace(1e-3, 0.5, 256)

    def train(num_shuffles: int = 1, **ways) -> float:
        phase = Phase(rates, 1_000, **ways)
        return seconds(
            lambda: training.train_phases(
                line.x, line.y, [phase], START, num_shuffles=num_shuffles
            ),
            8,
        )

    plain = train()
    rows = {
        "plain": plain,
        "Adam": train(rule=Adam()),
        "mini-batches of 10": train(batch_size=10),
        "mini-batches of 10, ten shuffles": train(10, batch_size=10),
    }
    print("| ours, 256 rates × 1,000 steps × 100 points | time | × plain |\n|---|---|---|")
    for name, spent in rows.items():
        print(f"| {name} | {told(spent)} | {rounded(spent / plain)} |")
    print()


def growth(path: str) -> None:
    """Print how the cost grows with each of rates, steps and points, and draw it."""
    rows = []
    print("| what grows | from, to | times as many | " + " | ".join(GROWING) + " |")
    print("|---" * (len(GROWING) + 3) + "|")
    for what, (sizes, work) in GROWTH.items():
        cells = []
        for name in GROWING:
            peer = ours if name == "ours" else PEERS[name]
            times, parts = zip(*(measure(peer, name, *work(size)) for size in sizes), strict=True)
            rows += [
                {"what": what, "size": size, "seconds": spent, "name": name.replace("`", "")}
                for size, spent in zip(sizes, times, strict=True)
            ]
            grown = f"{told(times[0])} → {told(times[-1])}{marked(parts[-1])}"
            cells.append(f"{grown}, {rounded(times[-1] / times[0])} ×")
        ends = f"{sizes[0]:,}, {sizes[-1]:,}"
        print(f"| {what} | {ends} | {sizes[-1] // sizes[0]:,} | " + " | ".join(cells) + " |")
    print()
    if path:
        draw(rows).save(path)


def draw(rows: list[dict]) -> alt.HConcatChart:
    """Return the growth as three panels, both axes on a log scale."""
    names = [name.replace("`", "") for name in GROWING]
    tens = {"values": [10.0**power for power in range(-5, 7)]}
    panels = [
        alt.Chart(alt.Data(values=[row for row in rows if row["what"] == what]), title=what)
        .mark_line(point=True, strokeWidth=3)
        .encode(
            alt.X("size:Q", title=f"number of {what}").scale(type="log").axis(format="~s", **tens),
            alt.Y("seconds:Q", title="seconds").scale(type="log").axis(format="~g", **tens),
            alt.Color("name:N", title=None)
            .scale(domain=names, range=list(GROWING.values()))
            .legend(orient="bottom", labelLimit=400),
        )
        .properties(width=260, height=240)
        for what in GROWTH
    ]
    return (
        alt.hconcat(*panels, background="white")
        .resolve_scale(y="shared")
        .configure_axis(labelFontSize=14, titleFontSize=14, gridColor="#e5e5e5")
        .configure_title(fontSize=16)
        .configure_legend(labelFontSize=14)
    )


def main(path: str) -> None:
    """Print the tables."""
    print(heading() + "\n")
    beside_peers()
    many_rates()
    growth(path)


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
