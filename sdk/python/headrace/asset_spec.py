"""What is known of an asset besides its function: key, dependencies, group, description, owners, …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvalidDefinitionError
from headrace.not_yet import refuse_parameters

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey

DEFAULT_GROUP = "default"
DEFAULT_IO_MANAGER_KEY = "io_manager"
IO_MANAGER_KEY_LABEL = "dagster/io_manager_key"
TABLE_NAME_LABEL = "dagster/table_name"
KIND_PREFIX = "dagster/kind/"

_GROUP = re.compile(r"^[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*$")
_TAG_KEY = re.compile(r"^([A-Za-z0-9_.\-]{1,63}/)*[A-Za-z0-9_.\-]{1,63}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_UNSET: Any = object()


class AssetDep:
    """An upstream asset whose value is not loaded: `deps=[AssetDep("raw")]`."""

    def __init__(
        self, asset: Any, *, partition_mapping: Any = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        refuse_parameters("AssetDep", {"partition_mapping": partition_mapping})
        self.asset_key = AssetKey.from_coercible_or_definition(asset)
        self.metadata = check.opt_mapping(metadata, "metadata")

    @staticmethod
    def from_coercible(value: Any) -> AssetDep:
        """A dependency from one, or from a key or an asset."""
        return value if isinstance(value, AssetDep) else AssetDep(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetDep) and self.asset_key == other.asset_key

    def __hash__(self) -> int:
        return hash(self.asset_key)

    def __repr__(self) -> str:
        return f"AssetDep({self.asset_key!r})"


def coerce_deps(values: Iterable[Any] | None, own_key: AssetKey | None = None) -> list[AssetDep]:
    """Dependencies from what `deps=` takes; the same key twice is an error."""
    deps: dict[AssetKey, AssetDep] = {}
    for value in check.opt_sequence(values, "deps"):
        dep = AssetDep.from_coercible(value)
        if dep.asset_key in deps:
            owner = f" of {own_key!r}" if own_key else ""
            raise DagsterInvalidDefinitionError(f"deps{owner} names {dep.asset_key!r} twice.")
        deps[dep.asset_key] = dep
    return list(deps.values())


def check_group_name(name: str | None) -> str | None:
    """Refuse group names that hold other characters than letters, digits and underscores (segments by `/`)."""
    if check.opt_str(name, "group_name") is not None and not _GROUP.match(name or ""):
        raise DagsterInvalidDefinitionError(
            f'"{name}" is not a valid group name: use letters, digits and underscores, in segments divided by "/".'
        )
    return name


def check_owners(owners: Sequence[str] | None, key: AssetKey) -> list[str]:
    """Refuse owners that are neither e-mail addresses nor `team:…`."""
    result = check.opt_sequence(owners, "owners", str)
    for owner in result:
        if not _EMAIL.match(owner) and not (owner.startswith("team:") and len(owner) > len("team:")):
            raise DagsterInvalidDefinitionError(
                f'Invalid owner "{owner}" of {key!r}: an owner is an e-mail address, or a team as "team:name".'
            )
    return result


def check_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Refuse tag keys with odd characters."""
    result = check.opt_str_mapping(tags, "tags")
    bad = [name for name in result if not _TAG_KEY.match(name)]
    if bad:
        raise DagsterInvalidDefinitionError(
            f"Invalid tag keys: {bad}. Use letters, digits, `_`, `-` and `.`, at most 63 characters, "
            'with an optional namespace before a "/".'
        )
    return result


def kinds_as_tags(kinds: AbstractSet[str] | Sequence[str] | None) -> dict[str, str]:
    """Kinds are kept as tags, so that selections find both alike."""
    return {f"{KIND_PREFIX}{kind}": "" for kind in sorted(check.opt_sequence(kinds, "kinds", str))}


