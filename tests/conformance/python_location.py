"""The scenarios of tests/conformance in Python; cpp/location.cpp says the same in C++."""

import ctypes
import json
import os
import signal
import sys
import threading
from pathlib import Path

from headrace import (
    AssetExecutionContext,
    AssetIn,
    AssetKey,
    AssetObservation,
    Backoff,
    Config,
    ConfigurableIOManager,
    ConfigurableResource,
    Definitions,
    EnvVar,
    Failure,
    MetadataValue,
    Output,
    RetryPolicy,
    RetryRequested,
    asset,
)
from headrace import DataVersion as Version

if "FAIL_TO_LOAD" in os.environ:
    raise RuntimeError("asked not to load")
if "LEAVE_A_THREAD" in os.environ:
    threading.Thread(target=signal.pause, daemon=True, name="left").start()


class Numbers(ConfigurableIOManager):
    folder: str = ""
    password: str = "hidden-password"
    digits: int = 3

    def _path_of(self, context):
        partition = f".{context.partition_key}" if context.has_partition_key else ""
        return self.folder + "/" + context.asset_key.to_python_identifier() + partition

    def handle_output(self, context, value):
        context.log.info(f"storing {context.asset_key.to_user_string()}")
        path = self._path_of(context)
        Path(path).write_text(json.dumps(value))
        context.add_output_metadata({"path": MetadataValue.path(path), "digits": self.digits})

    def load_input(self, context):
        path = Path(self._path_of(context))
        if not path.exists():
            raise RuntimeError(f"there is no file of {context.asset_key.to_user_string()}")
        context.add_input_metadata({"read": True})
        return json.loads(path.read_text())


class Rows(Config):
    rows: int = 3


class Greeter(ConfigurableResource):
    greeting: str = "hello"

    def setup_for_execution(self, context):
        context.log.info("greeter is set up")

    def teardown_after_execution(self, context):
        print("greeter is torn down", file=sys.stderr)


stored = {"io_manager_key": "numbers"}


@asset(name="one", **stored)
def one_() -> int:
    return 1


@asset(**stored)
def two(one: int) -> int:
    return one + 1


@asset(**stored)
def fails() -> int:
    raise RuntimeError("asked to fail")


@asset(**stored)
def prints(context: AssetExecutionContext) -> int:
    print("to stdout")
    print("by printf")
    print("to stderr", file=sys.stderr)
    context.log.info("to the log")
    context.log.warning("the password is hidden-password")
    return 0


@asset(
    io_manager_key="numbers",
    group_name="told",
    description="Tells of itself.",
    kinds={"number"},
    tags={"a": "b"},
    owners=["team:a"],
    metadata={"since": 2026},
    code_version="3",
)
def tells(context: AssetExecutionContext) -> Output[int]:
    context.log_event(AssetObservation(asset_key="tells", metadata={"seen": 3}))
    told = {"rows": 50, "ratio": 0.5, "name": "iris", "good": True, "page": MetadataValue.url("http://localhost")}
    context.add_output_metadata(told)
    return Output(50, metadata={"schema": MetadataValue.json({"a": 1})}, data_version=Version("v7"))


@asset(**stored)
def nothing() -> None:
    pass


@asset(ins={"nothing": AssetIn("nothing")}, **stored)
def after_nothing(nothing: int) -> int:
    return nothing


@asset(**stored)
def asks_for_retry() -> int:
    raise RetryRequested(max_retries=3, seconds_to_wait=1.5)


@asset(**stored)
def tells_of_failure() -> int:
    raise Failure("no luck", metadata={"row": 7}, allow_retries=False)


@asset(**stored)
def waits() -> int:
    print("waiting", flush=True)
    while True:
        signal.pause()


@asset(**stored)
def stuck() -> int:
    print("stuck", flush=True)
    while True:
        signal.pause()


@asset(**stored)
def grabs() -> int:
    return bytearray(2**30)[7]


@asset(**stored)
def crashes() -> int:
    return ctypes.string_at(0)[0]


@asset(**stored)
def configured(config: Rows) -> int:
    return config.rows


@asset(**stored)
def greets(greeter: Greeter) -> str:
    return f"{greeter.greeting} world"


@asset(**stored)
def changes_surroundings() -> int:
    os.chdir("/")
    os.environ["CHANGED"] = "yes"
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return 0


@asset(**stored)
def sees_surroundings() -> bool:
    return "CHANGED" in os.environ or os.getcwd() == "/"


@asset(key=AssetKey(["deep", "key"]), **stored)
def deep() -> int:
    return 1


@asset(deps=["two"], **stored)
def after_order() -> int:
    return 1


@asset(
    io_manager_key="numbers",
    retry_policy=RetryPolicy(max_retries=2, delay=0.5, backoff=Backoff.LINEAR),
    pool="db",
    op_tags={"dagster/priority": 5, "headrace/time_limit": 9.5, "headrace/memory_limit": 1 << 20},
)
def patient() -> int:
    raise RuntimeError("asked to fail")


defs = Definitions(
    assets=[
        one_, two, fails, prints, tells, nothing, after_nothing, asks_for_retry, tells_of_failure, waits, stuck, grabs,
        crashes, configured, greets, changes_surroundings, sees_surroundings, deep, after_order, patient,
    ],
    resources={"numbers": Numbers(folder=EnvVar("NUMBERS_FOLDER")), "greeter": Greeter()},
)  # fmt: skip
