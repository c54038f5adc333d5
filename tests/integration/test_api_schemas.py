"""Answers in unusual states, held against openapi.json: failures, refusals, every kind of metadata, the event stream."""

from __future__ import annotations

import json

import jsonschema
import pytest

from .support.daemon import REPOSITORY, step_of

OPENAPI = json.loads((REPOSITORY / "server" / "api" / "openapi.json").read_text())


def check(answer, name: str):
    """Asserts that the answer is as the schema of that name says; the answer."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)
    return answer


@pytest.fixture
def serve(daemon, project):
    def start(source: str, **options):
        folder = project({"defs.py": "import os\nfrom headrace import *\n" + source})
        return daemon(folder, "-f", "defs.py", **options), folder

    return start


METADATA = """
class Prefix(ConfigurableResource):
    path_prefix: str
    token: str = "x"

@asset(
    description="Everything that metadata can hold",
    group_name="rich",
    owners=["team:data"],
    tags={"domain": "plants"},
    kinds={"python", "csv"},
    code_version="7",
    metadata={"of the definition": 1},
)
def rich(prefix: Prefix):
    return Output(1, metadata={
        "text": "plain",
        "url": MetadataValue.url("https://example.org/a"),
        "path": MetadataValue.path("/somewhere"),
        "notebook": MetadataValue.notebook("/n.ipynb"),
        "md": MetadataValue.md("**bold**"),
        "json": {"a": [1, None, {"b": "c"}]},
        "int": 3,
        "large": 2**63,
        "float": 0.5,
        "nan": float("nan"),
        "infinite": float("-inf"),
        "bool": True,
        "timestamp": MetadataValue.timestamp(1700000000.5),
        "null": None,
        "asset": MetadataValue.asset(AssetKey("other")),
        "run": MetadataValue.dagster_run("01900000-0000-7000-8000-000000000001"),
        "table": MetadataValue.table(records=[TableRecord({"a": 1})], schema=TableSchema(columns=[TableColumn("a", "int")])),
        "table_schema": MetadataValue.table_schema(TableSchema(columns=[TableColumn("a", "int", description="first")])),
        "hostile": "<img src=x onerror=alert(1)> \\u202e \\x1b[31m javascript:alert(1)",
    })

@asset(key_prefix=["deep", "down"], deps=["rich"])
def nested():
    return 2

defs = Definitions(assets=[rich, nested], resources={"prefix": Prefix(path_prefix=EnvVar("PREFIX_OF_TEST"))})
"""


def test_all_kinds_of_metadata_and_definitions(serve):
    one, _ = serve(METADATA, environment={"PREFIX_OF_TEST": "here"})
    one.loaded()
    one.materialize("*")
    asset = check(one.get("/api/v1/assets/rich"), "AssetDetail")
    latest = asset["latest_materialization"]["metadata"]
    assert latest["large"] == {"type": "int", "value": str(2**63)}
    assert latest["nan"]["value"] == "NaN"
    assert latest["hostile"]["value"].startswith("<img")  # as it is: showing it safely is the page's business
    assert asset["kinds"] and asset["owners"] == ["team:data"] and asset["code_version"] == "7"
    nested = check(one.asset("deep/down/nested"), "AssetDetail")
    assert nested["key"] == ["deep", "down", "nested"] and nested["deps"] == [["rich"]]
    check(one.get("/api/v1/assets"), "AssetList")
    check(one.get("/api/v1/assets/rich/materializations"), "MaterializationList")
    check(one.get("/api/v1/graph"), "Graph")
    location = one.get("/api/v1/code-locations")["items"][0]["name"]
    resources = check(one.get(f"/api/v1/code-locations/{location}/resources"), "ResourceList")["items"]
    prefix = next(r for r in resources if r["key"] == "prefix")
    assert prefix["used_by"] == [["rich"]]
    assert {f["name"]: f["env_var"] for f in prefix["config"]}["path_prefix"] == "PREFIX_OF_TEST"


FAILING = """
@asset
def first():
    return 1

@asset
def broken(first):
    raise ValueError("bad row 17")

@asset
def after(broken):
    return 3

