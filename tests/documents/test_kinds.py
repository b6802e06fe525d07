"""Facts and kinds: what a pack says of a permutation is what the run found."""

import pytest

from documents.facts import PackFacts
from documents.kinds import parts_of

pytestmark = pytest.mark.django_db


def test_tranches_pay_what_the_waterfall_pays(facts: PackFacts) -> None:
    for tranche in facts.tranches:
        paid = sum(year.principal_amount for year in tranche.years)
        assert paid == pytest.approx(tranche.amount, rel=1e-9)
        assert tranche.years[-1].closing_balance_amount == pytest.approx(0.0, abs=1e-3)
    assert facts.tranches[0].amount == facts.detail.row["senior_amount"]


def test_the_same_facts_make_the_same_bytes(facts: PackFacts) -> None:
    for kind, part in parts_of(facts):
        assert kind.make(facts, part) == kind.make(facts, part), part.filename
