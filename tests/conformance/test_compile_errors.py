"""Mistakes that the compiler meets are told in sentences."""

from __future__ import annotations

import subprocess
from pathlib import Path

from locations import REPOSITORY

MISTAKES = """
#include <headrace/sdk.hpp>
using namespace headrace;

auto a = asset("a", [](auto input) { return input; });
auto b = asset("b", [](int& input) { return input; });
auto c = asset("c", [](AssetExecutionContext context) { return 1; });
auto d = asset("d", [](int* input) { return 1; });
struct Undescribed : Config { int rows; };
auto e = asset("e", [](const Undescribed& config) { return config.rows; });
struct NoLoad : ConfigurableIOManager { void handle_output(OutputContext&, const int&) {} };
Resource f = NoLoad{};
struct TwoStores : ConfigurableIOManager {
  void handle_output(OutputContext&, const int&) {}
  void handle_output(OutputContext&, const double&) {}
  int load_input(InputContext&) { return 1; }
};
Resource g = TwoStores{};
struct Plain {};
Resource h = Plain{};
auto i = asset("i", []() -> int* { return nullptr; });
"""

SENTENCES = [
    "asset() needs a function or a lambda whose parameters have plain types",
    "an input is taken by value or as `const T&`",
    "take the context as `headrace::AssetExecutionContext& context`",
    "an input is a value, not a pointer: nobody could load it",
    "describe the fields of this Config: BOOST_DESCRIBE_STRUCT(TheConfig, (), (field, …))",
    "an IO manager needs `T load_input(headrace::InputContext& context)`",
    "an IO manager needs `void handle_output(headrace::OutputContext& context, const T& value)`, once",
    "a resource derives from headrace::ConfigurableResource, an IO manager from headrace::IOManager",
    "an asset returns a value, not a pointer: nobody could store it",
]


def test_mistakes_are_told_in_sentences(tmp_path: Path) -> None:
    (tmp_path / "mistakes.cpp").write_text(MISTAKES)
    include = REPOSITORY / "sdk" / "cpp" / "include"
    command = ["c++", "-std=c++20", "-fsyntax-only", f"-I{include}", str(tmp_path / "mistakes.cpp")]
    compiled = subprocess.run(command, capture_output=True, text=True)
    assert compiled.returncode != 0
    said = [line for line in compiled.stderr.splitlines() if "static assertion failed: headrace: " in line]
    for sentence in SENTENCES:
        assert any(sentence in line for line in said), f"{sentence}\n" + "\n".join(said)
