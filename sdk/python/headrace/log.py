"""`context.log`: a Python logger whose lines belong to a run and a step."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

LogFunction = Callable[[str, str], None]


class DagsterLogManager(logging.Logger):
    """A logger for `debug` … `critical`, passing each line to one function as `(level, message)`."""

    def __init__(self, sink: LogFunction | None = None) -> None:
        super().__init__("headrace", level=logging.DEBUG)
        self.propagate = False
        self.addHandler(_SinkHandler(sink or write_to_logging))

    def log(self, level: int | str, msg: object, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log with a level given by number or by name."""
        if isinstance(level, str):
            level = logging.getLevelName(level.upper())
            if not isinstance(level, int):
                raise ValueError(f"Unknown log level {level!r}")
        super().log(level, msg, *args, **kwargs)


class _SinkHandler(logging.Handler):
    def __init__(self, sink: LogFunction) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
            if record.exc_info:
                message += "\n" + (self.formatter or logging.Formatter()).formatException(record.exc_info)
            if record.stack_info:
                message += "\n" + record.stack_info
            self._sink(level_name(record.levelno), message)
        except Exception:
            self.handleError(record)


def level_name(number: int) -> str:
    """One of debug, info, warning, error, critical."""
    for limit, name in (
        (logging.CRITICAL, "critical"),
        (logging.ERROR, "error"),
        (logging.WARNING, "warning"),
        (logging.INFO, "info"),
    ):
        if number >= limit:
            return name
    return "debug"


def write_to_logging(level: str, message: str) -> None:
    """Where log lines go outside of the daemon: Python's logging, or standard error where it has no handlers."""
    logger = logging.getLogger("headrace")
    if not logger.hasHandlers():
        if level != "debug":
            print(f"{level.upper()} - {message}", file=sys.stderr)
        return
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.DEBUG)
    logger.log(getattr(logging, level.upper()), "%s", message)


def get_log_manager(sink: LogFunction | None = None) -> DagsterLogManager:
    """A logger that writes to `sink`, or to Python's logging."""
    return DagsterLogManager(sink)
