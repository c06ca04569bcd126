"""The program: ``breathmark``, or ``python -m breathmark``."""

from __future__ import annotations

import sys

from breathmark.base.interrupts import INTERRUPTED, came, heed

__all__ = ["main"]


def main() -> None:
    """Run the command line. Interrupts are heeded from here on, before anything that takes time is imported."""
    heed()
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
