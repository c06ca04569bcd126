"""``python -m breathmark``."""

from breathmark.cli import main

if __name__ == "__main__":
    main()
