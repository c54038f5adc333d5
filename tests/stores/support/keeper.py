"""A process that stores values in children of its own, for tests that kill them: `python -m stores.support.keeper STORE`.

Each line of its input is an order; the answer is the child's pid, and then how it ended. Nothing is warm in it but imports:
clients are made in the children.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

_CLIENTS = {
    "s3": ["headrace.s3", "boto3", "botocore.httpsession", "s3transfer.manager"],
    "gcs": ["headrace.gcs", "google.cloud.storage"],
    "adls2": ["headrace.adls2", "azure.storage.blob"],
}


def manager(order: dict[str, Any]) -> Any:
    """The IO manager of an order: a local folder, or a blob store whose address is in the environment."""
    import headrace

    name = order["manager"]
    if order["store"] == "local":
        made = getattr(headrace, name)(base_dir=order["folder"])
        return made if hasattr(made, "handle_output") else made.create_io_manager(None)
    if order["parts"]:
        send_in_parts(order["store"])
    settings = {"max_attempts": 1, "request_timeout": 30}
    if order["store"] == "s3":
        from headrace import s3

        return getattr(s3, name)(s3_resource=s3.S3Resource(), s3_bucket="warehouse", s3_prefix="kills", **settings)
    if order["store"] == "gcs":
        from headrace import gcs

        given = gcs.GCSResource(project="test")
        return getattr(gcs, name)(gcs=given, gcs_bucket="warehouse", gcs_prefix="kills", **settings)
    from headrace import adls2

    credential = adls2.ADLS2SASToken(token=os.environ["TEST_SAS"])
    given = adls2.ADLS2Resource(storage_account="demostorage", credential=credential)
    return getattr(adls2, name)(adls2=given, adls2_file_system="warehouse", adls2_prefix="kills", **settings)


def send_in_parts(store: str) -> None:
    """Small values as if they were large."""
    if store == "s3":
        from headrace.stores import s3_store

        s3_store._LARGEST_PUT, s3_store._PART = 1000, 5 << 20
    elif store == "gcs":
        from google.cloud.storage import blob

        blob._MAX_MULTIPART_SIZE = 1000
    else:
        from azure.storage.blob import BlobServiceClient

        made = BlobServiceClient.__init__

        def init(self: Any, *arguments: Any, **options: Any) -> None:
            made(self, *arguments, **options, max_single_put_size=1000, max_block_size=64 * 1024)

        BlobServiceClient.__init__ = init  # type: ignore[method-assign]


def value_of(version: int, size: int) -> Any:
    """A table: every format can keep it."""
    import pyarrow as pa

    return pa.table({"version": [version] * 3, "text": ["x" * (size // 3)] * 3})


def store(order: dict[str, Any]) -> None:
    """What the child does."""
    from headrace import build_output_context

    manager(order).handle_output(
        build_output_context(asset_key=["deep", "value"]), value_of(order["version"], order["size"])
    )


def main() -> None:
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401 - once, not in each child

    import headrace.table_io_managers  # noqa: F401

    for module in _CLIENTS.get(sys.argv[1], ()):
        importlib.import_module(module)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                store(order)
            except BaseException as error:  # noqa: BLE001 - told to the test
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
