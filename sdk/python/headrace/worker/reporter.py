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
        self._journal.append(self._line("step_started"))

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        self._journal.append(self._line("inputs_loaded", inputs=redaction.mask_json(inputs)))

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None:
        self._journal.append(
            self._line(
                "observed", asset_key=asset_key, partition=partition, metadata=redaction.mask_json(metadata)
            )
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
        self._materialized.append(
            self._line(
                "materialized",
                asset_key=asset_key,
                partition=partition,
                metadata=redaction.mask_json(metadata_json),
                stored=redaction.mask_json(stored),
                data_version=data_version,
                tags=redaction.mask_json(tags),
            )
        )

    def log(self, level: str, message: str) -> None:
        line = {"time": now(), "level": level, "message": redaction.mask(message), **self._step}
        self._log.append(line)

    def ended(self, status: str, error: dict[str, Any] | None, seconds: float) -> list[int]:
        """Writes the end, and with it what was materialized; the sizes of the files then."""
        end = self._line("step_ended", status=status, error=error, seconds=round(seconds, 6))
        self._journal.append(*self._materialized, end)
        return end["offsets"]

    def never_started(self) -> None:
        """A step that was canceled before it began."""
        end = self._line("step_ended", status="canceled", error=None, seconds=0.0)
        self._journal.append(self._line("step_started"), end)

    def _line(self, kind: str, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "time": now(), **self._step, "offsets": self._output.offsets(), **fields}
