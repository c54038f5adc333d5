"""Standard output and standard error, which user code may have replaced by anything."""

from __future__ import annotations

import sys


def flush_streams() -> None:
    """Writes out what is buffered; a stream that cannot do that is user code's affair."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # a full disk, a closed stream, or an object without flush()
