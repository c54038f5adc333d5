"""Where stored values are kept: local folders and the clouds' blob storage, one store a module."""

from __future__ import annotations
