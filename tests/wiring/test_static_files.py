"""The address of a static file carries the hash of its content, and is made up once."""

import pytest

from atlasnexus.static_files import NamedOnceStorage


def test_an_address_is_looked_up_once() -> None:
    storage = NamedOnceStorage(location="/nowhere", base_url="/static/")
    storage.hashed_files = {"css/a.css": "css/a.0123.css"}
    assert storage.url("css/a.css") == "/static/css/a.0123.css"
    storage.hashed_files = {}
    assert storage.url("css/a.css") == "/static/css/a.0123.css"
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        storage.url("css/b.css")
