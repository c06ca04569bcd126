"""The time that a task still takes is told once it is known."""

from __future__ import annotations

import pytest

from breathmark.cli.bars import time_left


@pytest.mark.parametrize(
    ("elapsed_s", "share", "remaining_s", "told"),
    [
        (1.0, 0.5, 1.0, ""),
        (60.0, 0.01, 1200.0, ""),
        (60.0, 0.5, None, ""),
        (60.0, 1.0, 0.0, ""),
        (6.0, 0.1, 57.0, "55 s left"),
        (6.0, 0.9, 1.0, "5 s left"),
        (6.0, 0.1, 59.0, "1 min left"),
        (60.0, 0.1, 500.0, "8 min left"),
        (60.0, 0.1, 7500.0, "2 h 05 min left"),
    ],
)
def test_an_estimate_is_told_once_it_can_be_trusted(
    elapsed_s: float, share: float, remaining_s: float | None, told: str
) -> None:
    """After five seconds and a twentieth of the work, and no more exactly than it is known."""
    assert time_left(elapsed_s, share, remaining_s) == told
