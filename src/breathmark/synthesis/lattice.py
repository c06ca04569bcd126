"""Slow random curves: what lets a bed breathe without ever coming round in a way that is noticed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breathmark.synthesis.chance import normal
from breathmark.synthesis.source import Floats, RandomSource, hops_of


def _spline_weights(fraction: Floats) -> tuple[Floats, ...]:
    """The four cubic B-spline weights between two knots; smooth to the second derivative, never overshooting."""
    a = fraction
    return (1 - a) ** 3 / 6, (3 * a**3 - 6 * a**2 + 4) / 6, (-3 * a**3 + 3 * a**2 + 3 * a + 1) / 6, a**3 / 6


def lattice(source: RandomSource, name: str, hops: Floats, period_s: float) -> Floats:
    """A smooth normal curve of unit variance at ``hops``, with one random knot every ``period_s``."""
    place = hops / hops_of(period_s)
    knot = np.floor(place).astype(np.int64)
    weights = _spline_weights(place - knot)
    first = int(knot.min()) - 1
    knots = normal(np.arange(first, int(knot.max()) + 3), source.key(name))
    total = np.zeros_like(place)
    for offset, weight in enumerate(weights, start=-1):
        total += weight * knots[knot + offset - first]
    return np.asarray(total / np.sqrt(sum(weight**2 for weight in weights)), dtype=np.float64)


def drift(source: RandomSource, name: str, hops: Floats, periods_s: Sequence[float], *, tilt: float = 0.0) -> Floats:
    """A sum of lattices of several periods, of unit variance; with ``tilt`` above 0 the longer ones weigh more."""
    weights = np.asarray(periods_s, dtype=np.float64) ** tilt
    weights /= np.sqrt(np.sum(weights**2))
    curves = (lattice(source, f"{name} {period_s:g} s", hops, period_s) for period_s in periods_s)
    return np.asarray(sum(weight * curve for weight, curve in zip(weights, curves, strict=True)), dtype=np.float64)
