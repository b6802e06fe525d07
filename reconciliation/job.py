"""Reconciliations among the house's long jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.policies import may
from jobs.registry import Kind
from reconciliation.access import DELIVER, may_see
from reconciliation.delivering import deliver, delivery_ended
from reconciliation.learning import learn_causes
from reconciliation.matching import compare_books
from reconciliation.models import BreakPack, CauseLearning, DeliveryTry, ReconciliationRun
from reconciliation.packs import make_break_pack


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


def _visible_learnings(user: User) -> QuerySet[CauseLearning]:
    return CauseLearning.objects.all() if may_see(user) else CauseLearning.objects.none()


LEARNING = Kind(
    model=CauseLearning,
    label="Causes of breaks",
    queue="tasks",
    work=learn_causes,
    visible=_visible_learnings,
    address=lambda learning: reverse("recon-causes"),
    related=("requested_by",),
    unit="breaks",
    most_active=1,
)


def _visible_packs(user: User) -> QuerySet[BreakPack]:
    return BreakPack.objects.all() if may_see(user) else BreakPack.objects.none()


PACK = Kind(
    model=BreakPack,
    label="Break pack",
    queue="tasks",
    work=make_break_pack,
    visible=_visible_packs,
    address=lambda pack: reverse("recon-pack", args=[pack.code]),
    related=("requested_by", "recipient"),
    unit="breaks",
    most_active=3,
)


def _visible_tries(user: User) -> QuerySet[DeliveryTry]:
    return DeliveryTry.objects.all() if may(user, DELIVER) else DeliveryTry.objects.none()


DELIVERY = Kind(
    model=DeliveryTry,
    label="Delivery",
    queue="tasks",
    work=deliver,
    visible=_visible_tries,
    address=lambda row: reverse("recon-delivery", args=[row.delivery.code]),
    related=(
        "requested_by", "delivery__definition", "delivery__recipient", "delivery__channel__source", "delivery__saved_by",
    ),
    unit="files",
    ended=delivery_ended,
)  # fmt: skip
