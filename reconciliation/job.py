"""Reconciliations among the house's long jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.registry import Kind
from reconciliation.access import may_see
from reconciliation.matching import compare_books
from reconciliation.models import ReconciliationRun


def _visible(user: User) -> QuerySet[ReconciliationRun]:
    return ReconciliationRun.objects.all() if may_see(user) else ReconciliationRun.objects.none()


KIND = Kind(
    model=ReconciliationRun,
    label="Reconciliation",
    queue="tasks",
    work=compare_books,
    visible=_visible,
    address=lambda run: reverse("recon-run", args=[run.code]),
    related=("definition", "terms"),
    unit="records",
    most_active=5,
)
