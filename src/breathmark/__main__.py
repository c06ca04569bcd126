"""The program: ``breathmark``, or ``python -m breathmark``."""

from __future__ import annotations

import os
import sys

from breathmark.base.interrupts import INTERRUPTED, came, heed

__all__ = ["main"]


def main() -> None:
    """Run the command line. Interrupts are heeded from here on, before anything that takes time is imported."""
    heed()
    # NumPy would start a thread for each core, which costs 0.04 to 0.08 s of processor and makes nothing quicker.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from breathmark.cli import main as run  # noqa: PLC0415 - see above

        run()
    except SystemExit:
        raise
    except BaseException:
        if not came():
            raise
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
