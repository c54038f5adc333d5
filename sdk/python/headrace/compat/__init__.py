"""Importing this package answers imports of dagster, dagster_azure, dagster_aws and dagster_gcp with Headrace's names.

Import it before anything imports dagster. A code location's host does so by itself when dagster is not installed, or
with `--compat dagster`; pytest does with `--dagster-compat`.
"""

from __future__ import annotations

from headrace.compat.finder import install

install()
