"""What is trained: how many parameters a run has, what they are called, where they start, what they predict.

A run's state is one vector of parameters. So far there is one model, the line.
"""

from typing import ClassVar


class Line:
    """The lesson's line: y = weight · x + bias.

    Attributes:
        names: Of the parameters, in the order in which the vector holds them.
        start: Where they start, as in the lesson.
    """

    names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    start: ClassVar[tuple[float, ...]] = (0.0, -1.0)

    @staticmethod
    def prediction(x, parameters):
        """Return the prediction at every x, in arithmetic that NumPy and TensorFlow share.

        Args:
            x: Of the points, last axis num_points.
            parameters: First axis those of the line; the others broadcast against x.

        Example:
            >>> import numpy as np
            >>> Line.prediction(np.array([0.0, 10.0]), (0.5, -1.0)).tolist()
            [-1.0, 4.0]
        """
        return parameters[0] * x + parameters[1]
