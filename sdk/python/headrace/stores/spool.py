"""A temporary file that stays in memory while it is small."""

from __future__ import annotations

import hashlib
import tempfile

_MOST_IN_MEMORY = 64 << 20
_PIECE = 1 << 20


class Spool(tempfile.SpooledTemporaryFile):
    """What is about to be sent to a blob store, or has come from one."""

    def __init__(self) -> None:
        super().__init__(max_size=_MOST_IN_MEMORY, mode="w+b")

    # Python 3.10's lacks these.

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def size(self) -> int:
        """Of all of it. The position is at the end afterwards."""
        return self.seek(0, 2) or self.tell()

    def sha256(self) -> str:
        """Of all of it, in hex."""
        digest = hashlib.sha256()
        self.seek(0)
        while piece := self.read(_PIECE):
            digest.update(piece)
        return digest.hexdigest()
