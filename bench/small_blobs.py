"""Small values to and from a local S3 server (moto), one after the other: the IO managers against the client's own loop.

In Python against boto3, in C++ against Arrow's file system (projects/cpp/values.cpp), turn and turn about on the same
server. It takes most of the time of both: what is asked is that an IO manager adds little to it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.stores.support import stores

from .parquet import PROGRAM, add_speeds, compare, even, in_cpp
from .support.report import Report, say

SPEED_AT_LEAST = 0.8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--blobs", type=int, default=10_000, help="put and got in a round (default: 10000)")


def in_python(client: Any, count: int, rounds: int) -> list[dict[str, float]]:
    """Seconds of each round."""
    from headrace import build_input_context, build_output_context
    from headrace.s3 import S3JSONIOManager, S3Resource

    manager = S3JSONIOManager(s3_resource=S3Resource(), s3_bucket=stores.BUCKET, s3_prefix="managed")
    outputs = [build_output_context(asset_key=f"blob_{i}") for i in range(count)]
    inputs = [build_input_context(asset_key=f"blob_{i}", dagster_type=int) for i in range(count)]

    def put() -> None:
        for i, context in enumerate(outputs):
            manager.handle_output(context, i)

    def plain_put() -> None:
        for i in range(count):
            client.put_object(Bucket=stores.BUCKET, Key=f"plain/blob_{i}.json", Body=str(i).encode())

    def get() -> None:
        for i, context in enumerate(inputs):
            assert manager.load_input(context) == i

    def plain_get() -> None:
        for i in range(count):
            answer = client.get_object(Bucket=stores.BUCKET, Key=f"plain/blob_{i}.json")
            assert int(answer["Body"].read()) == i

    return [
        compare(round, "put", put, plain_put) | compare(round, "get", get, plain_get) for round in range(rounds)
    ]


def measure(report: Report, arguments: argparse.Namespace) -> None:
    count, rounds = 5 if arguments.tiny else arguments.blobs, even(arguments.rounds)
    report.heading(f"small_blobs: {count:,} values to and from S3, against the client's own loop")
    with tempfile.TemporaryDirectory() as folder:
        store = stores.start("s3", Path(folder))
        os.environ["AWS_ENDPOINT_URL"] = store.server.address  # without the tests' proxy in between
        try:
            found = in_python(store.client(), count, rounds)
            add_speeds(report, "Python", found, ["put", "get"], SPEED_AT_LEAST, 1000 / count, "ms")
            if not PROGRAM.exists():
                return say("no C++ program: built without Arrow")
            found = in_cpp("blobs", stores.BUCKET, count, rounds)
            add_speeds(report, "C++", found, ["put", "get"], SPEED_AT_LEAST, 1000 / count, "ms")
        finally:
            store.server.close()
