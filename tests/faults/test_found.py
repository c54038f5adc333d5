"""What the campaigns with call numbers have found, each as a round of its own (docs/reference/track_record.md)."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from .memory import starve
from .power_loss import Recording, check_disk
from .support.disk import Choice
from .support.machine import Died, Machine
from .support.rounds import Rounds
from .support.shim import Rule, Shim
from .support.small_run import SmallRun


@pytest.fixture
def work(tmp_path: Path) -> SmallRun:
    return SmallRun(tmp_path / "machine").make()


def test_a_daemon_killed_as_it_removes_a_journal_leaves_none(work, tmp_path):
    """A worker's row went before its journal: nobody looked for the file any more."""
    removal = Rule("kill-before", role="daemon", calls="unlink", under=work.home / "runs", at=1, armed=False)
    shim = Shim(tmp_path / "shim", removal)
    with Machine(work) as machine:
        with pytest.raises(Died):
            machine.start(shim)
            machine.materialize()
            machine.stop(waits_for_workers=True)
        machine.start()
        assert [run["status"] for run in machine.follow_all()] == ["success"]
        machine.check_nothing_lost()
    machine.check_leftovers()


def test_new_folders_outlive_a_power_loss(tmp_path):
    """The home's own name, and those of the folders of values, were never synced: all below them was gone."""
    recording = Recording(tmp_path)
    said = recording.lose_power(len(recording.ops), Choice("nothing"))
    assert len(said.runs) == 2
    check_disk(recording.work, said)
    recording.work.check_last_good((2,))


def test_a_lock_that_fails_leaves_no_temporary_file(work, tmp_path):
    """A file system without locks: each value left an empty file beside it."""
    no_locks = Rule("error:EIO", role="worker", calls="lock", under=work.home, from_=1, armed=False)
    shim = Shim(tmp_path / "shim", no_locks)
    with Machine(work) as machine:
        machine.start(shim)
        assert machine.materialize()["status"] == "success"
        assert shim.fired() == 2
    work.check_is(1)
    machine.check_leftovers()


@pytest.mark.parametrize("number", range(1, 9))
def test_a_database_that_opens_only_for_reading_is_refused(work, tmp_path, number):
    """SQLite then opens it for reading, without a word: the daemon served, and could write nothing for ever."""
    one_error = Rule("error:EIO", role="daemon", calls="open", under=work.home / "headrace.db", at=number, armed=False)
    shim = Shim(tmp_path / "shim", one_error)
    with Machine(work) as machine:
        machine.start()
        machine.kill_daemon()  # the write-ahead log is left, to be opened too
        try:
            machine.start(shim)
        except (AssertionError, httpx.TransportError):
            assert machine.daemon.process.wait(30) == 1
            assert "headrace.db" in machine.daemon.log
            machine.start()
        assert machine.materialize()["status"] == "success"


def test_a_journal_that_could_not_be_removed_at_once_is_removed(work, tmp_path):
    """Its row went all the same, and nobody looked for the file any more."""
    one_error = Rule("error:EIO", role="daemon", calls="unlink", under=work.home / "runs", at=1, armed=False)
    shim = Shim(tmp_path / "shim", one_error)
    with Machine(work) as machine:
        machine.start(shim)
        assert machine.materialize()["status"] == "success"
        machine.stop(waits_for_workers=True)
        assert shim.fired() == 1
    machine.check_leftovers()


@pytest.mark.parametrize("number", (58, 63, 68))
def test_a_read_that_met_a_failing_allocation_does_not_show_the_past_for_ever(tmp_path, number):
    """A snapshot that failed as it began was never ended: one of the readers knew of no run that came after."""
    assert starve(Rounds(tmp_path), number, from_=False) == "lived"
