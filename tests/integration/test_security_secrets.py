"""A canary secret is used in every way that users use one; then it must be nowhere in what the daemon wrote and sent."""

from __future__ import annotations

from pathlib import Path

from .support.processes import marked_processes

CANARY = "canary-7f3a9c1e5b"
PASSWORD = "canarypass42word"
SIGNATURE = "canarySIGNATUREcanarySIGNATURE99"

SOURCE = """
import os
from headrace import *

class Store(ConfigurableIOManager):
    api_key: str
    url: str

    def handle_output(self, context, obj):
        context.add_output_metadata({"key used": self.api_key, "url": self.url, "list": [self.api_key]})
        context.log.info(f"wrote with {self.api_key} to {self.url}")

    def load_input(self, context):
        raise RuntimeError(f"cannot read with {self.api_key} from {self.url}")

@asset(io_manager_key="store")
def kept(context):
    "Uses the secret everywhere"
    context.log.warning("the key is %s", os.environ["CANARY_API_KEY"])
    return 1

@asset
def loses(kept):
    return kept

@asset
def raises():
    secret = os.environ["CANARY_API_KEY"]
    try:
        raise KeyError(secret)
    except KeyError as error:
        raise ValueError(f"signed https://s.example/x?sig={os.environ['CANARY_SIGNATURE']} with {secret}") from error

defs = Definitions(
    assets=[kept, loses, raises],
    resources={"store": Store(api_key=EnvVar("CANARY_API_KEY"), url=EnvVar("CANARY_URL"))},
)
"""

BROKEN = """
import os
raise RuntimeError(f"loading with {os.environ['CANARY_API_KEY']} and {os.environ['CANARY_URL']}")
"""
SECRETS = [CANARY, PASSWORD, SIGNATURE]


def found_in(data: bytes, where: str) -> list[str]:
    return [f"{secret} in {where}" for secret in SECRETS if secret.encode() in data]


def everything_served(one, runs: list[int], location: str) -> list[str]:
    found: list[str] = []
    paths = [
        "/api/v1/status",
        "/api/v1/code-locations",
        f"/api/v1/code-locations/{location}/resources",
        "/api/v1/assets",
        "/api/v1/graph",
        "/api/v1/runs",
        "/metrics",
        *(f"/api/v1/assets/{key}" for key in ("kept", "loses", "raises")),
        *(f"/api/v1/assets/{key}/materializations" for key in ("kept", "loses", "raises")),
        *(f"/api/v1/assets/{key}/source?context=1000" for key in ("kept", "loses", "raises")),
    ]
    for number in runs:
        paths += [f"/api/v1/runs/{number}", f"/api/v1/runs/{number}/events"]
        for step in ("kept", "loses", "raises"):
            paths += [
                f"/api/v1/runs/{number}/steps/{step}/attempts/1/logs/{s}" for s in ("stdout", "stderr", "log")
            ]
    for path in paths:
        found += found_in(one.request("GET", path).content, path)
    return found


def test_a_canary_secret_is_nowhere(daemon, project, tmp_path):
    folder = project({"defs.py": SOURCE})
    (folder / ".env").write_text(
        f"CANARY_API_KEY={CANARY}\nCANARY_URL=https://user:{PASSWORD}@s.example/c?sig={SIGNATURE}\nCANARY_SIGNATURE={SIGNATURE}\n"
    )
    one = daemon(folder, "-f", "defs.py")
    location = one.loaded()["name"]
    runs = [
        one.materialize("kept")["number"],
        one.materialize("raises", expect="failure")["number"],
        one.materialize("loses", expect="failure")["number"],
    ]
    body = {"selection": "kept", "config": {"resources": {"store": {"config": {"api_key": CANARY}}}}}
    config = one.request("POST", "/api/v1/runs", json=body)
    assert CANARY not in config.text
    (folder / "defs.py").write_text(BROKEN)
    assert one.reload(location)["error"]

    found = everything_served(one, runs, location)
    for process in marked_processes(one.mark):
        found += found_in(Path(f"/proc/{process}/cmdline").read_bytes(), f"the command line of {process}")
    assert one.interrupt() == 0
    for file in [*one.home.rglob("*"), one.log_file]:
        if file.is_file() and "storage" not in file.relative_to(tmp_path).parts:
            found += found_in(file.read_bytes(), str(file.relative_to(tmp_path)))
    assert found == []
