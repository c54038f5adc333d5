"""The token: needed beyond loopback, traded for a session, never told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .support.daemon import Daemon, binary, clean_environment, stopped_at_the_end

TOKEN = "correct-horse-battery-staple-7Qx"
DEFINITIONS = """
import os
from headrace import Definitions, Output, asset

@asset
def surroundings():
    import glob
    seen = []
    for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            seen.append(open(name, "rb").read())
        except OSError:
            pass
    of_ours = [text for text in seen if os.environ["HR_TEST_MARK"].encode() in text]
    return Output(1, metadata={"processes": len(of_ours), "token_seen": any(b"correct-horse" in text for text in seen)})

defs = Definitions(assets=[surroundings])
"""


@pytest.fixture
def start(tmp_path, project):
    folder = project({"defs.py": DEFINITIONS})
    with stopped_at_the_end() as started:

        def start(*arguments: str, **environment: str) -> Daemon:
            home = tmp_path / f"home{len(started)}"
            one = Daemon(
                home, ["-f", "defs.py", "-d", str(folder), *arguments], cwd=tmp_path, environment=environment
            )
            started.append(one)
            return one.start()

        yield start


def signed_in(one: Daemon) -> str:
    answer = one.request("POST", "/api/v1/session", json={"token": TOKEN})
    assert answer.status_code == 204 and answer.content == b"", answer.text
    return answer.headers["set-cookie"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_other_machines_are_let_in_only_with_a_token(tmp_path, project, start):
    folder = project({"defs.py": DEFINITIONS}, name="other")
    refused = subprocess.run(
        [
            binary(),
            "dev",
            "-f",
            "defs.py",
            "-d",
            str(folder),
            "-h",
            "0.0.0.0",
            "-p",
            "0",
            "--home",
            str(tmp_path / "h"),
        ],
        capture_output=True,
        text=True,
        env=clean_environment({}),
        timeout=60,
    )
    assert refused.returncode != 0 and refused.stdout == ""
    for hint in ("HEADRACE_TOKEN", "token_file", "openssl rand -hex 32", "SSH tunnel"):
        assert hint in refused.stderr, refused.stderr
    one = start("-h", "0.0.0.0", HEADRACE_TOKEN=TOKEN, HEADRACE_HOST_NAMES='["headrace.example"]')
    for host, status in (("192.0.2.7:3000", 200), ("headrace.example", 200), ("evil.example", 421)):
        answer = one.request("GET", "/api/v1/status", headers=bearer(TOKEN) | {"Host": host})
        assert answer.status_code == status, host


def test_a_session_opens_everything_and_ends(start):
    one = start(HEADRACE_TOKEN=TOKEN)
    assert one.request("GET", "/api/v1/status").status_code == 401
    assert one.request("GET", "/api/v1/status", headers=bearer(TOKEN)).status_code == 200
    for path in ("/", "/healthz", "/readyz", "/api/v1/session"):
        assert one.request("GET", path).status_code in (200, 503), path  # 503: not ready yet
    assert one.get("/api/v1/session") == {"token_needed": True, "signed_in": False}
    cookie = signed_in(one)
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert TOKEN not in cookie
    assert one.get("/api/v1/session") == {"token_needed": True, "signed_in": True}
    one.loaded()  # reads the event stream too
    stream = one.client.stream("GET", "/api/v1/events", params={"topics": "runs", "after": 0})
    with stream as answer:
        assert answer.status_code == 200
    one.client.cookies.clear()
    with one.client.stream("GET", "/api/v1/events", params={"topics": "runs", "after": 0}) as answer:
        assert answer.status_code == 401
    one.client.headers["Cookie"] = cookie.split(";")[0]
    ended = one.request("DELETE", "/api/v1/session")
    assert ended.status_code == 204 and "Max-Age=0" in ended.headers["set-cookie"]
    assert (
        one.request("GET", "/api/v1/status").status_code == 401
    )  # the browser may have kept it, the daemon has not


def test_a_sign_in_from_another_site_is_refused(start):
    one = start(HEADRACE_TOKEN=TOKEN)
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = one.request("POST", "/api/v1/session", json={"token": TOKEN}, headers=headers)
        assert answer.status_code == 403
    form = one.request("POST", "/api/v1/session", data={"token": TOKEN})
    assert form.status_code == 415
    for body in ({}, {"token": 1}, {"token": TOKEN, "more": 1}, []):
        assert one.request("POST", "/api/v1/session", json=body).status_code == 400
    assert one.request("GET", f"/api/v1/status?token={TOKEN}").status_code == 401  # never in an address


def test_guesses_are_limited(start):
    one = start(HEADRACE_TOKEN=TOKEN, HEADRACE_GUESS_MS="600000")
    for number in range(10):
        guess = {"token": f"guess-number-{number}-of-many"}
        assert one.request("POST", "/api/v1/session", json=guess).status_code == 401
    limited = one.request("POST", "/api/v1/session", json={"token": TOKEN})
    assert limited.status_code == 429 and 0 < int(limited.headers["retry-after"]) <= 600
    assert one.request("GET", "/api/v1/status", headers=bearer(TOKEN)).status_code == 429
    assert one.request("GET", "/healthz").status_code == 200


def test_the_token_is_told_to_nobody(start):
    one = start(HEADRACE_TOKEN=TOKEN, HEADRACE_LOG_LEVEL="debug")
    one.request("POST", "/api/v1/session", json={"token": TOKEN + "x"})
    session = signed_in(one).split(";")[0].split("=")[1]
    one.loaded()
    one.materialize("surroundings")
    metadata = one.metadata("surroundings")
    assert metadata["processes"] >= 2 and metadata["token_seen"] is False, metadata
    said = "".join(json.dumps(event) for event in one.run_events(1)) + one.request("GET", "/metrics").text
    one.terminate()
    files = [file.read_bytes() for file in Path(one.home).rglob("*") if file.is_file()]
    for secret in (TOKEN, session):
        assert secret not in one.log and secret not in said
        assert not any(secret.encode() in content for content in files)


def test_the_token_from_a_file_and_from_a_credential(start, tmp_path):
    file = tmp_path / "headrace.token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o640)
    by_file = start(HEADRACE_TOKEN_FILE=str(file))
    assert by_file.request("GET", "/api/v1/status", headers=bearer(TOKEN)).status_code == 200
    assert "chmod 600" in by_file.log
    by_credential = start(CREDENTIALS_DIRECTORY=str(tmp_path))
    assert by_credential.request("GET", "/api/v1/status").status_code == 401
    assert by_credential.request("GET", "/api/v1/status", headers=bearer(TOKEN)).status_code == 200


def test_without_a_token_nobody_signs_in(start):
    one = start()
    assert one.get("/api/v1/session") == {"token_needed": False, "signed_in": False}
    assert one.request("POST", "/api/v1/session", json={"token": TOKEN}).status_code == 409
