"""The loss row: which records a curve is drawn through, and how far its axes go."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures.playback import frame_records
from linreg.pictures.stage import curves
from linreg.pictures.stage.curves import Curve, LossAxes
from linreg.runs.history import drawn_steps
from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from tests.runs import trained

LINE = data.make_line(noise=0.3)
QUADRATIC = Quadratic.of(LINE.x, LINE.y)


@cache
def history():
    return trained((LINE.x, LINE.y), [Phase((0.1, 0.5, 0.7), 20)])


def axes(*losses):
    """Return the axes beside runs of these losses."""
    made = [Curve(np.arange(len(one)), np.array(one), np.array(one)) for one in losses]
    return LossAxes.of(QUADRATIC, history(), np.arange(21), made)


@given(st.integers(1, 2_000_000), st.integers(1, 5))
def test_curves_go_through_every_early_step_and_at_most_800_records(num_steps, count):
    step = drawn_steps([Phase(0.1, max(1, num_steps // count))] * count)
    records = curves.curve_records(step)
    assert records.size <= 800
    early = min(curves.CURVE // 2, step.size)
    assert step[records[:early]].tolist() == list(range(early))
    assert records[-1] == step.size - 1
    assert set(frame_records(step)) <= set(records)  # a dot of a frame lies on its curve


def test_loss_axis_ends_below_the_least_loss_and_far_above_the_initial_one():
    assert axes().depth == 0.6 * QUADRATIC.loss
    assert axes().ceiling == 40 * history().loss[0, 0]


def test_loss_axis_goes_down_for_a_run_beside_that_is_lower():
    assert axes([1.0, 1e-3]).depth == pytest.approx(0.6e-3)


def test_loss_axis_stays_for_a_run_beside_that_is_higher():
    assert axes([1.0, 0.5], [1e9, 1e8]) == axes()


@pytest.mark.parametrize("low", [0.0, 1e-300])
def test_loss_axis_goes_down_by_three_decades_at_most(low):
    # Else a run without noise would flatten the three.
    found = axes([1.0, 1e-290, low])
    assert found.depth == pytest.approx(1e-3 * axes().depth)
    assert found.excess_depth == pytest.approx(1e-3 * axes().excess_depth)


def test_loss_axis_takes_no_account_of_steps_beyond_its_end():
    assert axes([1.0] * 21 + [1e-3]) == axes()
