"""What may be issued: both gates passed, rules and market in force, a close on a business day not in the past."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from documents.forms import likely_close
from documents.issuing import close_problems, issue_problems
from documents.models import Pack, PackStatus
from documents.services.issue_pack import issue_pack
from documents.services.withdraw_pack import withdraw_pack
from engine.basics.business_days import Calendar, is_open
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.services.type_financing import type_financing
from jobs.models import JobState
from jobs.work import work
from lib.errors import Invalid
from permutations.models import Run
from ratings.models import MarketSet, RuleSet
from ratings.queries import current_market_set, current_rule_set
from records.models import Version
from records.services import install_version
from tests import world
from tests.api.cast import Program, codes
from tests.documents.conftest import worked
from tests.financings.cast import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few")]
Ask = Callable[..., Pack]
FRIDAY = date(2027, 1, 29)


def succeed(version: Version, content: dict[str, Any] | None = None) -> Any:
    """The next version of its family, in force today."""
    head = {"family": version.family, "version": version.version + 1, "name": version.name}
    document = {**head, "effective_from": timezone.localdate().isoformat(), "content": content or version.content}
    return install_version(model=type(version), document=document)


def refused(pack: Pack) -> dict[str, str]:
    """Why the pack may not be issued: sentences by code."""
    with pytest.raises(Invalid) as refusal:
        issue_pack(by=world.ada(), pack=pack)
    pack.refresh_from_db()
    assert (pack.status, pack.number) == (PackStatus.DRAFT, "")
    return {problem.code: problem.message for problem in refusal.value.problems}


def bent(tiny: Run, **levers: Any) -> Financing:
    """The run's best with other levers."""
    best = opened(tiny)
    return type_financing(by=world.ada(), project=best.project, levers={**best.choice, **levers}, terms=best.terms)


# The gates


def test_what_fails_gate_a_is_a_draft_for_ever(ask: Ask, tiny: Run) -> None:
    told = refused(worked(ask(financing=bent(tiny, mezz_coupon_rate=0.06))))
    assert set(told) == {"gate_a_failed"}
    assert "does not pass Gate A (Mezzanine coupon above senior: 6.00%, limit 6." in told["gate_a_failed"]


def test_what_fails_gate_b_is_told_by_its_criterion(ask: Ask, tiny: Run) -> None:
    told = refused(worked(ask(financing=bent(tiny, senior_coupon_rate=0.03))))
    assert set(told) == {"gate_b_failed"}
    assert "does not pass Gate B at " in told["gate_b_failed"]
    assert "3.00%, limit " in told["gate_b_failed"]


def test_what_passes_both_is_issued(draft: Pack, admin: User) -> None:
    evaluation = Evaluation(draft.financing)
    assert evaluation.row["gate"] == 2
    assert issue_problems(draft, evaluation) == ()
    assert worked(issue_pack(by=admin, pack=draft, enqueue=False)).is_issued


# Rules and market


def test_superseded_rules_are_named_with_those_in_force(draft: Pack, ask: Ask, tiny: Run) -> None:
    rules = current_rule_set()
    later: RuleSet = succeed(rules)
    told = refused(draft)
    assert told == {
        "rules_superseded": f"{rules} is not in force any more, {later} is. "
        "Open the financing again under what is in force, and make the pack of that."
    }
    assert worked(issue_pack(by=world.ada(), pack=worked(ask(financing=bent(tiny))), enqueue=False)).is_issued


def test_rules_of_another_family_in_force_are_in_force(ask: Ask, tiny: Run) -> None:
    """Three families are in force at a time: a pack may be of any."""
    other = RuleSet.objects.exclude(family=current_rule_set().family).first()
    best = opened(tiny)
    made = type_financing(by=world.ada(), project=best.project, levers=best.choice, terms=best.terms, rule_set=other)
    codes = {problem.code for problem in issue_problems(ask(financing=made), Evaluation(made))}
    assert "rules_superseded" not in codes


def test_rules_that_are_not_in_force_yet_are_told_with_their_day(ask: Ask, tiny: Run) -> None:
    rules, best = current_rule_set(), opened(tiny)
    day = timezone.localdate() + timedelta(days=1)
    head = {"family": rules.family, "version": rules.version + 1, "name": "Next", "effective_from": day.isoformat()}
    early = install_version(model=RuleSet, document={**head, "content": rules.content})
    made = type_financing(by=world.ada(), project=best.project, levers=best.choice, terms=best.terms, rule_set=early)
    told = refused(worked(ask(financing=made)))
    assert f"is in force from {day.isoformat()} only" in told["rules_superseded"]


def test_a_superseded_market_is_named_with_the_one_in_force(draft: Pack) -> None:
    market = current_market_set()
    later: MarketSet = succeed(market)
    told = refused(draft)
    assert set(told) == {"market_superseded"}
    assert told["market_superseded"].startswith(f"{market} is not in force any more, {later} is.")


def test_a_market_without_the_currency_is_said_so(draft: Pack) -> None:
    market = current_market_set()
    content = {
        name: [row for row in rows if row.get("currency") != "GBP"] if isinstance(rows, list) else rows
        for name, rows in market.content.items()
    }
    succeed(market, content)
    assert "no set with GBP is" in refused(draft)["market_superseded"]


