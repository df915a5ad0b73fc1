"""How a file is named by its content: bundles, wheels and backups alike."""

from hashlib import file_digest
from pathlib import Path


def sha256_of(file: Path) -> str:
    """SHA-256 of its content, in hexadecimal."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
