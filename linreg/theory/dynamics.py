"""What each step does to the error with plain steps, momentum and Nesterov: exact, all three.

Along an eigenvector of the Hessian the error and its velocity are two numbers, and a step multiplies
them by one 2 × 2 matrix. Its two roots say everything: both inside the unit circle, the run
converges; a complex pair, it swings.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from linreg.runs.model import Line
from linreg.runs.rules import Momentum, Nesterov, Plain, Rule
from linreg.theory.quadratic import Goal, Quadratic, Zone

SCAN = 32_768  # steps looked at one by one: momentum 0.999 swings no longer
AT_ONCE = 1_024


@dataclass(frozen=True, eq=False)
class Dynamics:
    """Gradient descent on a quadratic with plain steps, or with momentum."""

    quadratic: Quadratic  # the loss
    rule: Rule = field(default_factory=Plain)

    def __post_init__(self) -> None:
        if type(self.rule) not in (Plain, Momentum, Nesterov):
            raise ValueError(
                f"`rule` must be plain, momentum or nesterov, got {self.rule.kind}: no formula "
                "says where it goes."
            )

    @property
    def momentum(self) -> float:
        """The share of the velocity that a step keeps; 0 for plain steps."""
        return getattr(self.rule, "momentum", 0.0)

    @cached_property
    def critical_learning_rate(self) -> float:
        """The learning rate at and above which the run stops converging.

        The roots z of a step along an eigenvalue λ satisfy, with h = η·λ and momentum β,

            momentum:  z² - (1 + β - h) z + β = 0           |z| < 1 for h < 2 + 2β
            Nesterov:  z² - (1 + β)(1 - h) z + β (1 - h) = 0     for h < (2 + 2β) / (1 + 2β)

        Each limit is where the smaller root reaches -1: there the sum of the coefficients with
        alternating signs is 0. Nesterov's lookahead costs two thirds of momentum's limit.

        Example:
            >>> bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # both eigenvalues 2
            >>> [Dynamics(bowl, rule(0.5)).critical_learning_rate for rule in (Momentum, Nesterov)]
            [1.5, 0.75]

        Source:
            Momentum: G. Goh, "Why Momentum Really Works", Distill (2017),
            doi:10.23915/distill.00006. Nesterov: from the second line above.
        """
        limit = 2 + 2 * self.momentum
        if isinstance(self.rule, Nesterov):
            limit /= 1 + 2 * self.momentum
        return limit / float(self.quadratic.eigenvalues[1])

    def matrices(self, learning_rate: ArrayLike) -> np.ndarray:
        """Return what a step does to (error, velocity) along the flat and the steep direction.

        Returns:
            Shape (..., 2, 2, 2): direction, row, column.

        Example:
            >>> bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])
            >>> Dynamics(bowl, Momentum(0.5)).matrices(0.25)[1]
            array([[ 0.5,  0.5],
                   [-0.5,  0.5]])
        """
        scaled = np.multiply.outer(learning_rate, self.quadratic.eigenvalues)
        return np.moveaxis(self._rows(scaled), (0, 1), (-2, -1))

    def _rows(self, scaled: np.ndarray) -> np.ndarray:
        """Return the matrices of rate · eigenvalue, their rows and columns first, (2, 2, ...)."""
        keep = np.full(scaled.shape, self.momentum)
        if isinstance(self.rule, Nesterov):
            return np.array([[1 - (1 + keep) * scaled, keep**2], [-scaled, keep]])
        return np.array([[1 - scaled, keep], [-scaled, keep]])

    def roots(self, learning_rate: ArrayLike) -> np.ndarray:
        """Return the roots of a step, the larger in size first, complex, shape (..., 2, 2).

        The first of the steep direction is the factor of its error in the long run. With plain
        steps the second is 0.
        """
        matrices = self.matrices(learning_rate)
        half = (matrices[..., 0, 0] + matrices[..., 1, 1]) / 2
        product = np.linalg.det(matrices) if self.momentum else np.zeros(half.shape)
        apart = np.sqrt((half**2 - product).astype(complex))
        apart = np.where(half < 0, -apart, apart)
        return np.stack([half + apart, half - apart], axis=-1)

    def zone(self, learning_rate: float) -> Zone:
        """Return what this learning rate does; within 1e-9 of the critical rate it bounces."""
        share = learning_rate / self.critical_learning_rate
        if abs(share - 1) <= 1e-9:
            return Zone.BOUNCES
        if share > 1:
            return Zone.DIVERGES
        steep = self.roots(learning_rate)[1, 0]
        if steep.imag:
            return Zone.SWINGS
        return Zone.OVERSHOOTS if steep.real < 0 else Zone.CONVERGES

    def swing(self, learning_rate: float) -> float | None:
        """Return how many steps a swing of the steep error takes, there and back; None if none."""
        steep = self.roots(learning_rate)[1, 0]
        return 2 * math.pi / abs(np.angle(steep)) if steep.imag else None

    def after(self, learning_rates: np.ndarray, state: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return error and velocity after any number of steps, by powers of the matrix.

        Args:
            learning_rates: Shape (num_rates,).
            state: Error and velocity by direction, shape (num_rates, 2, 2).
            steps: Whole numbers ≥ 0, shape (num_records,).

        Returns:
            Shape (num_rates, 2, num_records, 2).
        """
        with np.errstate(over="ignore", invalid="ignore"):
            if not self.momentum:
                factors = self.quadratic.factors(learning_rates)  # (num_rates, 2)
                errors = factors[..., None] ** steps * state[..., :1]
                errors = np.where(state[..., :1] == 0, 0.0, errors)  # though its factor may be inf
                # The velocity is the last step, if the next phase should have any use for it.
                before = factors[..., None] ** np.maximum(steps - 1, 0) * state[..., :1]
                before = np.where(state[..., :1] == 0, 0.0, before)
                velocity = (factors - 1)[..., None] * before
                velocity = np.where(steps > 0, velocity, state[..., 1:])
                return np.stack([errors, velocity], axis=-1)
            power = np.swapaxes(self.matrices(learning_rates), -1, -2)
            states = np.repeat(state[..., None, :], steps.size, axis=-2)
            for bit in range(int(steps.max(initial=0)).bit_length()):
                chosen = (steps >> bit & 1).astype(bool)
                states[..., chosen, :] = states[..., chosen, :] @ power
                power = power @ power
            return _at_rest(state, states)

    def through(
        self,
        learning_rates: np.ndarray,
        state: np.ndarray,
        steps: np.ndarray,
        multiples: np.ndarray,
    ) -> np.ndarray:
        """Return error and velocity on a schedule: the product of the steps' own matrices.

        Args:
            learning_rates: Shape (num_rates,).
            state: Error and velocity by direction, shape (num_rates, 2, 2).
            steps: Ascending whole numbers > 0, shape (num_records,).
            multiples: Of the rates in each step, shape (steps[-1],).

        Returns:
            Shape (num_rates, 2, num_records, 2).
        """
        # As many stretches as steps in each, or more: the loop below goes through the longest.
        stops = np.union1d(steps, np.arange(1, steps[-1], math.isqrt(steps[-1])))
        lengths = np.diff(stops, prepend=0)
        begins = stops - lengths
        scales = np.multiply.outer(learning_rates, self.quadratic.eigenvalues)[..., None]
        with np.errstate(over="ignore", invalid="ignore"):
            # Through all stretches at once: their first step, their second, …
            products = self._rows(scales * multiples[begins])  # (2, 2, num_rates, 2, num_stops)
            for offset in range(1, lengths.max()):
                live = np.flatnonzero(lengths > offset)
                further = self._rows(scales * multiples[begins[live] + offset])
                products[..., live] = _times(further, products[..., live])
            # From the start to each stop: over 1, 2, 4, … stretches
            reach = 1
            while reach < stops.size:
                products[..., reach:] = _times(products[..., reach:], products[..., :-reach])
                reach *= 2
            error, velocity = (state[..., [k]] for k in (0, 1))  # (num_rates, 2, 1)
            states = products[:, 0] * error + products[:, 1] * velocity
        states = np.moveaxis(states, 0, -1)[:, :, np.searchsorted(stops, steps)]
        return _at_rest(state, states)

    def steps_to_stay(
        self,
        goal: Goal,
        learning_rates: np.ndarray,
        state: np.ndarray,
        only_fastest: bool = False,
        give_up: int | None = None,
    ) -> np.ndarray:
        """Return after how many steps a run has reached a goal, and stays there.

        A swing passes the mark and comes back, so the first steps are looked at one by one, until
        what is left of every root is too little to come back. Runs that take longer than that have
        lost their swings, and both their excess loss and their distance fall steadily.

        Args:
            goal: Of the loss and the line; above 0.
            learning_rates: Shape (num_rates,).
            state: Error and velocity by direction, shape (num_rates, 2, 2).
            only_fastest: Whether only the smallest number of steps has to be right.
            give_up: Steps, below SCAN, beyond which a number need not be right; None for no end.

        Returns:
            Steps as floats, shape (num_rates,); inf is never, or beyond `give_up`.
        """
        found, begin = np.full(learning_rates.size, np.inf), 0
        open_ = np.flatnonzero(learning_rates < self.critical_learning_rate * (1 - 1e-9))
        last_above, state = np.full(learning_rates.size, -1.0), state.copy()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while open_.size and begin < (SCAN if give_up is None else give_up):
                count = min(AT_ONCE, max(64, begin))
                states = self.after(learning_rates[open_], state[open_], np.arange(count + 1))
                above = self._misses(goal, states)  # (open, count + 1)
                last = begin + count - above[:, ::-1].argmax(axis=1)
                last_above[open_] = np.where(above.any(axis=1), last, last_above[open_])
                state[open_], begin = states[..., -1, :], begin + count
                bounds = self._bounds(learning_rates[open_], state[open_])
                done = ~self._misses_with(goal, bounds)
                found[open_[done]] = last_above[open_[done]] + 1
                open_ = open_[~done]
                if only_fastest:
                    open_ = open_[last_above[open_] + 1 < found.min()]
            if open_.size and give_up is None:
                rates, state = learning_rates[open_], state[open_]
                is_above = self._misses(goal, state[:, :, None])[:, 0]
                further = begin + self._descend(goal, rates, state)
                found[open_] = np.where(is_above, further, last_above[open_] + 1)
        return found

    def _bounds(self, learning_rates: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Return what the squared errors cannot exceed from here on, shape (num_rates, 2).

        The error is c₁ z₁ᵏ + c₂ z₂ᵏ with the roots z; neither part grows.
        """
        roots = self.roots(learning_rates)
        error, after = state[..., 0], (self.matrices(learning_rates) @ state[..., None])[..., 0, 0]
        shares = (after - roots[..., 1] * error) / (roots[..., 0] - roots[..., 1])
        parts = np.abs(shares) + np.abs(error - shares)  # inf where the roots are equal
        parts = np.where((error == 0) & (after == 0), 0.0, parts)
        return parts**2

    def _descend(self, goal: Goal, learning_rates: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Return the steps to a goal where loss and distance fall steadily: bit by bit."""
        powers = [self.matrices(learning_rates)]  # after 1, 2, 4, … steps
        while len(powers) < 62:
            powers.append(powers[-1] @ powers[-1])
        steps = np.zeros(learning_rates.size)
        for bit in reversed(range(62)):
            further = (powers[bit] @ state[..., None])[..., 0]
            above = self._misses(goal, further[:, :, None])[:, 0]
            state = np.where(above[:, None, None], further, state)
            steps += np.where(above, 2.0**bit, 0)
        return np.where(steps < 2.0**61, steps + 1, np.inf)

    def _misses(self, goal: Goal, states: np.ndarray) -> np.ndarray:
        """Return which states (num_rates, 2, num_records, 2) have not reached a goal."""
        return self._misses_with(goal, np.moveaxis(states[..., 0] ** 2, 1, -1))

    def _misses_with(self, goal: Goal, squares: np.ndarray) -> np.ndarray:
        """Return the same of squared errors (..., 2)."""
        return goal.is_missed(squares @ (self.quadratic.eigenvalues / 2), squares.sum(axis=-1))

    def rest(self, num_rates: int, start: Sequence[float]) -> np.ndarray:
        """Return the state of as many runs at their start, without velocity, (num_rates, 2, 2)."""
        errors = self.quadratic.errors(*start)
        return np.tile(np.stack([errors, np.zeros(2)], axis=-1), (num_rates, 1, 1))

    def fastest(
        self, goal: Goal, candidates: np.ndarray, start: Sequence[float] = Line.start
    ) -> tuple[float, int | None]:
        """Return the candidate that needs the fewest steps to the goal, and those steps.

        No formula does this: 2 / (sum of the eigenvalues) is best only in the long run, not for a
        given start and goal. Of several equally fast ones the middle one is returned, the furthest
        from both edges. A run that swings has arrived when it stays.

        Args:
            goal: Of this start.
            candidates: Learning rates, ascending, shape (num_candidates,), at least one stable.
            start: Where the run starts, weight and bias.

        Raises:
            ValueError: If no candidate is stable.
        """
        stable = candidates[candidates < self.critical_learning_rate * (1 - 1e-9)]
        if not stable.size:
            raise ValueError(
                "`candidates` must hold a learning rate below the critical one, "
                f"{self.critical_learning_rate:.6g}, got {candidates!r}."
            )
        if self.momentum:
            state = self.rest(stable.size, start)
            steps = self.steps_to_stay(goal, stable, state, only_fastest=True)
        else:
            steps = self.quadratic.steps_each(goal, stable, start)
        ties = np.flatnonzero(steps == steps.min())
        best = ties[(ties.size - 1) // 2]
        return float(stable[best]), int(steps[best]) if np.isfinite(steps[best]) else None


def _times(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the products of 2 × 2 matrices, their rows and columns first, (2, 2, ...)."""
    rows = (row[0] * other[0] + row[1] * other[1] for row in one[:, :, None])
    return np.stack(list(rows))


def _at_rest(state: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the states, with directions at rest in the minimum still there: 0 · inf is no number."""
    return np.where((state == 0).all(axis=-1)[..., None, None], 0.0, states)
