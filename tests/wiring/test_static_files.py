"""The address of a static file carries the hash of its content, and is made up once; style sheets come as one."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from atlasnexus.static_files import BUNDLES, NamedOnceStorage


def test_an_address_is_looked_up_once() -> None:
    storage = NamedOnceStorage(location="/nowhere", base_url="/static/")
    storage.hashed_files = {"css/a.css": "css/a.0123.css"}
    assert storage.url("css/a.css") == "/static/css/a.0123.css"
    storage.hashed_files = {}
    assert storage.url("css/a.css") == "/static/css/a.0123.css"
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        storage.url("css/b.css")


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_sheets_of_a_page_are_collected_as_one(bundle: str, tmp_path: Path) -> None:
    lying = settings.BASE_DIR / "static"
    names = re.findall(r'@import "([^"]+)"', (lying / bundle).read_text())
    assert len(names) > 4
    shutil.copytree(lying, tmp_path, dirs_exist_ok=True)
    storage = NamedOnceStorage(location=str(tmp_path), base_url="/static/")
    source = FileSystemStorage(location=lying)
    paths = {str(path.relative_to(lying)): path for path in lying.rglob("*") if path.is_file()}
    list(storage.post_process({path: (source, path) for path in paths}))
    joined = (tmp_path / storage.stored_name(bundle)).read_text()
    assert "@import" not in joined
    for name in names:
        assert "\n".join((lying / "css" / name).read_text().splitlines()[-5:]) in joined
    for address in re.findall(r'url\("\.\./([^"]+)"\)', joined):
        assert (tmp_path / address).is_file()
