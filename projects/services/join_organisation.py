from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts import signals
from accounts.audit import record
from accounts.models import Organisation, User
from projects.models import Project


@receiver(signals.joined)
@transaction.atomic
def join_organisation(user: User, organisation: Organisation, **_: Any) -> list[Project]:
    """The projects that were the person's alone; they are their organisation's from now on, put away ones too."""
    brought = list(Project.objects.select_for_update(of=("self",)).filter(owner=user, organisation=None))
    for project in brought:
        project.organisation = organisation
        project.save(update_fields=["organisation"])
        record(by=user, action="project.shared", target=project, after={"organisation": organisation.name})
    return brought
