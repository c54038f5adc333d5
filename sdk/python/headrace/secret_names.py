"""Which names usually belong to secrets."""

from __future__ import annotations

import re

_SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "credentials", "sas"}
)
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"),
        ("access", "key"),
        ("account", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("connection", "string"),
        ("client", "secret"),
        ("sas", "token"),
    }
)
_SECRET_CLASS = re.compile(
    r"(SASToken|Password|Secret|Credential|ADLS2Key|AccountKey|AccessKey|ApiKey)$", re.IGNORECASE
)


def is_secret_name(name: str) -> bool:
    """Whether a field or variable of this name usually holds a secret: `password`, `API_KEY`, `sas_token`."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*|\d+", name)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def is_secret_class(name: str) -> bool:
    """Whether a class of this name usually holds nothing but a secret: `ADLS2SASToken`."""
    return bool(_SECRET_CLASS.search(name))
