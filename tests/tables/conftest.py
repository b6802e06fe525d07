from pathlib import Path

import pytest

from tables.source import Source
from tests.tables.toys import shop


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """The toys, all of them, with reviews of a quarter."""
    return shop(tmp_path / "shop")
