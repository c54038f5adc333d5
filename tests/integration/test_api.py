"""REST: every real answer against openapi.json, and requests that are not as it says."""

from __future__ import annotations

import json

import jsonschema
import pytest

from .support.daemon import REPOSITORY

OPENAPI = json.loads((REPOSITORY / "server" / "api" / "openapi.json").read_text())
MODULE = "my_dagster_code_location"


def schema_of(method: str, template: str, status: int) -> dict:
    """The schema that openapi.json gives an answer, with its references resolvable."""
    responses = OPENAPI["paths"][template][method]["responses"]
    response = responses.get(str(status)) or responses["default"]
    if "$ref" in response:
        response = OPENAPI["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    (content,) = response["content"].values()
    return {"components": OPENAPI["components"], **content["schema"]}


def assert_valid(answer, schema: dict) -> None:
    jsonschema.Draft202012Validator(schema).validate(answer)


@pytest.fixture
def one(daemon, guide):
    one = daemon(guide("5_metadata"), "-m", MODULE)
    one.loaded()
    return one


ANSWERS = [
    ("get", "/api/v1/session", "/api/v1/session"),
    ("get", "/api/v1/status", "/api/v1/status"),
    ("get", "/api/v1/code-locations", "/api/v1/code-locations"),
    ("get", "/api/v1/code-locations/{name}", f"/api/v1/code-locations/{MODULE}"),
    ("get", "/api/v1/code-locations/{name}/resources", f"/api/v1/code-locations/{MODULE}/resources"),
    (
        "get",
        "/api/v1/code-locations/{name}/resources/{key}",
        f"/api/v1/code-locations/{MODULE}/resources/my_io_manager",
    ),
    ("get", "/api/v1/assets", "/api/v1/assets"),
    ("get", "/api/v1/assets/{key}", "/api/v1/assets/setosa"),
    ("get", "/api/v1/assets/{key}/materializations", "/api/v1/assets/setosa/materializations"),
    ("get", "/api/v1/assets/{key}/source", "/api/v1/assets/setosa/source"),
    ("get", "/api/v1/graph", "/api/v1/graph"),
    ("get", "/api/v1/graph/status", "/api/v1/graph/status"),
    ("get", "/api/v1/runs", "/api/v1/runs"),
    ("get", "/api/v1/runs/{id}", "/api/v1/runs/1"),
    ("get", "/api/v1/runs/{id}/events", "/api/v1/runs/1/events"),
    ("get", "/healthz", "/healthz"),
    ("get", "/readyz", "/readyz"),
]


def test_real_answers_are_as_openapi_says(one):
    plan = one.post("/api/v1/runs/plan", {"selection": "*"}, expect=200)
    assert_valid(plan, schema_of("post", "/api/v1/runs/plan", 200))
    launched = one.post("/api/v1/runs", {"selection": "*"}, expect=201)
    assert_valid(launched, schema_of("post", "/api/v1/runs", 201))
    one.wait_run(1)
    for method, template, path in ANSWERS:
        assert_valid(one.get(path), schema_of(method, template, 200))
    assert one.get("/api/openapi.json") == OPENAPI


def test_every_get_route_of_openapi_is_tried_here():
    tried = {template for method, template, _ in ANSWERS if method == "get"}
    other = {
        "/api/v1/events",
        "/api/v1/runs/{id}/steps/{step}/attempts/{n}/logs/{stream}",
        "/api/openapi.json",
        "/metrics",
        "/api/v1/assets/{key}/preview",
    }
    assert {path for path, methods in OPENAPI["paths"].items() if "get" in methods} <= tried | other


@pytest.mark.parametrize(
    "body, word",
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"selection": 5}', "selection"),
        (b'{"selection": "*", "colour": "red"}', "colour"),
        (b'{"selection": "*", "assets": [["setosa"]]}', "assets"),
        (b'{"selection": "setosa and"}', "selection"),
        (b'{"selection": "*", "run_id": "not-a-uuid"}', "run_id"),
        (b"[" * 100 + b"]" * 100, ""),
        (b'{"selection": "\xff"}', ""),
    ],
)
def test_bad_bodies_are_refused_with_their_place(one, body, word):
    response = one.request("POST", "/api/v1/runs", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert_valid(response.json(), schema_of("post", "/api/v1/runs", response.status_code))
    assert word in response.json()["detail"]
    assert one.get("/api/v1/runs")["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/runs/99",
        "/api/v1/assets/nothing",
        "/api/v1/code-locations/nothing",
        "/api/v1/nothing",
        "/api/v2/runs",
    ],
)
def test_what_is_not_there_is_404_and_named(one, path):
    response = one.request("GET", path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert path.rsplit("/", 1)[1] in response.json()["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=100000000", "cursor=%00", "after=-1"])
def test_bad_query_parameters(one, query):
    path = "/api/v1/runs/1/events" if query.startswith("after") else "/api/v1/runs"
    one.materialize("*")
    assert one.request("GET", f"{path}?{query}").status_code in (200, 400, 422)
    assert one.get("/healthz") == {"status": "ok"}


def test_other_hosts_and_origins_are_refused(one):
    port = one.url.rsplit(":", 1)[1]
    assert one.request("GET", "/api/v1/status", headers={"Host": f"evil.example:{port}"}).status_code == 421
    assert one.request("GET", "/", headers={"Host": "evil.example"}).status_code == 421
    body = {"selection": "*"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert one.request("POST", "/api/v1/runs", json=body, headers=headers).status_code == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = one.request(
            "POST", "/api/v1/runs", content=json.dumps(body), headers={"Content-Type": kind}
        )
        assert response.status_code in (403, 415)
    assert one.get("/api/v1/runs")["items"] == []


def test_methods_are_an_allow_list(one):
    for path, methods in OPENAPI["paths"].items():
        concrete = path.format(name=MODULE, key="setosa", id="1", step="setosa", n="1", stream="stdout")
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
            if method.lower() in methods or (method == "HEAD" and "get" in methods):
                continue
            status = one.request(method, concrete).status_code
            assert status in (400, 403, 405, 501), f"{method} {concrete}: {status}"


def test_the_page_comes_with_a_strict_policy_and_from_the_binary_alone(one):
    response = one.request("GET", "/")
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    again = one.request("GET", "/", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    for trick in ("/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc/passwd"):
        answer = one.request("GET", trick)
        assert "root:" not in answer.text


def test_the_stream_resumes_where_it_was_left(one):
    one.materialize("*")
    with one.events("run:1", 0) as stream:
        ids = []
        for event in stream:
            ids.append(event["id"])
            if event["type"] == "run_ended":
                break
    with one.events("run:1", ids[3]) as stream:
        rest = []
        for event in stream:
            rest.append(event["id"])
            if event["type"] == "run_ended":
                break
    assert rest == ids[4:]
