"""What is to be fitted, and what is known of it beforehand."""

from dataclasses import dataclass

from linreg import data
from linreg.data.scaling import Scaling
from linreg.theory.noise import BatchNoise
from linreg.theory.quadratic import Quadratic


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be fitted, and what is known of it beforehand."""

    key: tuple  # differs from that of any other problem of its owner
    original: data.Dataset  # the points as they came
    scaling: Scaling  # what was done to them
    points: data.Dataset  # what is trained on
    noise: BatchNoise  # the loss of those, and what mini-batches make of it
    unscaled: Quadratic | None  # of the original points; None where they differ too little

    @property
    def quadratic(self) -> Quadratic:
        """The loss of the points that are trained on."""
        return self.noise.quadratic

    @classmethod
    def of(cls, key: tuple, original: data.Dataset, scale: str, scaled: str) -> "Problem":
        """Scale the points, and find out what is known of them.

        Raises:
            ValueError: If no line fits them best.
        """
        scaling = Scaling.of(original.x, original.y, scale, scaled)
        x, y = scaling.points(original.x, original.y)
        line = original.line and scaling.line(*original.line)
        noise = BatchNoise.of(x, y)
        try:
            unscaled = noise.quadratic if scaling.is_raw else Quadratic.of(original.x, original.y)
        except ValueError:
            unscaled = None
        points = data.Dataset(x, y, line, original.names)
        return cls(key, original, scaling, points, noise, unscaled)
