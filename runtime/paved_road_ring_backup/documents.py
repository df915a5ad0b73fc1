"""JSON that is stored for good: the same facts are the same bytes, and strangers are refused."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

FORMAT = 1


class ManifestError(ValueError):
    """A manifest that cannot be believed: damaged, of another format, or of nobody we know."""


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal as everywhere in manifests."""
    return sha256(content).hexdigest()


def written(facts: Mapping[str, Any]) -> bytes:
    """A document of this format."""
    whole = {"format": FORMAT, **facts}
    return (json.dumps(whole, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read(content: bytes) -> dict[str, Any]:
    """What `written` made, without its format. Raises `ManifestError`."""
    try:
        given = json.loads(content)
    except ValueError as error:
        raise ManifestError(f"a manifest is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise ManifestError(f"a manifest is a {type(given).__name__} and no object")
    if given.pop("format", None) != FORMAT:
        raise ManifestError(f"a manifest is not of format {FORMAT}, which this version reads")
    return given
