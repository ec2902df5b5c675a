"""Tables as Arrow, in which rows travel to the browser; and the panels that they are drawn in."""

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
