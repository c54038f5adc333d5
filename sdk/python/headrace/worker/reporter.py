"""What a step does, as journal lines."""

from __future__ import annotations

import json
import time
from typing import Any

from headrace import redaction
from headrace.execution import StepRequest
from headrace.host.lines import encode
from headrace.worker.journal import Journal, LogFile, now
from headrace.worker.output_files import OutputFiles

# A step's start, and what follows so soon, need no wake-up: the daemon looks by itself a moment after it gave the step.
_SOON = 0.001


class JournalReporter:
    """The `StepReporter` of one step. Materializations wait for the step's end, to be written in one append with it.

    Lines are put together from texts, since making them costs a good part of a short step.
    """

    def __init__(self, journal: Journal, log: LogFile, output: OutputFiles, request: StepRequest) -> None:
        self._journal = journal
        self._log = log
        self._output = output
        self._ids = {"run_id": request.run_id, "step_key": request.step_key, "attempt": request.attempt}
        self._asset_key = request.asset_key
        self._step = encode(self._ids)[1:-1]
        self._started = 0.0
        self._materialized: list[tuple[int, str]] = []

    def started(self, *, wake: bool) -> None:
        """`wake`: the daemon shall know at once."""
        self._started = time.monotonic()
        self._journal.append(self._line("step_started", now(), self._output.offsets()), wake=wake)

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        fields = redaction.masked_json_text({"inputs": inputs})
        is_soon = time.monotonic() - self._started < _SOON
        self._journal.append(
            self._line("inputs_loaded", now(), self._output.offsets(), fields), wake=not is_soon
        )

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None:
        asset = encode({"asset_key": asset_key, "partition": partition})
        fields = redaction.masked_json_text({"metadata": metadata})
        self._journal.append(self._line("observed", now(), self._output.offsets(), asset, fields))

    def materialized(
        self,
        asset_key: list[str],
        partition: str | None,
        metadata_json: dict[str, Any],
        stored: dict[str, Any] | None,
        data_version: str | None,
        tags: dict[str, str],
    ) -> None:
        asset = encode({"asset_key": asset_key, "partition": partition, "data_version": data_version})
        fields = redaction.masked_json_text({"metadata": metadata_json, "stored": stored, "tags": tags})
        self._materialized.append((now(), f"{asset[:-1]},{fields[1:]}"))

    def log(self, level: str, message: str) -> None:
        self._log.append({"time": now(), "level": level, "message": redaction.mask(message), **self._ids})

    def ended(
        self,
        status: str,
        error: dict[str, Any] | None,
        seconds: float,
        *,
        wake: bool = True,
        **retries: dict[str, Any] | bool,
    ) -> list[int]:
        """Writes the end, and with it what was materialized; the sizes of the files then.

        `retries`: `retry` and `retiring` of the protocol, where they are said.
        """
        offsets = self._output.offsets()
        # What is written in one append with the end has the end's offsets.
        lines = [self._line("materialized", when, offsets, fields) for when, fields in self._materialized]
        end = encode({"status": status, "error": error, "seconds": round(seconds, 6), **retries})
        lines.append(self._line("step_ended", now(), offsets, end))
        self._journal.append(*lines, wake=wake)
        return offsets

    def materialization(self) -> dict[str, Any] | None:
        """The asset's own, as a step that reads it is told of it."""
        for _, fields in reversed(self._materialized):
            made = json.loads(fields)
            if made["asset_key"] == self._asset_key:
                return {
                    "event_id": None,
                    "run_id": self._ids["run_id"],
                    **{key: made[key] for key in ("metadata", "stored")},
                }
        return None

    def never_started(self) -> None:
        """A step that was canceled before it began."""
        offsets = self._output.offsets()
        end = encode({"status": "canceled", "error": None, "seconds": 0.0})
        self._journal.append(
            self._line("step_started", now(), offsets), self._line("step_ended", now(), offsets, end)
        )

    def _line(self, kind: str, when: int, offsets: list[int], *objects: str) -> str:
        """`objects`: JSON objects, each with fields of the line."""
        fields = "".join([f",{each[1:-1]}" for each in objects])
        out, err, log = offsets
        return f'{{"type":"{kind}","time":{when},{self._step},"offsets":[{out},{err},{log}]{fields}}}'
