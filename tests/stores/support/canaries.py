"""Looks for secrets wherever a daemon writes and serves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


def forms(secrets: Iterable[str]) -> list[str]:
    """A SAS is secret as a whole, and its signature alone."""
    return [form for secret in secrets for form in {secret, secret.rpartition("sig=")[2]}]


def traces(one: Any, secrets: list[str], runs: list[int], steps: Iterable[str]) -> list[str]:
    """Where they stand: in the API's answers, in the daemon's home and in its log. The daemon is stopped for that."""
    found = [
        f"{secret[:4]}… in {path}"
        for path in _served(one, runs, steps)
        for secret in secrets
        if secret.encode() in one.request("GET", path).content
    ]
    assert one.interrupt() == 0
    for file in [*one.home.rglob("*"), one.log_file]:
        data = file.read_bytes() if Path(file).is_file() else b""
        found += [f"{secret[:4]}… in {file}" for secret in secrets if secret.encode() in data]
    return found


def _served(one: Any, runs: list[int], steps: Iterable[str]) -> list[str]:
    location = one.get("/api/v1/code-locations")["items"][0]["name"]
    paths = ["/api/v1/assets", f"/api/v1/code-locations/{location}/resources"]
    paths += [f"/api/v1/assets/{step}/{what}" for step in steps for what in ("materializations", "preview")]
    for run in runs:
        paths += [f"/api/v1/runs/{run}", f"/api/v1/runs/{run}/events"]
        for step in steps:
            paths += [f"/api/v1/runs/{run}/steps/{step}/attempts/1/logs/{each}" for each in ("stdout", "stderr", "log")]
    return paths
