"""Reconciliations among the house's long jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.policies import may
from jobs.registry import Kind
from lib.verbs import refuse
from reconciliation.access import DELIVER, may_see
from reconciliation.delivering import deliver, delivery_ended
from reconciliation.learning import learn_causes
from reconciliation.matching import compare_books
from reconciliation.models import BreakPack, CauseLearning, DeliveryTry, ReconciliationRun
from reconciliation.packs import make_break_pack

Row = TypeVar("Row", bound=Model)


def _seen_by_the_room(model: type[Row]) -> Callable[[User], QuerySet[Row]]:
    """All rows for those who may see reconciliation, and none for others."""

    def visible(user: User) -> QuerySet[Row]:
        rows = model._default_manager.all()
        return rows if may_see(user) else rows.none()

    return visible


KIND = Kind(
    model=ReconciliationRun,
    label="Reconciliation",
    queue="tasks",
    work=compare_books,
    visible=_seen_by_the_room(ReconciliationRun),
    address=lambda run: reverse("recon-run", args=[run.code]),
    related=("definition", "terms"),
    unit="records",
    most_active=5,
)


LEARNING = Kind(
    model=CauseLearning,
    label="Causes of breaks",
    queue="tasks",
    work=learn_causes,
    visible=_seen_by_the_room(CauseLearning),
    address=lambda learning: reverse("recon-causes"),
    related=("requested_by",),
    unit="breaks",
    most_active=1,
)


PACK = Kind(
    model=BreakPack,
    label="Break pack",
    queue="tasks",
    work=make_break_pack,
    visible=_seen_by_the_room(BreakPack),
    address=lambda pack: reverse("recon-pack", args=[pack.code]),
    related=("requested_by", "recipient"),
    unit="breaks",
    most_active=3,
)


def _visible_tries(user: User) -> QuerySet[DeliveryTry]:
    return DeliveryTry.objects.all() if may(user, DELIVER) else DeliveryTry.objects.none()


def _by_itself(by: User, row: DeliveryTry) -> None:
    raise refuse("by_itself", "job", "A delivery that failed is tried again by itself; its page says when.")


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
    again=_by_itself,
)  # fmt: skip
