from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from engine.errors import Problem
from lib.errors import Forbidden, Invalid
from lib.verbs import save_checked
from projects.access import can_create, require_edit
from projects.drafts import get_draft
from projects.models import Project, ProjectDraft

MOST_NEW = 20


@transaction.atomic
def keep_draft(
    *,
    by: User,
    project: Project | None,
    door: str,
    typed: Mapping[str, str],
    base: Mapping[str, Any],
    code: UUID | str = "",
) -> ProjectDraft:
    """The person's own draft with these entries; `code` names that of a project still to be created.

    Drafts are scratch paper: the audit trail hears of what is saved from them.
    """
    draft = _draft_of_project(by, project, base) if project else _draft_of_new(by, code)
    draft.door = door
    draft.typed = {name: text.replace("\x00", "\N{REPLACEMENT CHARACTER}") for name, text in typed.items()}
    save_checked(draft)
    return draft


def _draft_of_project(by: User, project: Project, base: Mapping[str, Any]) -> ProjectDraft:
    require_edit(by, project)
    known = ProjectDraft.objects.select_for_update().filter(person=by, project=project).first()
    draft = known or ProjectDraft(person=by, project=project)
    draft.base = dict(base)
    return draft


def _draft_of_new(by: User, code: UUID | str) -> ProjectDraft:
    if code:
        return get_draft(by, code)
    if not can_create(by):
        raise Forbidden("Only people whose account is approved enter projects.")
    if ProjectDraft.objects.filter(person=by, project=None).count() >= MOST_NEW:
        message = f"Drafts: expected at most {MOST_NEW} of new projects; save or discard some of them."
        raise Invalid([Problem("too_many", "", message)])
    return ProjectDraft(person=by)
