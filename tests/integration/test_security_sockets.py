"""Programs that do not speak the protocol as code locations: each fails with a reason, and the daemon goes on."""

from __future__ import annotations

import sys
import textwrap

import pytest

HELLO = (
    '{"type":"hello","protocol":1,"language":"python","language_version":"3","sdk":"none","fork":false,"pid":1,'
    '"executable":"x"}'
)
# name: (what the program does with its control socket, what the error says)
PROGRAMS = {
    "garbage": ("say(b'\\x00\\xff garbage\\n'); wait()", ["no protocol message"]),
    "an unknown type": ('say(b\'{"type":"shutdown_daemon"}\\n\'); wait()', ["no protocol message", "shutdown_daemon"]),
    "deep nesting": ("say(b'[' * 100000 + b']' * 100000 + b'\\n'); wait()", ["no protocol message", "nested"]),
    "another version": (f"say(b'{HELLO}\\n'.replace(b'\"protocol\":1', b'\"protocol\":99')); wait()", ["protocol 99"]),
    "no definitions in the answer": (
        f'say(b\'{HELLO}\\n{{"type":"definitions","hash":"0","definitions":[]}}\\n\'); wait()',
        [],
    ),
    "closes its socket and stays": ("os.close(3); wait()", ["descriptor 3", "killed"]),
    "exits in the middle of a message": ("say(b'{\"type\":'); os._exit(3)", ["exited with status 3"]),
}
HEADER = """\
#!{python}
import os, signal

def say(data):
    while data:
        data = data[os.write(3, data):]

def wait():
    while True:
        signal.pause()

"""


@pytest.fixture
def program(tmp_path):
    def write(text):
        file = tmp_path / "program"
        file.write_text(HEADER.format(python=sys.executable) + textwrap.dedent(text))
        file.chmod(0o755)
        return file

    return write


@pytest.mark.parametrize("case", PROGRAMS)
def test_a_program_that_is_no_code_location(daemon, project, program, case):
    does, words = PROGRAMS[case]
    good = {"good.py": "from headrace import asset\n\n@asset\ndef one():\n    return 1\n"}
    one = daemon(
        project(good),
        *("--exe", str(program(does)), "-f", "good.py"),
        environment={"HEADRACE_HOST_CLOSE_MS": "50"},
    )
    error = one.code_location("program")["error"]
    assert error, one.log
    for word in words:
        assert word in error["message"], error
    one.loaded("good.py")
    one.materialize("one")


def test_user_code_that_writes_to_the_sockets_costs_itself_alone(daemon, project):
    """A step that floods its worker's socket, and one that sends what only a host may say there."""
    code = """
        import os
        from headrace import asset

        @asset
        def floods():
            for _ in range(100):
                os.write(3, b"x" * 10_000)
            return 1

        @asset
        def lies():
            os.write(3, b'{"type":"definitions","hash":"0","definitions":{}}\\n')
            return 1

        @asset
        def honest():
            return 1
    """
    one = daemon(project({"defs.py": code}), "-f", "defs.py")
    one.loaded()
    one.materialize("lies")
    one.wait_run(one.launch("floods"))
    one.materialize("honest")
    assert len(one.get("/api/v1/assets")["items"]) == 3
