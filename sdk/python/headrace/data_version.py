"""The version of an asset's value, where the asset knows it."""

from __future__ import annotations

from dataclasses import dataclass

from headrace import check

DATA_VERSION_TAG = "dagster/data_version"
DATA_VERSION_IS_USER_PROVIDED_TAG = "dagster/data_version_is_user_provided"
CODE_VERSION_TAG = "dagster/code_version"


@dataclass(frozen=True)
class DataVersion:
    """A string that is equal for equal values."""

    value: str

    def __post_init__(self) -> None:
        check.inst(self.value, "value", str)
