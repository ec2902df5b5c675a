"""What is trained: how many parameters a run has, what they are called, where they start, what they predict.

A run's state is one vector of parameters. So far there is one model, the line.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from linreg import checks


class Line:
    """The lesson's line: y = weight · x + bias."""

    names: ClassVar[tuple[str, ...]] = ("weight", "bias")  # in the order of the vector
    start: ClassVar[tuple[float, ...]] = (0.0, -1.0)  # as in the lesson

    @classmethod
    def checked(cls, start: Sequence[float]) -> tuple[float, ...]:
        """Return a start, or raise ValueError unless it is a number for each parameter.

        Example:
            >>> Line.checked((1, -1e9))
            Traceback (most recent call last):
            ValueError: `initial_bias` must be a number between -1000000 and 1000000, got -1000000000.0.
        """
        if np.shape(start) != (len(cls.names),):
            raise ValueError(f"`start` must hold {' and '.join(cls.names)}, got {start!r}.")
        named = zip(cls.names, start, strict=True)
        return tuple(checks.number(f"initial_{name}", value) for name, value in named)

    @staticmethod
    def prediction(x, parameters):
        """Return the prediction at every x, in arithmetic that NumPy and TensorFlow share.

        Args:
            x: Of the points, last axis num_points.
            parameters: First axis those of the line; the others broadcast against x.

        Example:
            >>> Line.prediction(np.array([0.0, 10.0]), (0.5, -1.0)).tolist()
            [-1.0, 4.0]
        """
        return parameters[0] * x + parameters[1]
