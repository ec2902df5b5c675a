"""A reader's own data as it was read; it lives in that reader's session and nowhere else."""

from dataclasses import dataclass

from linreg import data
from linreg.data.files import csvfile
from linreg.data.files.tables import layout


@dataclass(frozen=True, eq=False)
class Own:
    """A reader's own data as it was read."""

    key: tuple
    name: str
    layout: layout.Layout
    chosen: tuple[int, int]
    columns: csvfile.Columns

    @property
    def dataset(self) -> data.Dataset:
        """The rows that have a number in both columns."""
        x, y = (self.layout.names[index] for index in self.chosen)
        return data.Dataset(self.columns.x, self.columns.y, names=(x, y))
