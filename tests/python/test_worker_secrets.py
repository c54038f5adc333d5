"""A canary secret appears in nothing that the SDK writes."""

from __future__ import annotations

import json

import pytest

CODE = """
    import os
    from dagster import (
        AssetExecutionContext, ConfigurableIOManager, ConfigurableResource, Definitions, EnvVar, MaterializeResult, asset,
    )
    from pydantic import SecretStr

    class Service(ConfigurableResource):
        url: str
        password: str
        token: str = "literal-canary-1234"
        region: str = "eu-north-1"

    class MyIO(ConfigurableIOManager):
        sas: str

        def handle_output(self, context, obj):
            context.add_output_metadata({"where": f"https://x.example/{obj}?sig=abc%2F&pw={os.environ['THE_PASSWORD']}"})

        def load_input(self, context): ...

    @asset
    def leaks(context: AssetExecutionContext, service: Service) -> str:
        context.log.info("password %s token %s", service.password, service.token)
        return "x"

    @asset
    def raises(service: Service) -> None:
        secret = service.password
        raise ValueError(f"cannot log in with {secret} at postgresql://me:hunter2@db/x in {service.region}")

    @asset
    def returns(service: Service) -> MaterializeResult:
        return MaterializeResult(metadata={"conn": service.url, service.token: {"deep": [service.password]}})

    defs = Definitions(
        assets=[leaks, raises, returns],
        resources={
            "service": Service(url="https://me:hunter2@x.example/", password=EnvVar("THE_PASSWORD")),
            "io_manager": MyIO(sas=EnvVar("SAS")),
        },
    )
"""
CANARIES = ["canary-5678", "literal-canary-1234", "sas-canary-9", "hunter2"]
ENVIRONMENT = {"THE_PASSWORD": "canary-5678", "SAS": "sas-canary-9"}


def assert_no_canary(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text


@pytest.fixture
def host(start_host):
    return start_host(CODE, environment=ENVIRONMENT)


def test_definitions(host):
    answer = host.describe()
    assert answer["type"] == "definitions"
    text = json.dumps(answer)
    assert_no_canary(text)
    assert "https://me:***@x.example/" in text
    assert "eu-north-1" in text


@pytest.mark.parametrize("step", ["leaks", "raises", "returns"])
def test_journal_and_log(host, step):
    host.load()
    worker = host.fork_worker()
    ended = worker.run(step)
    assert ended["status"] == ("failure" if step == "raises" else "success"), ended
    assert_no_canary(worker.files.journal.read_text() + worker.files.log.read_text())
    if step == "leaks":
        assert worker.log()[0]["message"] == "password *** token ***"
    if step == "raises":
        assert ended["error"]["message"] == "cannot log in with *** at postgresql://me:***@db/x in eu-north-1"


def test_a_load_error_masks_the_secrets_of_dotenv(start_host):
    code = "import os\nraise ValueError('cannot connect with ' + os.environ['DB_PASSWORD'] + os.environ['FOLDER'])\n"
    environment = {
        "DB_PASSWORD": "canary-5678",
        "FOLDER": "/data",
        "HEADRACE_DOTENV_KEYS": "DB_PASSWORD,FOLDER",
    }
    error = start_host(code, environment=environment).describe()["error"]
    assert error["message"] == "cannot connect with ***/data"
    assert_no_canary(json.dumps(error))


def test_a_load_error_quotes_no_value_of_dotenv_whatever_its_name(start_host):
    code = (
        "import os\nraise ValueError('cannot use ' + os.environ['ENDPOINT'] + ' in ' + os.environ['MODE'])\n"
    )
    environment = {"ENDPOINT": "canary-5678", "MODE": "test", "HEADRACE_DOTENV_KEYS": "ENDPOINT,MODE"}
    error = start_host(code, environment=environment).describe()["error"]
    assert error["message"] == "cannot use *** in test"
    assert_no_canary(json.dumps(error))


def test_a_secret_of_the_run_config(start_host):
    code = """
        from dagster import AssetExecutionContext, Config, asset

        class Login(Config):
            password: str

        @asset
        def logs_in(context: AssetExecutionContext, config: Login) -> None:
            context.log.info("with " + config.password)
    """
    host = start_host(code, environment={"LATE": "canary-5678"})
    host.load()
    worker = host.fork_worker()
    run_config = {"ops": {"logs_in": {"config": {"password": {"env": "LATE"}}}}}
    ended = worker.run("logs_in", run_config=run_config)
    assert ended["status"] == "success", ended
    assert worker.log()[0]["message"] == "with ***"
