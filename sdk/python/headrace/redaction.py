"""The one masker of secrets for everything the SDK writes: events, messages, tracebacks, log lines.

Secrets are masked in whole texts, before anything is cut, and before it leaves the process. What user code prints
itself to stdout and stderr does not pass through here.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterable
from typing import Any

MASK = "***"

# A shorter value (a "1", a "no") would blot out half of every message and protects nothing.
_SHORTEST_SECRET = 4
_SHORTEST_LINE = 8

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

_secrets: set[str] = set()
_pattern: re.Pattern[str] | None = None

_CREDENTIALS_IN_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*://)(?P<user>[^\s/?#@:'\"]*):(?P<password>[^\s/?#'\"]+)@"
)
_SECRET_PARAMETER = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:sig|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|AccountKey|SharedAccessKey"
    r"|SharedAccessSignature|access_token|password|pwd)=)(?P<value>[^\s&;'\"<>]+)",
    re.IGNORECASE,
)


def add_secret(value: object) -> None:
    """From now on this value is masked, also in its URL-quoted and escaped forms and, for long ones, line by line."""
    text = None if value is None else str(value)
    if text is None or len(text) < _SHORTEST_SECRET or text in _secrets:
        return
    forms = {
        text,
        text.strip(),
        urllib.parse.quote(text),
        urllib.parse.quote(text, safe=""),
        urllib.parse.quote_plus(text),
    }
    forms.add(repr(text)[1:-1])
    forms.add(_encode(text)[1:-1])  # as masked_json_text() sees it
    if "\n" in text:
        forms.update(line for line in map(str.strip, text.splitlines()) if len(line) >= _SHORTEST_LINE)
    _add(form for form in forms if len(form) >= _SHORTEST_SECRET)


def _add(forms: Iterable[str]) -> None:
    global _pattern
    _secrets.update(forms)
    longest_first = sorted(_secrets, key=len, reverse=True)
    _pattern = re.compile("|".join(map(re.escape, longest_first)))


def mask(text: str) -> str:
    """The text without secrets."""
    if _pattern is not None:
        text = _pattern.sub(MASK, text)
    if "@" in text:
        text = _CREDENTIALS_IN_URL.sub(rf"\g<scheme>\g<user>:{MASK}@", text)
    if "=" in text:
        text = _SECRET_PARAMETER.sub(rf"\g<name>{MASK}", text)
    return text


def masked_json_text(value: Any) -> str:
    """A JSON value as compact text, with every string in it masked. Quick where one look finds nothing to mask."""
    text = _encode(value)
    return _encode(mask_json(value)) if _needs_masking(text) else text


def _needs_masking(text: str) -> bool:
    # A search for each secret is quicker than a pattern of all of them.
    return (
        any(map(text.__contains__, _secrets))
        or ("@" in text and _CREDENTIALS_IN_URL.search(text) is not None)
        or ("=" in text and _SECRET_PARAMETER.search(text) is not None)
    )


def mask_json(value: Any) -> Any:
    """A JSON value with every string in it masked, labels too."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(key) if isinstance(key, str) else key: mask_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_json(item) for item in value]
    return value


def mask_and_cut(text: str, most: int) -> str:
    """The masked text, at most about `most` characters of it: its head and its tail."""
    text = mask(text)
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def forget_all() -> None:
    """For tests."""
    global _pattern
    _secrets.clear()
    _pattern = None
