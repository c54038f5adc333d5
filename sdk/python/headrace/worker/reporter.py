"""What a step does, as journal lines."""

from __future__ import annotations

from typing import Any

from headrace import redaction
from headrace.execution import StepRequest
from headrace.worker.journal import Journal, LogFile, now
from headrace.worker.output_files import OutputFiles


class JournalReporter:
    """The `StepReporter` of one step. Materializations wait for the step's end, to be written in one append with it."""

    def __init__(self, journal: Journal, log: LogFile, output: OutputFiles, request: StepRequest) -> None:
        self._journal = journal
        self._log = log
        self._output = output
        self._step = {"run_id": request.run_id, "step_key": request.step_key, "attempt": request.attempt}
        self._materialized: list[dict[str, Any]] = []

    def started(self) -> None:
        self._journal.append(self._line("step_started", self._output.offsets()))

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        fields = redaction.mask_fields({"inputs": inputs}) if inputs else {"inputs": []}
        self._journal.append(self._line("inputs_loaded", self._output.offsets(), **fields))

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None:
        fields = redaction.mask_fields({"metadata": metadata})
        self._journal.append(
            self._line("observed", self._output.offsets(), asset_key=asset_key, partition=partition, **fields)
        )

    def materialized(
        self,
        asset_key: list[str],
        partition: str | None,
        metadata_json: dict[str, Any],
        stored: dict[str, Any] | None,
        data_version: str | None,
        tags: dict[str, str],
    ) -> None:
        fields = redaction.mask_fields({"metadata": metadata_json, "stored": stored, "tags": tags})
        self._materialized.append(
            self._line(
                "materialized",
                None,  # the offsets of the step's end, with which it is written
                asset_key=asset_key,
                partition=partition,
                data_version=data_version,
                **fields,
            )
        )

    def log(self, level: str, message: str) -> None:
        line = {"time": now(), "level": level, "message": redaction.mask(message), **self._step}
        self._log.append(line)

    def ended(
        self, status: str, error: dict[str, Any] | None, seconds: float, **retries: dict[str, Any] | bool
    ) -> list[int]:
        """Writes the end, and with it what was materialized; the sizes of the files then.

        `retries`: `retry` and `retiring` of the protocol, where they are said.
        """
        offsets = self._output.offsets()
        for line in self._materialized:
            line["offsets"] = offsets
        end = self._line(
            "step_ended", offsets, status=status, error=error, seconds=round(seconds, 6), **retries
        )
        self._journal.append(*self._materialized, end)
        return offsets

    def never_started(self) -> None:
        """A step that was canceled before it began."""
        offsets = self._output.offsets()
        end = self._line("step_ended", offsets, status="canceled", error=None, seconds=0.0)
        self._journal.append(self._line("step_started", offsets), end)

    def _line(self, kind: str, offsets: list[int] | None, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "time": now(), **self._step, "offsets": offsets, **fields}
