"""Desks and who works on them as what."""

from __future__ import annotations

from django.db import models

from accounts.models import one_line
from lib.columns import code_column, person_column

TITLE_LENGTH = 120


class Desk(models.Model):
    """A desk: its own people, data, limits and strategies; nobody else knows of them."""

    code = code_column()
    name = models.CharField(max_length=TITLE_LENGTH, unique=True, validators=[one_line])
    currency = models.CharField(max_length=3)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Function(models.TextChoices):
    """What somebody is on a desk; `strategies.access` says what each may do."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Desk administrator"
    QUANT = "quant", "Quant analyst"
    STRATEGIST = "strategist", "Market strategist"
    RISK = "risk", "Risk manager"
    COMPLIANCE = "compliance", "Compliance officer"
    VIEWER = "viewer", "Viewer"


class Membership(models.Model):
    """Somebody on a desk, in one function."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="memberships")
    person = person_column()
    function = models.CharField(max_length=12, choices=Function)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("desk", "function", "pk")
        constraints = (models.UniqueConstraint(fields=("desk", "person"), name="one_function_a_person_and_desk"),)

    def __str__(self) -> str:
        return f"{self.person}, {self.get_function_display()} of {self.desk}"
