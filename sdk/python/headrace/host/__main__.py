"""`python -m headrace.host`, started by the daemon."""

from __future__ import annotations

import sys

from headrace.host.command import main

if __name__ == "__main__":
    sys.exit(main())
