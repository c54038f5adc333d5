"""The answer to `preview`, as a journal line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.host.lines import encode
from headrace.host.location import FailedLocation, LoadedLocation
from headrace.log import DagsterLogManager
from headrace.redaction import mask
from headrace.resource_scope import ResourceScope
from headrace.worker.journal import now
from headrace.worker.memory import MemoryLimit


@dataclass
class _Reader:
    resolved: Any
    scope: ResourceScope
    log: DagsterLogManager


def preview_line(location: LoadedLocation | FailedLocation, message: dict[str, Any]) -> str:
    """What can be seen of the value, or in a sentence why nothing can."""
    try:
        found = {"preview": _preview(location, message), "error": None}
    except BaseException as error:  # noqa: BLE001 - whatever a damaged file does to a library
        text = "Not enough memory for a preview." if isinstance(error, MemoryError) else str(error)
        found = {"preview": None, "error": mask(text) or type(error).__name__}
    return encode({"type": "previewed", "time": now(), **found})


def _preview(location: LoadedLocation | FailedLocation, message: dict[str, Any]) -> dict[str, Any]:
    from headrace.preview import preview

    if isinstance(location, FailedLocation):
        raise RuntimeError("The code location cannot be loaded.")
    log = DagsterLogManager(lambda level, text: None)
    scope = ResourceScope(location.resolved.resources, what="preview", log=log)
    limit = MemoryLimit(message.get("memory_limit"))
    limit.set()
    try:
        return preview(_Reader(location.resolved, scope, log), message["stored"], int(message.get("rows") or 20))
    finally:
        limit.lift()
        scope.close()
