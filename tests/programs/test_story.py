"""The main job by the API: another process follows docs/api.md word by word."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Scope, User
from accounts.services import issue_token
from documents.models import Pack
from projects.demo import demo_document
from ratings.services import seed_market_sets, seed_rule_sets
from tests.stack import Platform

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


def program() -> str:
    """The program of the document."""
    return "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL))


def test_the_document_does_the_main_job(live: Platform, sponsor: User, admin: User, tmp_path: Path):
    seed_rule_sets()
    seed_market_sets()
    (tmp_path / "inputs.json").write_text(json.dumps(demo_document(timezone.localdate())["inputs"]))
    (tmp_path / "story.py").write_text(program())
    tokens = {
        "ATLAS_SPONSOR_TOKEN": issue_token(by=sponsor, name="Story", scopes=[Scope.READ, Scope.WRITE], days=1)[1],
        "ATLAS_ADMIN_TOKEN": issue_token(by=admin, name="Story", scopes=Scope.values, days=1)[1],
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "story.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ATLAS_URL": live.url, **tokens},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pack = Pack.objects.get()
    count = pack.documents.count()
    assert re.fullmatch(rf"{pack.number}: {count} files verified, senior debt [\d,]+\n", done.stdout), done.stdout
    assert pack.is_issued
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "project.created",
        "submission.approved",
        "run.finished",
        "pack.issued",
    }