class AssetSpec:
    """An asset without a function: something made elsewhere that others depend on, or the attributes of one that
    has a function."""

    def __init__(
        self,
        key: CoercibleToAssetKey,
        *,
        deps: Iterable[Any] | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        skippable: bool = False,
        group_name: str | None = None,
        code_version: str | None = None,
        automation_condition: Any = None,
        owners: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        kinds: AbstractSet[str] | None = None,
        partitions_def: Any = None,
        freshness_policy: Any = None,
        is_virtual: bool = False,
        **kwargs: Any,
    ) -> None:
        refuse_parameters(
            "AssetSpec",
            {
                "automation_condition": automation_condition,
                "partitions_def": partitions_def,
                "skippable": skippable,
                "freshness_policy": freshness_policy,
                "is_virtual": is_virtual,
                **kwargs,
            },
        )
        if kwargs:
            raise TypeError(f"AssetSpec has no parameter {', '.join(map(repr, kwargs))}")
        self.key = AssetKey.from_coercible(key)
        self.deps = coerce_deps(deps, self.key)
        self.description = check.opt_str(description, "description")
        self.metadata = check.opt_mapping(metadata, "metadata")
        self.skippable = False
        self.group_name = check_group_name(group_name)
        self.code_version = check.opt_str(code_version, "code_version")
        self.owners = check_owners(owners, self.key)
        self.tags = {**check_tags(tags), **kinds_as_tags(kinds)}

    @property
    def kinds(self) -> set[str]:
        """The kinds of the asset, such as `python` or `csv`."""
        return {name[len(KIND_PREFIX) :] for name in self.tags if name.startswith(KIND_PREFIX)}

    @property
    def partitions_def(self) -> None:
        """Always None: partitions are not there yet."""
        return None

    def with_io_manager_key(self, io_manager_key: str) -> AssetSpec:
        """A copy whose value is loaded with this IO manager."""
        check.inst(io_manager_key, "io_manager_key", str)
        return self._copy(metadata={**self.metadata, IO_MANAGER_KEY_LABEL: io_manager_key})

    def replace_attributes(
        self,
        *,
        key: Any = _UNSET,
        deps: Any = _UNSET,
        description: Any = _UNSET,
        metadata: Any = _UNSET,
        group_name: Any = _UNSET,
        code_version: Any = _UNSET,
        owners: Any = _UNSET,
        tags: Any = _UNSET,
        kinds: Any = _UNSET,
        **kwargs: Any,
    ) -> AssetSpec:
        """A copy with these attributes instead; what is not given stays."""
        refuse_parameters("AssetSpec.replace_attributes", kwargs)
        given = {
            "key": key,
            "deps": deps,
            "description": description,
            "metadata": metadata,
            "group_name": group_name,
            "code_version": code_version,
            "owners": owners,
        }
        plain_tags = {name: value for name, value in self.tags.items() if not name.startswith(KIND_PREFIX)}
        kind_tags = {name: value for name, value in self.tags.items() if name.startswith(KIND_PREFIX)}
        if tags is not _UNSET:
            plain_tags = dict(tags or {})
        if kinds is not _UNSET:
            kind_tags = kinds_as_tags(kinds)
        changes = {name: value for name, value in given.items() if value is not _UNSET}
        return self._copy(**changes, tags={**plain_tags, **kind_tags})

    def merge_attributes(
        self,
        *,
        deps: Iterable[Any] = (),
        metadata: Mapping[str, Any] | None = None,
        owners: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        kinds: AbstractSet[str] | None = None,
    ) -> AssetSpec:
        """A copy with these attributes in addition."""
        return self._copy(
            deps=list(dict.fromkeys([*self.deps, *coerce_deps(deps)])),
            metadata={**self.metadata, **(metadata or {})},
            owners=list(dict.fromkeys([*self.owners, *owners])),
            tags={**self.tags, **(tags or {}), **kinds_as_tags(kinds)},
        )

    def _copy(self, **changes: Any) -> AssetSpec:
        attributes = {
            "key": self.key,
            "deps": self.deps,
            "description": self.description,
            "metadata": self.metadata,
            "group_name": self.group_name,
            "code_version": self.code_version,
            "owners": self.owners,
            "tags": self.tags,
            **changes,
        }
        return AssetSpec(attributes.pop("key"), **attributes)

    def _attributes(self) -> tuple[Any, ...]:
        return (
            self.key,
            self.deps,
            self.description,
            self.metadata,
            self.group_name,
            self.code_version,
            self.owners,
            self.tags,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetSpec) and self._attributes() == other._attributes()

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"AssetSpec({self.key!r})"
