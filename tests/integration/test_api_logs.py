"""What steps printed, over REST: ranges of the workers' files."""

from __future__ import annotations

import json

SOURCE = """
import sys
from headrace import *

@asset
def first(context):
    for number in range(1000):
        print("first", number)
    sys.stderr.write("to stderr\\n")
    context.log.info("from the log")
    return 1

@asset
def second(context, first):
    print("second")
    print("https://user:canary-password@example.org/?sig=canaryCANARYcanary12345%3D")
    return 2

defs = Definitions(assets=[first, second])
"""


def log(one, step: str, stream: str, **query):
    response = one.request("GET", f"/api/v1/runs/1/steps/{step}/attempts/1/logs/{stream}", params=query)
    assert response.status_code == 200, response.text
    return response


def test_logs_of_each_step_in_parts(daemon, project):
    one = daemon(project({"defs.py": SOURCE}), "-f", "defs.py")
    one.loaded()
    one.materialize("*")
    whole = log(one, "first", "stdout")
    assert whole.text == "".join(f"first {n}\n" for n in range(1000))
    assert whole.headers["headrace-log-complete"] == "true"
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"

    parts, offset = [], 0
    while True:
        part = log(one, "first", "stdout", offset=offset, limit=1000)
        assert part.text.endswith("\n") and len(part.content) <= 1000
        assert int(part.headers["headrace-log-offset"]) == offset
        parts.append(part.text)
        offset = int(part.headers["headrace-log-next"])
        if part.headers["headrace-log-complete"] == "true":
            break
    assert "".join(parts) == whole.text and len(parts) > 5

    assert log(one, "first", "stderr").text == "to stderr\n"
    lines = [json.loads(line) for line in log(one, "first", "log").text.splitlines()]
    assert "from the log" in [line["message"] for line in lines]
    assert {line["step_key"] for line in lines} == {"first"}
    assert log(one, "first", "log").headers["content-type"].startswith("application/x-ndjson")


def test_logs_are_masked_by_pattern(daemon, project):
    one = daemon(project({"defs.py": SOURCE}), "-f", "defs.py")
    one.loaded()
    one.materialize("*")
    text = log(one, "second", "stdout").text
    assert text.startswith("second\nhttps://user:")
    assert "canary" not in text and "example.org" in text


def test_logs_that_are_not_there(daemon, project):
    one = daemon(project({"defs.py": SOURCE}), "-f", "defs.py")
    one.loaded()
    one.materialize("first")
    for path in (
        "1/steps/second/attempts/1/logs/stdout",
        "1/steps/first/attempts/2/logs/stdout",
        "2/steps/first/attempts/1/logs/stdout",
        "1/steps/first/attempts/1/logs/journal",
        "1/steps/first/attempts/1/logs/..%2Fjournal",
        "1/steps/first/attempts/1/logs/..%2F..%2F..%2F..%2Fheadrace.db",
    ):
        assert one.request("GET", f"/api/v1/runs/{path}").status_code == 404, path
