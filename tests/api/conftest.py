"""One of each thing that the API speaks of, made once for a module's tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Role
from accounts.services import issue_token
from api.services.create_webhook import create_webhook
from notifications.models import Notification
from notifications.services import notify
from projects.models import Project
from projects.services import create_project
from records.services import copy_version
from tests import world
from tests.documents.small_kinds import packs_of_few
from tests.test_access import things_of


@pytest.fixture(scope="module")
def shared_things(shares_rows: bool, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    assert shares_rows
    with packs_of_few(), django_db_blocker.unblock():
        yield made_things()


@pytest.fixture
def things(shared_things: dict[str, Any], db: None) -> dict[str, Any]:
    """Sofia's project, its run that is done, a financing, packs, and what else an address may be about."""
    return shared_things


def made_things() -> dict[str, Any]:
    """Sofia's things, and a stranger's place for each."""
    sofia, ada = world.sofia(), world.ada()
    found = things_of(sofia, ada)
    draft = copy_version(by=ada, version=found["rules"])
    project: Project = found["project"]
    webhook, _ = create_webhook(by=sofia, url="https://example.com/hook")
    notify(to=[sofia], kind="account_approved", title="Welcome")
    return {
        **found,
        "webhook": webhook,
        "delivery": webhook.deliveries.get(),
        "snapshot": project.snapshots.get(),
        "token": issue_token(by=sofia, name="Hers", scopes=["read"], days=1)[0],
        "person": world.person("nina@new.example", "Nina New", Role.SPONSOR),
        "rules_draft": draft,
        "market_draft": copy_version(by=ada, version=found["market"]),
        "desk_limits_draft": copy_version(by=ada, version=found["desk_limits"]),
        "limits_draft": copy_version(by=ada, version=found["limits"]),
        "clo_pool": found["clo"].pools.first(),
        "clo_run": found["clo"].test_runs.first(),
        "mapping_draft": copy_version(by=ada, version=found["mapping"]),
        "recon_terms_draft": copy_version(by=ada, version=found["recon_terms"]),
        "bare": create_project(by=sofia, title="Bare", inputs={}),
        "notice": Notification.objects.filter(person=sofia).first(),
    }
