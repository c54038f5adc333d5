"""Random generators after a fork: every sibling would draw the same numbers."""

from __future__ import annotations

import os
import sys


def reseed() -> None:
    """Reseeds the global generators of numpy and torch, where they are loaded. Python's own `random` does it itself."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1)
