"""The golden messages and journals, read by the Python side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from protocol_driver import read_journal

from headrace.execution import StepRequest
from headrace.host.lines import encode, to_bytes
from headrace.worker.journal import journal_line

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "protocol"
INDEX = json.loads((GOLDEN / "index.json").read_text(encoding="utf-8"))


def lines(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


@pytest.mark.parametrize("entry", INDEX["messages"], ids=lambda entry: entry["file"])
def test_index_counts_every_message(entry):
    assert len(lines(entry["file"])) == entry["count"]


def test_index_names_every_file():
    named = {entry["file"] for entry in INDEX["messages"] + INDEX["journals"]}
    assert named == {path.name for path in GOLDEN.iterdir()} - {"index.json", "README.md"}


@pytest.mark.parametrize(
    "entry", [e for e in INDEX["messages"] if e["valid"]], ids=lambda entry: entry["file"]
)
def test_messages_are_written_as_the_golden_bytes(entry):
    for line in lines(entry["file"]):
        assert to_bytes(json.loads(line)) == line


@pytest.mark.parametrize("entry", INDEX["journals"], ids=lambda entry: entry["file"])
def test_reading_a_journal_stops_where_the_index_says(entry):
    path = GOLDEN / entry["file"]
    read, rest = read_journal(path)
    assert len(read) == entry["lines"]
    assert path.stat().st_size - len(rest) == entry["consumed"]
    assert (b"\n" in rest) == entry["damaged"]


def test_a_whole_journal_is_written_as_the_golden_bytes():
    path = GOLDEN / "journal_whole.bin"
    read, _ = read_journal(path)
    assert b"".join(journal_line(encode(line)) for line in read) == path.read_bytes()


def test_a_run_step_message_becomes_a_request():
    request = StepRequest.from_message(json.loads(lines("daemon_to_worker.jsonl")[1]))
    assert (request.step_key, request.attempt, request.asset_key) == (
        "flowers__setosa",
        3,
        ["flowers", "setosa"],
    )
    assert (request.partition, request.run_number) == ("2024-01-01", 42)
    assert [given.name for given in request.inputs] == ["iris_data", "other", "never"]
    assert request.inputs[0].in_run and not request.inputs[1].in_run
    assert request.inputs[0].materialization["event_id"] == 17
    assert request.inputs[2].materialization is None
    assert request.run_config["ops"]["flowers__setosa"]["config"] == {"limit": 10}
    assert request.tags == {"team": "botany"}


def test_text_that_utf8_cannot_hold_is_replaced():
    assert to_bytes({"type": "x", "path": "a\udcff"}) == b'{"type":"x","path":"a?"}'
