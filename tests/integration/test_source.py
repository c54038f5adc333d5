"""The code of a definition, out of the source file as it is now; or a sentence that says why there is none."""

from __future__ import annotations

import textwrap

import pytest

from .test_api_schemas import check

CODE = '''
from dagster import ConfigurableResource, Definitions, EnvVar, RetryPolicy, asset

class Shop(ConfigurableResource):
    api_key: str

# About orders.
@asset(
    retry_policy=RetryPolicy(max_retries=1),
)
def orders(shop: Shop):
    query = """
select *
from orders
"""
    return [
        query,
    ]

@asset
def short(): ...

def make(name):
    @asset(name=name)
    def made():
        return 1
    return made

shop = Shop(api_key=EnvVar("SHOP_API_KEY"))
password = "canary-written-down"
# canary-of-the-shop
defs = Definitions(assets=[orders, short, make("made")], resources={"shop": shop})
'''
LINES = CODE.strip().splitlines()


@pytest.fixture
def folder(project):
    folder = project({"defs.py": CODE.strip() + "\n"})
    (folder / ".env").write_text("SHOP_API_KEY=canary-of-the-shop\n")
    return folder


@pytest.fixture
def one(daemon, folder):
    one = daemon(folder, "-f", "defs.py")
    one.loaded()
    return one


def source(one, key, query=""):
    return check(one.get(f"/api/v1/assets/{key}/source{query}"), "AssetSource")


def number_of(line: str) -> int:
    return LINES.index(line) + 1


def test_a_function_is_shown_whole_with_its_decorators(one):
    found = source(one, "orders", "?context=0")
    first, last = number_of("@asset("), number_of("    ]")
    assert (found["file"], found["line"], found["last_line"]) == ("defs.py", first, last)
    assert found["text"].splitlines() == LINES[first - 1 : last]
    assert found["changed_at"] is None and found["reason"] is None
    around = source(one, "orders")
    assert around["first_line"] == first - 3 and "# About orders.\n" in around["text"]
    assert around["total_lines"] == len(LINES)
    made = source(one, "made", "?context=0")
    assert textwrap.dedent(made["text"]) == "@asset(name=name)\ndef made():\n    return 1\n"


def test_it_is_told_when_the_file_changed_since_it_was_loaded(one, folder):
    with (folder / "defs.py").open("a") as file:
        file.write("# more\n")
    assert source(one, "short")["changed_at"] is not None
    location = one.get("/api/v1/code-locations")["items"][0]["name"]
    one.reload(location)
    assert source(one, "short")["changed_at"] is None
    (folder / "defs.py").write_text("def broken(:\n")
    assert one.reload(location)["error"]
    gone = source(one, "short")
    assert gone["changed_at"] is not None and gone["text"] is None
    assert f"defs.py has 1 lines now, and the definition was in line {number_of('def short(): ...') - 1}" in gone["reason"]
    (folder / "defs.py").unlink()
    assert "There is no file" in source(one, "short")["reason"]


def test_secrets_are_not_in_it(one):
    found = source(one, "short", "?context=1000")
    assert found["first_line"] == 1 and len(found["text"].splitlines()) == len(LINES)
    assert "canary" not in found["text"]
    assert 'password = "***"\n# ***\n' in found["text"]


def test_what_has_no_file_says_so(daemon, project):
    code = """
    from dagster import Definitions, SourceAsset, asset

    namespace = {"asset": asset}
    exec("@asset(deps=['stub'])\\ndef typed_in(elsewhere): ...", namespace)
    defs = Definitions(assets=[namespace["typed_in"], SourceAsset("elsewhere")])
    """
    one = daemon(project({"defs.py": code}), "-f", "defs.py")
    one.loaded()
    assert "There is no file" in source(one, "typed_in")["reason"]
    assert "does not say where" in source(one, "elsewhere")["reason"]
    assert "No code location" in source(one, "stub")["reason"]
