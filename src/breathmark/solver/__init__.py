"""The length solver: clips of fixed length and rests like glue become a session of exactly the length asked for.

It is pure and deterministic: it knows frames, not sound. ``docs/length-solver.md`` explains it.
"""

from breathmark.solver.excerpt import excerpt
from breathmark.solver.outline import HEAD_S, TAIL_S, Material
from breathmark.solver.solve import Interval, arrange, feasible, lengths_with

__all__ = ["HEAD_S", "TAIL_S", "Interval", "Material", "arrange", "excerpt", "feasible", "lengths_with"]
