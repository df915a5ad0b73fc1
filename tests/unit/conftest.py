"""What several files of unit tests are given."""

from functools import partial
from pathlib import Path

import pytest

from tests.unit.guard_subjects import Make, subject_in


@pytest.fixture
def subject(tmp_path: Path) -> Make:
    """Makes stacks for the guard to examine."""
    return partial(subject_in, tmp_path)
