"""Tables as Arrow, in which rows travel to the browser; and the panels that they are drawn in."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

PANEL = 0.93  # width of a panel, in panel units; the rest is the gap to the next

Table = dict[str, np.ndarray | list | pa.Array]


def ipc(table: Table) -> bytes:
    """Return a table as Arrow IPC bytes."""
    batch = pa.record_batch(table)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def texts(values: Sequence[str]) -> pa.Array:
    """Return a column of texts, which has that type even when there are none."""
    return pa.array(values, pa.string())


def finite(values: np.ndarray) -> pa.Array:
    """Return a column of numbers, null where one is not finite."""
    return pa.array(values, mask=~np.isfinite(values))


def kept_rows(titles: Sequence[str], kept: np.ndarray, **columns: np.ndarray) -> Table:
    """Return a row for each run and record that is kept, run by run.

    Columns have the shape of what is kept, (num_rates, num_records), or are broadcast to it.
    """
    rows = {"run": texts(titles).take(pa.array(np.nonzero(kept)[0]))}
    return rows | {name: np.broadcast_to(one, kept.shape)[kept] for name, one in columns.items()}
