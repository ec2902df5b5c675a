"""How long reading a stranger's file takes, beside pandas: on the page, and in the terminal.

    python -m tests.benchmarks.reading [OTHER_CHECKOUT ...]

Each reader has a process of its own, which reads the same file from the disk; they take turns five
times, and the least counts. Another checkout of this project, an older one say, is measured beside
this one. The last file is ten times as long, and read as in the terminal.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[2]
NUM_ROWS, TURNS = 1_000_000, 5
PREPARE = """
import io, sys, time
from pathlib import Path
{imports}
data, sep, mark = Path(sys.argv[1]).read_bytes(), sys.argv[2], sys.argv[3]
begun = time.perf_counter()
{read}
print(time.perf_counter() - begun)
"""
NOW = """
from linreg.data.files import csvfile, datafile
from linreg.data.files.tables import layout
from linreg.data.files.text import rawtext
"""
# A checkout from before the rooms has all modules in one hall.
IMPORTS = f"""
try:
    import linreg.data.files
except ImportError:
    from linreg import csvfile, datafile, layout, rawtext
else:{NOW.replace(chr(10), chr(10) + "    ").rstrip()}
"""
PAGE = (
    IMPORTS,
    "text = rawtext.opened(data).text; csvfile.read(text, layout.layout_of(text), 0, 1)",
)
TERMINAL = (IMPORTS, "datafile.summarise(Path(sys.argv[1]))")
PANDAS = (
    "import pandas",
    "pandas.read_csv(io.BytesIO(data), sep=sep, decimal=mark)",
)


def files(folder: Path) -> dict[str, tuple[Path, str, str]]:
    """Write the files to read; return the path, the delimiter and the decimal mark of each."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1000, NUM_ROWS)
    y = 3 * x + rng.normal(size=NUM_ROWS)
    pairs = list(zip(x.tolist(), y.tolist(), strict=True))
    points = [f"{a:.6f},{b:.6f}\n" for a, b in pairs]
    commas = [row.replace(",", ";").replace(".", ",") for row in points]
    gaps = [row if k % 50 else "NA,\n" for k, row in enumerate(points)]
    quoted = [f'"{a:.6f}","{b:.6f}"\n' for a, b in pairs]
    made = {}
    for name, rows, header, delimiter, mark in (
        ("two decimal numbers a row", points, "x,y\n", ",", "."),
        ("the same with decimal commas", commas, "x;y\n", ";", ","),
        ("every fiftieth row missing", gaps, "x,y\n", ",", "."),
        ("every cell quoted", quoted, "x,y\n", ",", "."),
    ):
        path = folder / f"{len(made)}.csv"
        path.write_text(header + "".join(rows))
        made[name] = path, delimiter, mark
    path = folder / "large.csv"
    path.write_text("x,y\n" + "".join(points) * 10)
    return made | {"ten times the first, in the terminal": (path, ",", ".")}


def seconds(home: Path, work: tuple[str, str], file: tuple[Path, str, str]) -> float:
    """Return how long a process of this checkout takes to read a file, once it is ready to."""
    program = PREPARE.format(imports=work[0], read=work[1])
    words = [sys.executable, "-c", program, *map(str, file)]
    env = {**os.environ, "PYTHONPATH": str(home)}
    told = subprocess.run(words, env=env, cwd=home, check=True, capture_output=True, text=True)
    return float(told.stdout.split()[-1])


def main(others: list[str]) -> None:
    """Print the seconds of each reader, and how many times as long as pandas it takes."""
    checkouts = {"this": HERE} | {other: Path(other).resolve() for other in others}
    with tempfile.TemporaryDirectory() as folder:
        for name, file in files(Path(folder)).items():
            ours = TERMINAL if "terminal" in name else PAGE
            readers = {"pandas": (HERE, PANDAS)} | {k: (v, ours) for k, v in checkouts.items()}
            taken = {reader: [] for reader in readers}
            for _ in range(TURNS if ours is PAGE else 2):
                for reader, (home, work) in readers.items():
                    taken[reader].append(seconds(home, work, file))
            least = {reader: min(times) for reader, times in taken.items()}
            print(f"{name}, {file[0].stat().st_size / 1e6:.0f} MB")
            for reader, time in least.items():
                print(f"  {reader:40} {time:8.3f} s  {time / least['pandas']:6.2f} ×")


if __name__ == "__main__":
    main(sys.argv[1:])