defs = Definitions(assets=[first, broken, after])
"""


def test_a_failed_run_its_events_and_its_stream(serve):
    one, _ = serve(FAILING)
    one.loaded()
    number = one.materialize("*", expect="failure")["number"]
    run = check(one.run(number), "Run")
    error = step_of(run, "broken")["error"]
    assert (error["type"], error["message"]) == ("ValueError", "bad row 17")
    assert step_of(run, "after")["status"] == "skipped"
    check(one.get("/api/v1/runs?status=failure"), "RunList")
    paged = one.run_events(number)
    for event in paged:
        check(event, "Event")
    with one.events("runs,assets,code-locations", 0) as stream:
        streamed = []
        for event in stream:
            streamed.append(check(event, "Event"))
            if event["type"] == "run_ended":
                break
    assert {e["type"] for e in streamed} >= {
        "daemon_started",
        "code_location_loaded",
        "run_created",
        "step_ended",
    }
    assert [e for e in streamed if e["run_number"] == number] == paged
    assert check(one.get("/api/v1/graph/status"), "GraphStatus")["status"] == [
        0,
        3,
        2,
    ]  # after, broken, first


def test_a_cancel_and_its_refusal(serve, gate):
    source = "from gate import pass_gate\n@asset\ndef held():\n    pass_gate('held')\ndefs = Definitions(assets=[held])\n"
    one, _ = serve(source, environment=gate.environment())
    one.loaded()
    number = one.launch("*")
    visitor = gate.next_visitor()
    assert check(one.run(number), "Run")["status"] == "running"
    check(one.post(f"/api/v1/runs/{number}/cancel", expect=202), "RunReference")
    run = check(one.wait_run(number), "Run")
    assert run["status"] == "canceled" and step_of(run, "held")["status"] == "canceled"
    visitor.wait_gone()
    refused = one.request("POST", f"/api/v1/runs/{number}/cancel")
    assert refused.status_code == 409
    check(refused.json(), "Problem")
    for event in one.run_events(number):
        check(event, "Event")


def test_refusals_of_a_launch(serve):
    one, _ = serve(METADATA)  # PREFIX_OF_TEST is not set
    one.loaded()
    plan = check(one.post("/api/v1/runs/plan", {"selection": "*"}, expect=200), "RunPlan")
    assert plan["unset_variables"] == ["PREFIX_OF_TEST"]
    problem = check(one.post("/api/v1/runs", {"selection": "*"}, expect=422), "Problem")
    assert problem["refusals"] == plan["refusals"] and problem["refusals"][0]["code"] == "unset_variable"
    unknown = check(one.post("/api/v1/runs", {"assets": [["nothing"]]}, expect=422), "Problem")
    assert unknown["refusals"][0]["asset_key"] == ["nothing"]
    assert check(one.get("/api/v1/runs"), "RunList")["items"] == []
    assert one.asset("rich")["unset_variables"] == ["PREFIX_OF_TEST"]


def test_the_same_run_id_again(serve):
    one, _ = serve(FAILING)
    one.loaded()
    body = {"selection": "first", "run_id": "01900000-0000-7000-8000-00000000abcd"}
    first = check(one.post("/api/v1/runs", body, expect=201), "RunReference")
    again = check(one.post("/api/v1/runs", body, expect=200), "RunReference")
    assert (first["run_id"], first["number"]) == (again["run_id"], again["number"])
    check(one.post("/api/v1/runs", {**body, "selection": "*"}, expect=409), "Problem")
    assert one.wait_run(first["number"])["run_id"] == body["run_id"]
    assert one.get(f"/api/v1/runs/{body['run_id']}")["number"] == first["number"]


def test_a_code_location_that_fails_and_one_that_fails_to_reload(serve):
    one, folder = serve(FAILING)
    name = one.loaded()["name"]
    (folder / "defs.py").write_text("from headrace import *\n\nraise RuntimeError('not today')\n")
    location = check(one.reload(name), "CodeLocation")
    assert location["state"] == "loaded" and location["error"]["message"] == "not today"
    assert location["asset_count"] == 3
    check(one.get(f"/api/v1/code-locations/{name}"), "CodeLocationDetail")
    with one.events("code-locations", 0) as stream:
        for event in stream:
            if check(event, "Event")["type"] == "code_location_failed":
                break
