"""Headrace: data assets as Python functions, stored by IO managers, made and shown by a small daemon.

The public names are Dagster's, and mean the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from headrace.asset import asset
from headrace.asset_context import AssetExecutionContext, OpExecutionContext
from headrace.asset_in import AssetIn
from headrace.asset_key import AssetKey
from headrace.asset_spec import AssetDep, AssetSpec
from headrace.assets_definition import AssetsDefinition
from headrace.check import CheckError, ParameterCheckError
from headrace.config import Config, PermissiveConfig
from headrace.config_schema import (
    Array,
    BoolSource,
    ConfigSchema,
    Enum,
    EnumValue,
    Field,
    IntSource,
    Map,
    Noneable,
    Permissive,
    ScalarUnion,
    Selector,
    Shape,
    StringSource,
)
from headrace.dagster_type import (
    Any,
    Bool,
    DagsterType,
    Float,
    Int,
    Nothing,
    PythonObjectDagsterType,
    String,
    TypeCheck,
)
from headrace.data_version import DataVersion
from headrace.definitions import AssetValueLoader, Definitions, map_asset_specs, with_resources
from headrace.env_var import EnvVar
from headrace.errors import (
    DagsterError,
    DagsterExecutionHandleOutputError,
    DagsterExecutionLoadInputError,
    DagsterExecutionStepExecutionError,
    DagsterInvalidConfigDefinitionError,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    DagsterInvalidMetadata,
    DagsterInvalidSubsetError,
    DagsterInvariantViolationError,
    DagsterResourceFunctionError,
    DagsterStepOutputNotFoundError,
    DagsterTypeCheckDidNotPass,
    DagsterUnknownResourceError,
    DagsterUserCodeExecutionError,
)
from headrace.executor_definition import (
    ExecutorDefinition,
    in_process_executor,
    multi_or_in_process_executor,
    multiprocess_executor,
    worker_executor,
)
from headrace.filesystem_io_manager import FilesystemIOManager, fs_io_manager
from headrace.init_resource_context import (
    IAttachDifferentObjectToOpContext,
    InitResourceContext,
    build_init_resource_context,
)
from headrace.input_context import InputContext, build_input_context
from headrace.io_manager import (
    ConfigurableIOManager,
    ConfigurableIOManagerFactory,
    InputManager,
    InputManagerDefinition,
    IOManager,
    IOManagerDefinition,
    input_manager,
    io_manager,
)
from headrace.load_assets import (
    load_assets_from_current_module,
    load_assets_from_modules,
    load_assets_from_package_module,
    load_assets_from_package_name,
)
from headrace.log import DagsterLogManager
from headrace.materialize import materialize, materialize_to_memory
from headrace.memory_io_manager import InMemoryIOManager, mem_io_manager
from headrace.metadata import (
    BoolMetadataValue,
    DagsterAssetMetadataValue,
    DagsterJobMetadataValue,
    DagsterRunMetadataValue,
    FloatMetadataValue,
    IntMetadataValue,
    JsonMetadataValue,
    MarkdownMetadataValue,
    MetadataValue,
    NotebookMetadataValue,
    NullMetadataValue,
    PathMetadataValue,
    PoolMetadataValue,
    PythonArtifactMetadataValue,
    TableColumnLineageMetadataValue,
    TableMetadataValue,
    TableSchemaMetadataValue,
    TextMetadataValue,
    TimestampMetadataValue,
    UrlMetadataValue,
)
from headrace.output import AssetMaterialization, AssetObservation, MaterializeResult, Output
from headrace.output_context import OutputContext, build_output_context
from headrace.resource import (
    ConfigurableResource,
    ConfigurableResourceFactory,
    ResourceDependency,
    ResourceParam,
)
from headrace.resource_definition import ResourceDefinition, configured, make_values_resource, resource
from headrace.resource_scope import build_resources
from headrace.retry_policy import Backoff, Failure, Jitter, RetryPolicy, RetryRequested
from headrace.run import DagsterRun, RunConfig
from headrace.source_asset import SourceAsset
from headrace.table_metadata import (
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableRecord,
    TableSchema,
)
from headrace.testing import build_asset_context
from headrace.upath_io_manager import UPathIOManager

if _TYPE_CHECKING:
    from headrace.execution_result import ExecuteInProcessResult
    from headrace.run_events import DagsterEvent, DagsterEventType
    from headrace.table_io_managers import ArrowIPCIOManager, CSVIOManager, JSONIOManager, ParquetIOManager

__version__ = "0.1.0"

__all__ = [
    "ExecutorDefinition",
    "in_process_executor",
    "multi_or_in_process_executor",
    "multiprocess_executor",
    "worker_executor",
    "Backoff",
    "Failure",
    "Jitter",
    "RetryPolicy",
    "RetryRequested",
    "Any",
    "Array",
    "ArrowIPCIOManager",
    "AssetDep",
    "AssetExecutionContext",
    "AssetIn",
    "AssetKey",
    "AssetMaterialization",
    "AssetObservation",
    "AssetSpec",
    "AssetValueLoader",
    "AssetsDefinition",
    "Bool",
    "BoolMetadataValue",
    "BoolSource",
    "CSVIOManager",
    "CheckError",
    "Config",
    "ConfigSchema",
    "ConfigurableIOManager",
    "ConfigurableIOManagerFactory",
    "ConfigurableResource",
    "ConfigurableResourceFactory",
    "DagsterAssetMetadataValue",
    "DagsterError",
    "DagsterEvent",
    "DagsterEventType",
    "DagsterExecutionHandleOutputError",
    "DagsterExecutionLoadInputError",
    "DagsterExecutionStepExecutionError",
    "DagsterInvalidConfigDefinitionError",
    "DagsterInvalidConfigError",
    "DagsterInvalidDefinitionError",
    "DagsterInvalidInvocationError",
    "DagsterInvalidMetadata",
    "DagsterInvalidSubsetError",
    "DagsterInvariantViolationError",
    "DagsterJobMetadataValue",
    "DagsterLogManager",
    "DagsterResourceFunctionError",
    "DagsterRun",
    "DagsterRunMetadataValue",
    "DagsterStepOutputNotFoundError",
    "DagsterType",
    "DagsterTypeCheckDidNotPass",
    "DagsterUnknownResourceError",
    "DagsterUserCodeExecutionError",
    "DataVersion",
    "Definitions",
    "Enum",
    "EnumValue",
    "EnvVar",
    "ExecuteInProcessResult",
    "Field",
    "FilesystemIOManager",
    "Float",
    "FloatMetadataValue",
    "IAttachDifferentObjectToOpContext",
    "IOManager",
    "IOManagerDefinition",
    "InMemoryIOManager",
    "InitResourceContext",
    "InputContext",
    "InputManager",
    "InputManagerDefinition",
    "Int",
    "IntMetadataValue",
    "IntSource",
    "JSONIOManager",
    "JsonMetadataValue",
    "Map",
    "MarkdownMetadataValue",
    "MaterializeResult",
    "MetadataValue",
    "Noneable",
    "NotebookMetadataValue",
    "Nothing",
    "NullMetadataValue",
    "OpExecutionContext",
    "Output",
    "OutputContext",
    "ParameterCheckError",
    "ParquetIOManager",
    "PathMetadataValue",
    "Permissive",
    "PermissiveConfig",
    "PoolMetadataValue",
    "PythonArtifactMetadataValue",
    "PythonObjectDagsterType",
    "ResourceDefinition",
    "ResourceDependency",
    "ResourceParam",
    "RunConfig",
    "ScalarUnion",
    "Selector",
    "Shape",
    "SourceAsset",
    "String",
    "StringSource",
    "TableColumn",
    "TableColumnConstraints",
    "TableColumnDep",
    "TableColumnLineage",
    "TableColumnLineageMetadataValue",
    "TableConstraints",
    "TableMetadataValue",
    "TableRecord",
    "TableSchema",
    "TableSchemaMetadataValue",
    "TextMetadataValue",
    "TimestampMetadataValue",
    "TypeCheck",
    "UPathIOManager",
    "UrlMetadataValue",
    "asset",
    "build_asset_context",
    "build_init_resource_context",
    "build_input_context",
    "build_output_context",
    "build_resources",
    "configured",
    "file_relative_path",
    "fs_io_manager",
    "get_dagster_logger",
    "input_manager",
    "io_manager",
    "load_assets_from_current_module",
    "load_assets_from_modules",
    "load_assets_from_package_module",
    "load_assets_from_package_name",
    "make_values_resource",
    "map_asset_specs",
    "materialize",
    "materialize_to_memory",
    "mem_io_manager",
    "resource",
    "with_resources",
]


def file_relative_path(dunderfile: str, relative_path: str) -> str:
    """A path relative to a file: `file_relative_path(__file__, "data.csv")`."""
    import os

    return os.path.join(os.path.dirname(dunderfile), relative_path)


def get_dagster_logger(name: str | None = None) -> _Any:
    """A Python logger for library code; in a step, use `context.log`."""
    import logging

    return logging.getLogger(f"headrace.{name}" if name else "headrace")


# Dagster has a decorator of this name, which is not there yet: it must not be mistaken for our module.
globals().pop("definitions", None)

# Names of modules that code locations do not need, loaded on first use.
_LAZY = {
    "ArrowIPCIOManager": "table_io_managers",
    "CSVIOManager": "table_io_managers",
    "JSONIOManager": "table_io_managers",
    "ParquetIOManager": "table_io_managers",
    "DagsterEvent": "run_events",
    "DagsterEventType": "run_events",
    "ExecuteInProcessResult": "execution_result",
}


def __getattr__(name: str) -> _Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(f"headrace.{_LAZY[name]}"), name)
    from headrace.not_yet import NAMES_NOT_YET, missing_name

    if name in NAMES_NOT_YET:
        raise missing_name(name)
    raise AttributeError(f"module 'headrace' has no attribute {name!r}")
