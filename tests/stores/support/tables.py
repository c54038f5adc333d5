"""Tables that hold one column of each type."""

from __future__ import annotations

import datetime
import decimal

import pyarrow as pa

_MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
# What CSV can hold too.
FLAT = pa.table(
    {
        "whole": pa.array([1, 2, 3], pa.int64()),
        "small": pa.array([1, None, 3], pa.int8()),
        "text": ["x", "", None],
        "looks_missing": ["NA", "nan", "a\nb"],
        "number": [1.5, None, 0.1],
        "yes": [True, None, False],
        "moment": pa.array([_MOMENT, None, None], pa.timestamp("us")),
        "there": pa.array([_MOMENT, None, None], pa.timestamp("us", "Europe/Amsterdam")),
        "day": [datetime.date(2026, 1, 2), None, None],
        "money": pa.array([decimal.Decimal("1.20"), None, None], pa.decimal128(12, 2)),
        "word": pa.array(["u", "v", None]).dictionary_encode(),
    }
)
NESTED = pa.table(
    {
        "list": pa.array([["a"], [], None], pa.list_(pa.string())),
        "struct": [{"a": 1}, None, {"a": None}],
        "binary": [b"\x00", None, b""],
        "large": pa.array(["x", None, ""], pa.large_string()),
        "duration": pa.array([1, None, 3], pa.duration("ms")),
    },
    metadata={"made": "by hand"},
)
