"""Hostile texts wherever the API takes one: they are compared, stored and shown as texts, and never read as SQL."""

from __future__ import annotations

import sqlite3
import urllib.parse

import pytest

HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE events; --",
    '" OR ""="',
    "first' UNION SELECT payload FROM events --",
    "%",
    "_irst",
    "f*",
    "first\\",
    "first\x00",
    "1); DELETE FROM runs; --",
    "\u202efirst",
    "first" * 200,
]
ASSETS = """
    from headrace import asset

    @asset
    def first():
        return 1

    @asset
    def second(first):
        return 2
"""


@pytest.fixture
def one(daemon, project):
    one = daemon(project({"defs.py": ASSETS}), "-f", "defs.py")
    one.loaded()
    one.materialize(tags={"team": "ml"})
    return one


def quoted(text):
    return urllib.parse.quote(text, safe="")


def state_of(one):
    """What nothing here may change: all events and all runs."""
    with sqlite3.connect(f"file:{one.home}/headrace.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return (
            database.execute("SELECT count(*), max(id) FROM events").fetchone(),
            database.execute("SELECT number, status, tags FROM runs").fetchall(),
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone(),
        )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_reads_find_what_is_called_so_and_nothing_else(one, text):
    before = state_of(one)
    for path in (
        f"/api/v1/assets/{quoted(text)}",
        f"/api/v1/assets/{quoted(text)}/materializations",
        f"/api/v1/runs/{quoted(text)}",
        f"/api/v1/runs/{quoted(text)}/events",
        f"/api/v1/code-locations/{quoted(text)}",
        f"/api/v1/runs/1/steps/{quoted(text)}/attempts/1/logs/stdout",
    ):
        assert one.request("GET", path).status_code in (400, 404), path
    for name in ("q", "group", "code_location"):
        answer = one.request("GET", f"/api/v1/assets?{name}={quoted(text)}")
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            assert answer.json()["items"] == [], (name, answer.text)
    for query in (f"asset={quoted(text)}", f"status={quoted(text)}", f"cursor={quoted(text)}"):
        answer = one.request("GET", f"/api/v1/runs?{query}")
        assert answer.status_code == 400 or answer.json()["items"] == [], (query, answer.text)
    answer = one.request("GET", f"/api/v1/assets/first/materializations?partition={quoted(text)}")
    assert answer.status_code == 400 or answer.json()["items"] == [], answer.text
    assert state_of(one) == before


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_bodies_are_refused_or_kept_as_they_are(one, text):
    before = state_of(one)
    assert one.request("POST", "/api/v1/runs", json={"assets": [[text]]}).status_code in (400, 422)
    assert one.request("POST", "/api/v1/runs", json={"selection": "*", "run_id": text}).status_code == 400
    assert (
        one.request("POST", "/api/v1/runs/plan", json={"selection": "*", "partition": text}).status_code
        == 400
    )
    assert state_of(one) == before

    run = one.materialize("first", tags={text: text})
    assert run["tags"] == {text: text}
    assert one.run(run["number"])["tags"] == {text: text}
    assert [item["number"] for item in one.get("/api/v1/runs")["items"]] == [2, 1]
