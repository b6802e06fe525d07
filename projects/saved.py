"""A project as it was saved once: every save keeps title and inputs in the audit trail."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.masking import who
from accounts.models import AuditEntry
from lib.errors import NotFound
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Saved:
    """Title and inputs of a project after one save, by whom and when; `number` names it in addresses."""

    number: int
    title: str
    inputs: dict[str, Any]
    by: str
    at: datetime

    def is_now(self, project: Project) -> bool:
        """True where the project stands as it was saved."""
        return (project.title, project.inputs) == (self.title, self.inputs)


def saved_by(entry: AuditEntry) -> Saved | None:
    """What an entry of a project's history saved; None for one that saved no inputs."""
    after = entry.after or {}
    if entry.target_type != Project._meta.label or not {"title", "inputs", "version"} <= after.keys():
        return None
    return Saved(after["version"], after["title"], after["inputs"], entry.actor_label, entry.at)


def as_saved(project: Project, number: int) -> Saved:
    """The project as the save of this number left it; NotFound where there is none."""
    entries = AuditEntry.objects.filter(target_code=project.code, after__version=number, after__has_key="inputs")
    for entry in entries:
        if saved := saved_by(entry):
            return replace(saved, by=who(entry))  # inputs as they were written, whomever they speak of
    raise NotFound("There is no such save of this project.")


def save_before(project: Project) -> int | None:
    """The number of the last save before the project as it stands; None for one saved once."""
    saves = AuditEntry.objects.filter(target_code=project.code, after__has_keys=["inputs", "version"])
    numbers: list[int] = list(saves.order_by("-sequence").values_list("after__version", flat=True)[:2])
    return numbers[1] if len(numbers) > 1 else None
