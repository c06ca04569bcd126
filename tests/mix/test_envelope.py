"""Gain curves: how far, how fast, and where they are constant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.mix.envelope import crossfade_in, fades, power, ramp, swell_shape, time_axis


@given(
    rests=st.lists(st.tuples(st.floats(0, 40), st.floats(2, 60)), min_size=1, max_size=5),
    swell_lu=st.floats(0, 24),
)
def test_a_swell_is_never_steeper_than_6_db_in_half_a_second(rests: list[tuple[float, float]], swell_lu: float) -> None:
    """Over any rests and any swell up to 24 LU, the gain changes by at most 12 dB a second, and ends where it began."""
    placed, now = [], 1.0
    for gap, length in rests:
        placed.append((now + gap, now + gap + length))
        now += gap + length + 0.5
    blocks = int(now // 2 + 5)
    shape = swell_shape(time_axis(blocks), placed, 2.0 * blocks, swell_lu)
    steepest = np.abs(np.diff(shape * swell_lu)).max() * 10
    assert steepest <= 12.0 + 1e-6
    assert shape.min() >= 0
    assert shape.max() <= 1
    assert shape[0] == shape[-1] == 0


@pytest.mark.parametrize(("length_s", "rises"), [(7.9, False), (8.0, True), (30.0, True)])
def test_it_swells_in_long_rests_only(length_s: float, rises: float) -> None:
    """Rests under 8 s stay ducked; in longer ones it reaches its height."""
    shape = swell_shape(time_axis(40), [(10.0, 10.0 + length_s)], 80.0, 4.0)
    assert shape.max() == pytest.approx(1.0 if rises else 0.0, abs=1e-6)


def test_it_is_down_before_the_next_sentence() -> None:
    """It waits half a second after a sentence, and is down 0.3 s before the next one."""
    time_s = time_axis(40)
    shape = swell_shape(time_s, [(10.0, 30.0)], 80.0, 4.0)
    assert not shape[time_s <= 10.5].any()
    assert not shape[time_s >= 29.7].any()


def test_the_ends_of_a_session_need_no_movement() -> None:
    """A session that begins or ends with a long rest begins or ends at the swell's height."""
    shape = swell_shape(time_axis(40), [(0.0, 12.0), (60.0, 80.0)], 80.0, 4.0)
    assert shape[0] == shape[-1] == 1.0


def test_fades_are_2_s_in_and_4_s_out() -> None:
    """Silent at both ends, whole from 2 s on until 4 s before the end."""
    time_s = time_axis(20)
    curve = fades(time_s, 37.0)
    assert curve[0] == 0
    assert curve[time_s == 2.0] == 1
    assert curve[np.isclose(time_s, 33.0)] == pytest.approx(1)
    assert not curve[time_s >= 37.0].any()


def test_a_crossfade_keeps_its_power() -> None:
    """The squares of its halves sum to 1 everywhere."""
    rise = crossfade_in(time_axis(5), 3.0, 4.0)
    assert np.allclose(rise**2 + np.sqrt(1 - rise**2) ** 2, 1)
    assert rise[0] == 0
    assert rise[-1] == 1


def test_a_ramp_meets_its_neighbours() -> None:
    """Drawn block by block, a curve has no step where blocks join; a still one is a single number."""
    curve = fades(time_axis(6), 12.0)
    drawn = np.concatenate([np.broadcast_to(ramp(curve, block, 88_200), (88_200, 1)) for block in range(6)])
    assert np.abs(np.diff(drawn[:, 0])).max() < 5e-5
    assert np.allclose(drawn[::4_410, 0], curve[:-1], atol=1e-6)
    assert ramp(np.ones(61), 1, 88_200).shape == (1, 1)


def test_power_is_the_mean_square_of_each_step() -> None:
    """A constant gain of 0.5 is a quarter of the power in each of the 20 steps of a block."""
    assert np.allclose(power(np.full(21, 0.5)), np.full(20, 0.25))
