"""Limit sets as versions, lists with their days, and checks of a version against both."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from engine.errors import InputProblems
from engine.strategies.limits import read_limits
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from records.problems import content_problems
from records.queries import current_version
from records.services import copy_version
from strategies.checking import judged, lists_on, verdict_of
from strategies.limit_seeds import LONG_ONLY, LONG_SHORT, install_limit_sets, seed_documents
from strategies.limit_sets import DESK_LIMITS, limits_of, read_limit_set
from strategies.models import Desk, DeskLimits, ListEntry, ListKind, Strategy
from strategies.portfolio_facts import exact, market_of
from strategies.queries import latest_version
from strategies.services.check import check_version
from strategies.services.lists import end_entry, put_on_list
from tests.strategies.flow_cast import WEIGHTS, worked
from tests.strategies.test_desks import codes

pytestmark = pytest.mark.django_db
REFERENCE = json.loads((Path(__file__).parent / "reference" / "compliance_cases.json").read_text())["rulesets"]
TODAY = date(2026, 11, 27)


# Limit sets


@pytest.mark.parametrize(("family", "name"), [(LONG_ONLY, "long_only_fund"), (LONG_SHORT, "long_short_fund")])
def test_the_seeds_are_the_reference_sets(desk: Desk, family: str, name: str):
    found, wanted = limits_of(current_version(DeskLimits, family).content), read_limits(REFERENCE[name])
    assert found.short_allowed == wanted.short_allowed
    assert dict(found.by_rule) == dict(wanted.by_rule)


@pytest.mark.parametrize("document", seed_documents(), ids=lambda each: each["family"])
def test_the_seeds_have_no_fault_and_a_source_each(document):
    assert content_problems(DESK_LIMITS, document["content"]) == ()
    assert all(row["source"] and row["provenance"] for row in document["content"]["limits"])


def test_seeds_are_installed_once(desk: Desk):
    before = DeskLimits.objects.count()
    assert before == 2
    install_limit_sets()
    assert DeskLimits.objects.count() == before


def seed(family: str = LONG_ONLY):
    document = next(each for each in seed_documents() if each["family"] == family)
    return json.loads(json.dumps(document["content"]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c["limits"].append(c["limits"][0]), "twice"),
        (lambda c: c["limits"][0].update(review=0.06), "out_of_order"),
        (lambda c: c["limits"][0].update(review=None, block=None), "missing"),
        (lambda c: c["limits"][0].update(block=-0.1), "out_of_range"),
        (lambda c: c["terms"].update(short_allowed=True), "missing"),
    ],
)
def test_a_set_with_a_fault_is_told_where(change, code):
    content = seed()
    change(content)
    assert code in {problem.code for problem in content_problems(DESK_LIMITS, content)}


def test_a_set_without_the_word_on_shorts_is_not_read():
    content = seed()
    del content["terms"]["short_allowed"]
    with pytest.raises(InputProblems):
        read_limit_set(content)


def test_an_active_set_is_never_changed(desk: Desk):
    found = current_version(DeskLimits, LONG_ONLY)
    with pytest.raises(AppendOnlyError):
        found.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE strategies_desklimits SET name = 'x' WHERE id = %s", [found.pk])


def test_limit_sets_have_pages_and_stand_in_the_form_of_a_new_strategy(client: Client, quant: User, desk: Desk):
    client.force_login(quant)
    page = client.get(current_version(DeskLimits, LONG_ONLY).get_absolute_url()).content.decode()
    assert "Weight of one name, long" in page
    form = client.get(reverse("strategy-new", args=[desk.code])).content.decode()
    assert 'value="long-only-fund"' in form
    assert "Long-short fund" in form


def test_an_administrator_works_on_limit_sets(client: Client, admin: User, desk: Desk):
    client.force_login(admin)
    found = current_version(DeskLimits, LONG_ONLY)
    for address in (reverse("desk-limits-list"), found.get_absolute_url(), found.admin_url()):
        assert client.get(address).status_code == 200, address
    copy = copy_version(by=admin, version=found)
    assert (copy.status, copy.version) == ("draft", 2)
    assert "Weight of one name, long" in client.get(copy.admin_url()).content.decode()


# Lists


def put(officer: User, desk: Desk, **changed):
    terms: dict[str, Any] = {"kind": "restricted", "ident": "RA01", "reason": "Talks under way", "from_date": TODAY}
    return put_on_list(by=officer, desk=desk, **(terms | changed))


def test_only_compliance_puts_names_on_lists(desk: Desk, quant: User, officer: User):
    with pytest.raises(Forbidden):
        put(quant, desk)
    entry = put(officer, desk)
    with pytest.raises(Forbidden):
        end_entry(by=quant, entry=entry, until_date=timezone.localdate(), reason="Over")
    assert AuditEntry.objects.filter(action="list_entry.made", target_code=entry.code).count() == 1


@pytest.mark.parametrize(
    ("first", "last", "on"),
    [(0, None, True), (1, None, False), (-1, 0, True), (-2, -1, False), (0, 0, True)],
)
def test_an_entry_is_on_its_days_both_ends_included(desk: Desk, officer: User, first, last, on):
    until = None if last is None else TODAY + timedelta(days=last)
    put(officer, desk, from_date=TODAY + timedelta(days=first), until_date=until)
    assert lists_on(desk, TODAY) == {"restricted": ["RA01"] if on else [], "watch": []}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "twice"),
        ({"from_date": TODAY + timedelta(days=9)}, "twice"),
        ({"from_date": TODAY - timedelta(days=9), "until_date": TODAY}, "twice"),
        ({"ident": "RA02", "until_date": TODAY - timedelta(days=1)}, "ends_before"),
        ({"ident": "RA02", "reason": " "}, "refused"),
        ({"ident": "", "reason": "x"}, "refused"),
        ({"ident": "RA02", "kind": "grey"}, "refused"),
    ],
)
def test_what_cannot_stand_on_a_list_is_refused(desk: Desk, officer: User, changed, code):
    put(officer, desk)
    with pytest.raises(Invalid) as error:
        put(officer, desk, **changed)
    assert codes(error) == {code}


def test_a_name_may_be_on_both_lists_and_come_back_after_it_ended(desk: Desk, officer: User):
    put(officer, desk, from_date=TODAY - timedelta(days=9), until_date=TODAY - timedelta(days=1))
    put(officer, desk)
    put(officer, desk, kind=ListKind.WATCH)
    assert lists_on(desk, TODAY) == {"restricted": ["RA01"], "watch": ["RA01"]}


def test_an_entry_ends_with_a_reason_and_is_not_deleted(desk: Desk, officer: User):
    today = timezone.localdate()
    entry = put(officer, desk, from_date=today - timedelta(days=5))
    for day, reason, code in ((today - timedelta(days=1), "Over", "too_early"), (today, " ", "no_reason")):
        with pytest.raises(Invalid) as error:
            end_entry(by=officer, entry=entry, until_date=day, reason=reason)
        assert codes(error) == {code}
    ended = end_entry(by=officer, entry=entry, until_date=today, reason="Published")
    assert (ended.until_date, ended.ended_by, ended.ended_reason) == (today, officer, "Published")
    assert lists_on(desk, today)["restricted"] == ["RA01"]
    assert lists_on(desk, today + timedelta(days=1))["restricted"] == []
    type(entry).objects.filter(pk=entry.pk).update(until_date=today - timedelta(days=1))
    with pytest.raises(Invalid) as error:
        end_entry(by=officer, entry=entry, until_date=today, reason="Again")
    assert codes(error) == {"ended"}


def test_lists_are_worked_on_their_page(client: Client, desk: Desk, officer: User, viewer: User):
    address = reverse("desk-lists", args=[desk.code])
    client.force_login(officer)
    assert "No name yet" in client.get(address).content.decode()
    wrong = client.post(address, {"list": "watch", "ident": "RA02", "reason": "News", "from_date": "1.2.2026"})
    assert wrong.status_code == 422
    assert "expected a day as YYYY-MM-DD" in wrong.content.decode()
    client.post(address, {"list": "watch", "ident": "RA02", "reason": "News"})
    entry = ListEntry.objects.get(desk=desk)
    assert (entry.from_date, entry.until_date) == (timezone.localdate(), None)
    client.post(reverse("list-entry-end", args=[entry.code]), {"reason": "Old news"})
    entry.refresh_from_db()
    assert entry.until_date == timezone.localdate()
    client.force_login(viewer)
    assert client.post(address, {"list": "watch", "ident": "RA03", "reason": "x"}).status_code == 403
    assert "Old news" in client.get(address).content.decode()


# Checks


def test_a_version_without_a_portfolio_is_not_checked(strategy: Strategy, quant: User):
    with pytest.raises(Invalid) as error:
        check_version(by=quant, version=latest_version(strategy))
    assert codes(error) == {"no_portfolio"}


def test_a_check_keeps_what_went_in_and_says_the_same_of_it_again(strategy: Strategy, quant: User, officer: User):
    version = worked(quant, strategy)
    check = check_version(by=quant, version=version)
    assert check.inputs["orders"][0]["weight_change"] == "0.04"
    assert check.inputs["before"] == {}
    assert check.inputs["facts"]["RA01"]["sector"] == "Utilities"
    again = verdict_of(check.limit_set, check.inputs)
    assert [reason.as_row() for reason in again.reasons] == [
        {key: value for key, value in row.items() if key != "sentence"} for row in check.reasons
    ]
    assert check_version(by=officer, version=version) == check  # nothing changed: the same check
    with pytest.raises(AppendOnlyError):
        check.save()


def test_only_members_who_measure_or_comply_check(strategy: Strategy, quant: User, viewer: User, sponsor: User):
    version = worked(quant, strategy)
    with pytest.raises(Forbidden):
        check_version(by=viewer, version=version)
    with pytest.raises(NotFound):
        check_version(by=sponsor, version=version)


def test_weights_beyond_a_limit_are_blocked_and_a_solvers_last_digit_is_not(strategy: Strategy, quant: User):
    worked(quant, strategy, {**WEIGHTS, "RA01": 0.05 + 1e-13, "RA02": 0.0501})
    found = judged(latest_version(strategy)).found
    blocked = [reason for reason in found.reasons if reason.status == "BLOCK"]
    assert [(reason.rule, reason.offender, reason.value) for reason in blocked] == [
        ("single_name", "RA02", Decimal("0.0501"))
    ]


def test_a_restricted_name_blocks_and_the_next_check_is_another(strategy: Strategy, quant: User, officer: User):
    version = worked(quant, strategy)
    before = check_version(by=quant, version=version)
    put(officer, strategy.desk, from_date=timezone.localdate())
    after = check_version(by=quant, version=version)
    assert after != before
    assert after.status == "BLOCK"
    assert [row["offender"] for row in after.reasons if row["rule"] == "restricted_list"] == ["RA01"]


def test_a_name_that_left_the_market_is_named(strategy: Strategy, quant: User):
    worked(quant, strategy, {**WEIGHTS, "RA08": 0.01})  # its last close lies months back
    missing = [reason for reason in judged(latest_version(strategy)).found.reasons if reason.value is None]
    assert {(reason.rule, reason.offender) for reason in missing} == {
        ("beta", "RA08"),
        ("illiquid_share", "RA08"),
        ("order_share_of_adv", "RA08"),
        ("tracking_error", "portfolio"),
        ("var95_one_day", "portfolio"),
    }


def test_risk_is_of_the_weights_that_are_judged(strategy: Strategy, quant: User):
    worked(quant, strategy)
    lean, full = (judged(latest_version(strategy), {"RA01": Decimal(each)}) for each in ("0.01", "0.04"))
    ratio = Decimal(full.inputs["risk"]["var95_one_day"]) / Decimal(lean.inputs["risk"]["var95_one_day"])
    assert float(ratio) == pytest.approx(4.0, abs=1e-5)


def test_shares_of_volume_and_days_by_hand(strategy: Strategy, desk: Desk):
    market = market_of(desk.universes.get())
    close, volume = float(market.prices["close"][-1, 1]), float(market.prices["adv_shares"][-1, 1])
    share = market.share_of_volume("RA02", Decimal(-400_000))
    days = market.days_to_sell("RA02", Decimal(-400_000))
    assert share is not None
    assert days is not None
    assert float(share) == pytest.approx(400_000 / (close * volume), rel=1e-6)
    assert float(days) == pytest.approx(400_000 / (0.2 * close * volume), rel=1e-6)
    assert market.share_of_volume("RA08", Decimal(1)) is None


def test_betas_are_covariance_over_variance_of_equal_weights(desk: Desk):
    market = market_of(desk.universes.get())
    prices = market.prices
    grown = np.cumprod(prices["split_ratio"], axis=0)
    close, paid = prices["close"] * grown, prices["dividend_amount"] * grown
    returns = (close[1:] + paid[1:]) / close[:-1] - 1
    mean = returns[:, :7].mean(axis=1)
    assert market.benchmark_returns == pytest.approx(mean)
    wanted = np.cov(returns[:, 2], mean, ddof=1)[0, 1] / mean.var(ddof=1)
    assert float(market.beta("RA03") or 0) == pytest.approx(wanted, abs=1e-6)
    assert market.beta("RA08") is None
    assert market.beta("nobody") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05 + 1e-13, "0.05"), (0.0381, "0.0381"), ("40", "40"), (1e-11, "0"), (None, None), (float("nan"), None)],
)
def test_numbers_of_the_engine_have_ten_decimals(value, text):
    found = exact(value)
    assert (None if found is None else f"{found:f}") == text