def test_opened_again_it_takes_the_market_in_force(
    draft: Pack, admin: User, signed_in: Callable[[User], Client]
) -> None:
    """The form that the page leads to: what came of the old market comes of the new, what a person typed stays."""
    market = current_market_set()
    rows = [{**row, "dealer_spread_bps": 22.0} for row in market.content["currencies"]]
    succeed(market, {**market.content, "currencies": rows})
    client = signed_in(admin)
    page = client.get(reverse("pack", args=[draft.code])).content.decode()
    address = f"{reverse('financing-new', args=[draft.financing.project.code])}?from={draft.financing.code}"
    assert address in page
    form = client.get(address).context["form"]
    typed = {term.name: term.typed for term in form.term_inputs}
    assert typed["term-zcis_dealer_spread_bps"] == "22"


# The close


@pytest.mark.parametrize(
    ("close", "today", "told"),
    [
        (FRIDAY, FRIDAY, []),
        (FRIDAY, FRIDAY - timedelta(1), []),
        (FRIDAY, FRIDAY + timedelta(1), ["close_in_the_past"]),
        (FRIDAY + timedelta(1), FRIDAY, ["not_a_business_day"]),
        (FRIDAY + timedelta(2), FRIDAY, ["not_a_business_day"]),
        (FRIDAY + timedelta(3), FRIDAY, []),
        (FRIDAY + timedelta(2), FRIDAY + timedelta(3), ["not_a_business_day", "close_in_the_past"]),
    ],
)
def test_a_close_is_a_business_day_not_in_the_past(close: date, today: date, told: list[str]) -> None:
    assert [problem.code for problem in close_problems(close, today, Calendar.LONDON)] == told


@pytest.mark.parametrize(
    ("close", "holidays", "told"),
    [
        (date(2029, 1, 1), Calendar.LONDON, "is one of the English bank holidays, expected"),
        (date(2027, 5, 3), Calendar.LONDON, "is one of the English bank holidays, expected"),
        (date(2027, 5, 3), Calendar.TARGET, ""),
        (date(2027, 7, 5), Calendar.NEW_YORK, "is one of the United States bank holidays, expected"),
        (date(2027, 3, 26), Calendar.TARGET, "is one of the closing days of TARGET, expected"),
    ],
)
def test_a_close_on_a_holiday_of_the_project_s_country_is_refused(close: date, holidays: Calendar, told: str) -> None:
    found = [str(problem.message) for problem in close_problems(close, FRIDAY, holidays)]
    assert len(found) == bool(told)
    assert all(told in sentence for sentence in found)


def test_a_close_that_may_not_be_may_be_drafted(ask: Ask) -> None:
    saturday = world.coming(3) + timedelta(weeks=1)
    saturday += timedelta(days=5 - saturday.weekday())
    told = refused(worked(ask(close_date=saturday)))
    assert "is a Saturday, expected a business day" in told["not_a_business_day"]
    told = refused(worked(ask(close_date=date(2026, 1, 2))))
    assert "2026-01-02, lies before the pack's date" in told["close_in_the_past"]


@pytest.mark.parametrize(
    ("today", "own", "offered"),
    [
        (date(2026, 10, 15), None, date(2027, 1, 29)),  # the 31st is a Sunday
        (date(2026, 12, 15), None, date(2027, 3, 31)),
        (date(2029, 2, 15), None, date(2029, 5, 31)),
        (FRIDAY, FRIDAY, FRIDAY),
        (FRIDAY + timedelta(1), FRIDAY, date(2027, 4, 30)),
    ],
)
def test_what_the_form_offers_may_be_issued(today: date, own: date | None, offered: date) -> None:
    assert likely_close(today, own, Calendar.LONDON) == offered
    assert is_open(offered, Calendar.LONDON)


# Where it is told


def test_the_page_says_why_and_offers_no_button(draft: Pack, admin: User, signed_in: Callable[[User], Client]) -> None:
    client, question = signed_in(admin), reverse("pack-issue", args=[draft.code])
    assert question in client.get(reverse("pack", args=[draft.code])).content.decode()
    succeed(current_rule_set())
    page = client.get(reverse("pack", args=[draft.code])).content.decode()
    assert question not in page
    assert 'disabled aria-describedby="not-issuable"' in page
    assert "is not in force any more" in page
    assert 'disabled aria-describedby="not-issuable"' in client.get(question).content.decode()
    answer = client.post(question)
    assert answer.status_code == 422
    assert "is not in force any more" in answer.content.decode()


def test_programs_are_told_by_code(draft: Pack, admin: User) -> None:
    succeed(current_rule_set())
    answer = Program(admin).post(f"packs/{draft.code}/issue")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert codes(answer) == {"rules_superseded"}


def test_rules_that_change_before_a_worker_comes_are_found_by_it(draft: Pack, admin: User) -> None:
    issuing = issue_pack(by=admin, pack=draft, enqueue=False)
    succeed(current_rule_set())
    work(issuing.code)
    failed = Pack.objects.get(id=issuing.pk)
    assert (failed.status, failed.state) == (PackStatus.ISSUING, JobState.FAILED)
    assert "is not in force any more" in failed.error
    assert withdraw_pack(by=admin, pack=failed).status == PackStatus.WITHDRAWN
