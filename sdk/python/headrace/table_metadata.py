"""Descriptions of tables for metadata: records, columns, constraints, column lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headrace import check
from headrace.asset_key import AssetKey


@dataclass(frozen=True)
class TableRecord:
    """One row: column name to a string, number, bool or None."""

    data: Mapping[str, str | int | float | bool | None]

    def __post_init__(self) -> None:
        for column, value in check.opt_mapping(self.data, "data").items():
            check.opt_inst(value, f"data[{column!r}]", (str, int, float, bool))


@dataclass(frozen=True)
class TableConstraints:
    """What holds for a whole table, in words."""

    other: Sequence[str] = ()


@dataclass(frozen=True)
class TableColumnConstraints:
    """What holds for one column."""

    nullable: bool = True
    unique: bool = False
    other: Sequence[str] = ()


@dataclass(frozen=True)
class TableColumn:
    """One column of a table."""

    name: str
    type: str = "string"
    description: str | None = None
    constraints: TableColumnConstraints = field(default_factory=TableColumnConstraints)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check.inst(self.name, "name", str)
        check.inst(self.type, "type", str)
        check.opt_str(self.description, "description")
        check.opt_inst(self.constraints, "constraints", TableColumnConstraints)
        if self.constraints is None:
            object.__setattr__(self, "constraints", TableColumnConstraints())
        object.__setattr__(self, "tags", check.opt_str_mapping(self.tags, "tags"))

    def to_json(self) -> dict[str, Any]:
        """As stored in metadata."""
        constraints = self.constraints
        return {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "tags": dict(self.tags),
            "constraints": {
                "nullable": constraints.nullable,
                "unique": constraints.unique,
                "other": list(constraints.other or ()),
            },
        }


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table."""

    columns: Sequence[TableColumn] = ()
    constraints: TableConstraints = field(default_factory=TableConstraints)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", check.opt_sequence(self.columns, "columns", TableColumn))
        if self.constraints is None:
            object.__setattr__(self, "constraints", TableConstraints())

    @staticmethod
    def from_name_type_dict(name_type_dict: Mapping[str, str]) -> TableSchema:
        """A schema from column name → type."""
        return TableSchema([TableColumn(name, kind) for name, kind in name_type_dict.items()])

    @staticmethod
    def from_record(record: TableRecord) -> TableSchema:
        """A schema guessed from one record."""
        names = {bool: "bool", int: "int", float: "float"}
        return TableSchema(
            [TableColumn(name, names.get(type(value), "string")) for name, value in record.data.items()]
        )

    def to_json(self) -> dict[str, Any]:
        """As stored in metadata."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "constraints": {"other": list(self.constraints.other or ())},
        }


@dataclass(frozen=True)
class TableColumnDep:
    """A column of another asset."""

    asset_key: Any
    column_name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "asset_key", AssetKey.from_coercible_or_definition(self.asset_key))
        check.inst(self.column_name, "column_name", str)


@dataclass(frozen=True)
class TableColumnLineage:
    """For each column, the columns of other assets it was made from."""

    deps_by_column: Mapping[str, Sequence[TableColumnDep]]

    def __post_init__(self) -> None:
        check.opt_mapping(self.deps_by_column, "deps_by_column")

    def to_json(self) -> dict[str, Any]:
        """As stored in metadata."""
        return {
            "deps_by_column": {
                column: [{"asset_key": dep.asset_key.path, "column_name": dep.column_name} for dep in deps]
                for column, deps in self.deps_by_column.items()
            }
        }
