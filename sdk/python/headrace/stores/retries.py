"""Trying again what may work a moment later."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from headrace.stores.store_error import Failure

T = TypeVar("T")

_LONGEST_DELAY = 20.0


@dataclass(frozen=True)
class Retries:
    """At most this many attempts in all; the delay between them doubles, and varies by a quarter."""

    max_attempts: int = 5
    delay: float = 0.5

    def run(
        self, what: str, attempt: Callable[[], T], failure_of: Callable[[Exception], Failure | None], log: Any
    ) -> T:
        """What `attempt` returns. Errors that `failure_of` does not know, or says are lasting, are raised at once."""
        number = 1
        while True:
            try:
                return attempt()
            except Exception as error:
                failure = failure_of(error)
                if failure is None or not failure.is_transient or number >= self.max_attempts:
                    raise
            delay = self._delay(number)
            number += 1
            log.warning(f"{what}: {failure}. Attempt {number} of {self.max_attempts} follows in {delay:.2g} s.")
            time.sleep(delay)

    def _delay(self, number: int) -> float:
        return min(self.delay * 2 ** (number - 1), _LONGEST_DELAY) * random.uniform(0.75, 1.25)
