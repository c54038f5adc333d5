"""pytest's `--dagster-compat`: tests and the code under test may say `from dagster import …`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("headrace")
    group.addoption("--dagster-compat", action="store_true", help="answer imports of dagster with headrace")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest.py is imported."""
    if early_config.known_args_namespace.dagster_compat:
        import headrace.compat  # noqa: F401
