"""The demo project: its document, and the day its construction starts (docs/demo-project.md says where figures come from)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import User
from projects.models import Project, Status
from projects.services.create_project import create_project

DOCUMENT = Path(__file__).resolve().parent / "data" / "demo_project.json"


def demo_document(today: date) -> dict[str, Any]:
    """Title and inputs of the demo project; a construction start that has passed moves to the next 1 January."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())
    construction = document["inputs"]["construction"]
    if date.fromisoformat(construction["start_date"]) <= today:
        construction["start_date"] = date(today.year + 1, 1, 1).isoformat()
    return document


@transaction.atomic
def ensure_demo_project(owner: User, today: date) -> Project:
    """The owner's demo project, entered if it is not there; one that somebody edited stays as it is."""
    document = demo_document(today)
    known = owner.projects.exclude(status=Status.DELETED).filter(title=document["title"]).order_by("pk").first()
    return known or create_project(by=owner, title=document["title"], inputs=document["inputs"])
