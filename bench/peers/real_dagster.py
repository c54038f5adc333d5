"""Real Dagster: `dagster dev` with the very files of bench/projects, asked by GraphQL as its page does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.launch import latency_ms
from bench.support.daemon import PROJECTS, MeasuredDaemon
from bench.support.environments import python_of
from bench.support.report import Figure, Report, say
from bench.support.statistics import median

from . import Flow

# A process a step takes a second or two: fewer steps tell as much.
FLOWS = [
    Flow("chain", 100, executor="in_process", preset="in_process"),
    Flow("wide", 100, executor="in_process", preset="in_process"),
    Flow("chain", 10, executor="multiprocess", preset="step"),
    Flow("wide", 10, executor="multiprocess"),
    Flow("fib", 40, 10, executor="in_process"),
    Flow("fib", 10, 33, executor="multiprocess"),
]
TINY_FLOWS = [Flow("chain", 2, executor="in_process", preset="in_process")]
CLICKS = 3
LIMIT = 1800.0

LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }"""
RUN = """query($id: ID!) { runOrError(runId: $id) { ... on Run {
  status startTime endTime stepStats { stepKey startTime } } } }"""
LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries {
  name loadStatus locationOrLoadError { __typename } } } } }"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Dagster:
    def __init__(self, url: str, version: str, flows: list[Flow]) -> None:
        self.url, self.version, self.flows = url, version, flows

    def ask(self, query: str, **variables: Any) -> Any:
        answer = httpx.post(self.url, json={"query": query, "variables": variables}, timeout=120).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def wait_until_loaded(self) -> None:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            try:
                entries = self.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
                kinds = [(entry["locationOrLoadError"] or {}).get("__typename") for entry in entries]
                if kinds and all(kind == "RepositoryLocation" for kind in kinds):
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(0.1)
        raise RuntimeError("Dagster's code locations did not load")

    def run(self, location: str, keys: list[str], executor: str) -> tuple[float, dict[str, Any]]:
        """The moment of the request, and the run as it ended."""
        selector = {
            "repositoryLocationName": location,
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
            "assetSelection": [{"path": [key]} for key in keys],
        }
        config = {"execution": {"config": {executor: {}}}} if executor else {}
        began = time.time()
        answer = self.ask(LAUNCH, params={"selector": selector, "runConfigData": config})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        while True:
            run = self.ask(RUN, id=answer["run"]["runId"])["runOrError"]
            if run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                assert run["status"] == "SUCCESS", run
                return began, run
            time.sleep(0.2)

    def seconds(self, flow: Flow) -> float:
        """As bench.peers.ours(): of the run, for fib from the request."""
        location = f"fib_assets_{flow.n}" if flow.shape == "fib" else "int_assets"
        keys = [f"{flow.group}_{number}" for number in range(flow.steps)]
        began, run = self.run(location, keys, flow.executor)
        return run["endTime"] - (began if flow.shape == "fib" else run["startTime"])

    def more(self, report: Report, daemon: MeasuredDaemon) -> None:
        """From the click to the first step running, for one asset in the defaults of both."""
        theirs, ours = [], []
        for _ in range(CLICKS):
            began, run = self.run("int_assets", ["chain_0"], "")
            theirs.append((min(step["startTime"] for step in run["stepStats"]) - began) * 1e3)
            ours.append(latency_ms(daemon, "chain_0"))
        ratio = median(a / b for a, b in zip(theirs, ours, strict=True))
        name = "dagster, click to first step running"
        report.add(Figure(name, median(theirs), "ms", floor=median(ours), floor_name="Headrace", ratio=ratio))


@contextlib.contextmanager
def running(name: str, folder: Path, is_tiny: bool) -> Iterator[Dagster]:
    python, home, port = python_of(name), folder / "dagster_home", free_port()
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    # The fib flows are code locations of their own: one file, named twice.
    code = folder / "code"
    code.mkdir()
    (code / "int_assets.py").write_text((PROJECTS / "int_assets.py").read_text())
    text = (PROJECTS / "fib_assets.py").read_text()
    for n, steps in ((10, 40), (33, 10)):
        (code / f"fib_assets_{n}.py").write_text(f"import os\n\nos.environ['BENCH_FIB'] = '{n}:{steps}'\n{text}")
    modules = [word for n in ("int_assets", "fib_assets_10", "fib_assets_33") for word in ("-m", n)]
    command = [str(python.parent / "dagster"), "dev", *modules, "-p", str(port)]
    environment = os.environ | {"DAGSTER_HOME": str(home), "BENCH_STEPS": "100", "VIRTUAL_ENV": str(python.parent.parent)}
    environment["PATH"] = f"{python.parent}:{environment['PATH']}"
    with open(folder.parent / "dagster.log", "w") as log:
        process = subprocess.Popen(
            command, cwd=code, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            version = subprocess.run(
                [str(python), "-c", "import dagster; print(dagster.__version__)"], stdout=subprocess.PIPE, text=True
            ).stdout.strip()
            peer = Dagster(f"http://127.0.0.1:{port}/graphql", version, TINY_FLOWS if is_tiny else FLOWS)
            began = time.monotonic()
            peer.wait_until_loaded()
            say(f"dagster is there after {time.monotonic() - began:.1f} s")
            yield peer
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
