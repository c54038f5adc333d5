"""The campaigns' checks fail when they should."""

from __future__ import annotations

import fcntl
import pickle
import zlib

import pytest

from .support.ledger import Ledger, check_acknowledged, check_story
from .support.proof import check_lines, check_values_are_of, check_values_whole

RUN = "01980000-0000-7000-8000-000000000001"


def story(*told):
    """A log from (type, step, attempt, status)."""
    names = ("type", "step_key", "attempt", "data")
    events = [dict(zip(names, (*event[:3], {"status": event[3]}), strict=True)) for event in told]
    return [{"id": number, "run_id": RUN, **event} for number, event in enumerate(events, 1)]


START = [("run_created", None, None, None), ("run_started", None, None, None)]
FIRST = [("step_started", "a", 1, None), ("step_ended", "a", 1, "success")]
END = [("run_ended", None, None, "success")]


def test_a_good_story():
    check_story(story(*START, *FIRST, *END), RUN)


@pytest.mark.parametrize(
    "told",
    [
        START + FIRST,
        START + FIRST + END + END,
        START + FIRST + END + [("step_started", "b", 1, None)],
        START + FIRST + FIRST + END,
        START + FIRST + [("step_started", "a", 2, None)] + END,
        START + [("step_started", "a", 1, None), ("step_ended", "a", 1, "failure"), ("inputs_loaded", "a", 1, None)] + END,
    ],
    ids=["no end", "two ends", "after the end", "attempt twice", "finished step again", "after the attempt's end"],
)
def test_a_bad_story(told):
    with pytest.raises(AssertionError):
        check_story(story(*told), RUN)


def test_acknowledged_events_must_be_there_unchanged():
    log = story(*START, *FIRST, *END)
    ledger = Ledger()
    for event in log:
        ledger.take(event)
    check_acknowledged(ledger, log)
    with pytest.raises(AssertionError, match="lost"):
        check_acknowledged(ledger, log[:-1])
    with pytest.raises(AssertionError, match="ids are not"):
        check_acknowledged(ledger, log[:2] + log[3:])
    with pytest.raises(AssertionError, match="ids are not"):
        check_acknowledged(ledger, [*log, log[-1]])
    with pytest.raises(AssertionError, match="it is"):
        check_acknowledged(ledger, [*log[:-1], {**log[-1], "data": {"status": "failure"}}])


def test_an_event_that_is_told_differently_is_noticed():
    ledger = Ledger()
    ledger.take({"id": 1, "type": "run_created", "run_id": RUN})
    ledger.take({"id": 1, "type": "run_started", "run_id": RUN})
    with pytest.raises(AssertionError):
        check_acknowledged(ledger, [{"id": 1, "type": "run_created", "run_id": RUN}])


@pytest.mark.parametrize(
    "lines",
    [
        [f"S {RUN} a 9 1", f"S {RUN} a 10 1", f"E {RUN} a 10"],
        [f"S {RUN} a 9 1", f"S {RUN} a 10 2", f"E {RUN} a 10"],
        [f"S {RUN} a 9 1", f"TWO {RUN} a 9", f"E {RUN} a 9"],
        [f"S {RUN} a 9 1"],
    ],
    ids=["twice", "unknown attempt", "two living", "no value"],
)
def test_proof_that_speaks_against_the_log(tmp_path, lines):
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    with pytest.raises(AssertionError):
        check_lines(tmp_path, story(*START, *FIRST, *END))


def test_the_project_notices_a_second_living_attempt(tmp_path, monkeypatch):
    monkeypatch.setenv("HR_PROOF", str(tmp_path))
    from .support import watched_project

    class Context:
        run_id, retry_number = RUN, 0

    with open(tmp_path / "sturdy_1.lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        watched_project.begin(Context, "sturdy_1")
    assert f"TWO {RUN} sturdy_1" in (tmp_path / "lines").read_text()


def test_a_torn_value_is_noticed(tmp_path):
    data = b"x" * 100
    good = pickle.dumps({"step": "a", "run_id": RUN, "data": data, "crc": zlib.crc32(data)})
    file = tmp_path / "storage" / "a"
    file.parent.mkdir()
    file.write_bytes(good)
    check_values_whole(tmp_path)
    check_values_are_of(tmp_path, "a", RUN)
    with pytest.raises(AssertionError):
        check_values_are_of(tmp_path, "a", "another")
    file.write_bytes(good[:60])
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        check_values_whole(tmp_path)
    file.write_bytes(good.replace(b"xxxx", b"xxxy", 1))
    with pytest.raises(AssertionError):
        check_values_whole(tmp_path)
