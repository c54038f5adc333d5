"""The record adds up over sittings, keeps failures, and stays small."""

from __future__ import annotations

from .support import record
from .support.campaign import Campaign, Limit, Work


def campaign_of(run=lambda work: None) -> Campaign:
    return Campaign("example", "a fault", "what holds", run, long=Limit(rounds=100))


def sitting(folder, file, rounds: int, failure: str | None = None, **counts: int) -> dict:
    work = Work(folder, Limit(rounds=rounds))
    recorder = record.Recorder(campaign_of(), work, file)
    while work.goes_on():
        work.add(1, **counts)
    recorder.save()
    if failure:
        recorder.save(failure)
    return record.read(file)["example"]


def test_sittings_of_one_commit_are_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "commit", lambda: "aaa")
    file = tmp_path / "records" / "faults.json"
    sitting(tmp_path, file, 3, kills=2, most_memory=7)
    total = sitting(tmp_path, file, 4, kills=1, most_memory=5)
    assert (total["rounds"], total["failures"]) == (7, 0)
    assert total["counts"] == {"kills": 10, "most_memory": 7}
    assert len(total["history"]) == 1


def test_failures_stay_when_old_lines_are_folded(tmp_path, monkeypatch):
    file = tmp_path / "faults.json"
    for number in range(3 * record.MOST_LINES):
        monkeypatch.setattr(record, "commit", lambda number=number: f"c{number}")
        total = sitting(tmp_path, file, 2, "it broke" if number == 0 else None, kills=1)
    assert total["rounds"] == 6 * record.MOST_LINES == total["counts"]["kills"]
    assert len(total["history"]) == record.MOST_LINES
    assert total["failures"] == 1
    assert total["history"][0]["failures"] == [{"seed": 1, "round": 2, "what": "it broke"}]
    assert total["history"][0]["commit"].startswith("up to c")


def test_random_numbers_depend_on_seed_round_and_purpose(tmp_path):
    one, same = Work(tmp_path, Limit(rounds=9), seed=4), Work(tmp_path, Limit(rounds=9), seed=4)
    assert one.random("delay").random() == same.random("delay").random()
    assert one.random("delay").random() != one.random("target").random()
    one.add(1)
    assert one.random("delay").random() != same.random("delay").random()
