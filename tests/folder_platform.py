"""One platform for all tests of a folder: starting it costs more than most of what they do.

It ends with the folder, because the workers would take other tests' entries.
"""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests import stack


@pytest.fixture(scope="package")
def redis_server() -> Iterator[str]:
    """The address of the Redis of this folder."""
    with stack.redis_server():
        yield settings.REDIS_URL


@pytest.fixture(scope="package")
def _platform(redis_server: str, django_db_setup: None) -> Iterator[stack.Platform]:
    with stack.platform(workers=2) as platform:
        yield platform
