"""A strategy from research to its exports: gates, four eyes, the lock, comments, orders, exports and links, the roles."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from accounts.models import AuditEntry, User
from engine.risk.tails import side_by_side
from engine.strategies.returns import name_returns
from jobs.work import work
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from lib.signed_links import LinkEnded, token_of
from lib.storage import content_of
from notifications.models import Notification
from strategies.answers import scenarios_run, wanted_weights
from strategies.models import (
    Attendance,
    Comment,
    Decision,
    Desk,
    Export,
    ExportForm,
    ExportLink,
    Function,
    PaperOrder,
    RoleRun,
    State,
    Strategy,
    StrategyRun,
    Task,
)
from strategies.models.flow import HERE_FOR, LOCKED_FOR
from strategies.portfolio_facts import held_shares, held_weights, market_of
from strategies.presence import holder, lay_down, others_here, seen, take_up
from strategies.queries import latest_version
from strategies.services.check import check_version
from strategies.services.comments import make_comment, settle_comment
from strategies.services.construct import request_portfolio
from strategies.services.decide import take_step
from strategies.services.desks import put_on_desk
from strategies.services.exports import make_export, make_export_link, open_export_link, revoke_export_link
from strategies.services.lists import put_on_list
from strategies.services.measures import save_scenario_set
from strategies.services.orders import draw_up_orders, orders_done, send_orders, whole_shares
from strategies.services.request_run import request_run
from strategies.services.roles import replayed, request_roles, run_the_roles
from strategies.services.signals import request_signals
from strategies.services.strategies import change_strategy
from tests.strategies.cast import done_run, small_strategy
from tests.strategies.flow_cast import (
    SCENARIOS,
    SIGNAL,
    WEIGHTS,
    approved,
    left_run,
    portfolio,
    signed,
    with_room,
    worked,
)
from tests.strategies.test_desks import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(strategy: Strategy, quant: User, risk_manager: User, officer: User) -> Strategy:
    """The strategy, approved."""
    return approved(strategy, quant, risk_manager, officer)


def restrict(officer: User, strategy: Strategy, ident: str = "RA01") -> None:
    put_on_list(
        by=officer, desk=strategy.desk, kind="restricted", ident=ident, reason="Talks", from_date=timezone.localdate()
    )


def refused(**terms: Any) -> set[str]:
    with pytest.raises(Invalid) as error:
        take_step(**terms)
    return codes(error)


# Steps and gates


def test_a_strategy_goes_through_every_state(strategy: Strategy, quant: User, risk_manager: User, officer: User):
    take_step(by=quant, strategy=strategy, step="begin")
    approved(strategy, quant, risk_manager, officer)
    assert strategy.state == State.APPROVED
    assert strategy.approved_version == latest_version(strategy)
    told = [(each.before, each.after) for each in Decision.objects.filter(strategy=strategy).order_by("pk")]
    assert told == [
        ("created", "research"),
        ("research", "risk_review"),
        ("risk_review", "compliance"),
        ("compliance", "approved"),
    ]
    actions = set(AuditEntry.objects.filter(target_code=strategy.code).values_list("action", flat=True))
    assert {"strategy.research", "strategy.risk_review", "strategy.compliance", "strategy.approved"} <= actions
    with pytest.raises(AppendOnlyError):
        Decision.objects.filter(strategy=strategy)[0].save()


@pytest.mark.parametrize(("count", "opens"), [(2, False), (3, True)])
def test_three_scenarios_open_the_gate(strategy: Strategy, quant: User, count: int, opens: bool):
    version = latest_version(strategy)
    left_run(quant, version, Task.OPTIMISE, portfolio(WEIGHTS))
    left_run(quant, version, Task.SCENARIOS, {"scenarios": SCENARIOS[:count]})
    if opens:
        assert take_step(by=quant, strategy=strategy, step="submit").after == State.RISK_REVIEW
    else:
        assert refused(by=quant, strategy=strategy, step="submit") == {"few_scenarios"}


def test_one_scenario_thrice_is_one(strategy: Strategy, quant: User):
    version = latest_version(strategy)
    left_run(quant, version, Task.OPTIMISE, portfolio(WEIGHTS))
    for _ in range(3):
        left_run(quant, version, Task.SCENARIOS, {"scenarios": SCENARIOS[:1]})
    assert refused(by=quant, strategy=strategy, step="submit") == {"few_scenarios"}


def test_scenarios_of_an_earlier_version_do_not_count(strategy: Strategy, quant: User):
    worked(quant, strategy)
    change_strategy(by=quant, strategy=strategy, parts={"rebalance": "weekly"})
    assert refused(by=quant, strategy=strategy, step="submit") == {"few_scenarios", "no_portfolio"}


def test_each_step_belongs_to_its_function_and_its_state(
    strategy: Strategy, quant: User, risk_manager: User, officer: User, viewer: User, sponsor: User
):
    worked(quant, strategy)
    for person in (risk_manager, officer, viewer):
        with pytest.raises(Forbidden):
            take_step(by=person, strategy=strategy, step="submit")
    with pytest.raises(NotFound):
        take_step(by=sponsor, strategy=strategy, step="submit")
    assert refused(by=risk_manager, strategy=strategy, step="pass_risk") == {"wrong_state"}
    assert refused(by=officer, strategy=strategy, step="approve") == {"wrong_state"}
    assert refused(by=quant, strategy=strategy, step="jump") == {"unknown_step"}
    take_step(by=quant, strategy=strategy, step="submit")
    for step, person in (("pass_risk", quant), ("pass_risk", officer), ("approve", quant), ("approve", risk_manager)):
        with pytest.raises(Forbidden):
            take_step(by=person, strategy=strategy, step=step)


@pytest.mark.parametrize("step", ["pass_risk", "approve"])
def test_four_eyes(strategy: Strategy, quant: User, admin: User, risk_manager: User, officer: User, step: str):
    """Nobody passes on or signs what they wrote, whatever function they have been given since."""
    worked(quant, strategy)
    take_step(by=quant, strategy=strategy, step="submit")
    if step == "approve":
        take_step(by=risk_manager, strategy=strategy, step="pass_risk")
    put_on_desk(by=admin, desk=strategy.desk, person=quant, function=Function.OWNER)
    with pytest.raises(Forbidden, match="second person"):
        take_step(by=quant, strategy=strategy, step=step, seen_hash="x", reason="Mine")


def test_who_submitted_does_not_sign_either(strategy: Strategy, quant: User, admin: User, risk_manager: User):
    worked(quant, strategy)
    take_step(by=admin, strategy=strategy, step="submit")
    take_step(by=risk_manager, strategy=strategy, step="pass_risk")
    with pytest.raises(Forbidden, match="second person"):
        take_step(by=admin, strategy=strategy, step="approve", reason="Mine")


def at_compliance(strategy: Strategy, quant: User, risk_manager: User, weights: dict[str, float] | None = None) -> None:
    worked(quant, strategy, weights)
    take_step(by=quant, strategy=strategy, step="submit")
    take_step(by=risk_manager, strategy=strategy, step="pass_risk")


def test_a_block_is_not_signed(strategy: Strategy, quant: User, risk_manager: User, officer: User):
    at_compliance(strategy, quant, risk_manager, {**WEIGHTS, "RA02": 0.06})
    check = check_version(by=officer, version=latest_version(strategy))
    assert check.status == "BLOCK"
    seen_hash = check.inputs_hash
    assert refused(by=officer, strategy=strategy, step="approve", reason="All the same", seen_hash=seen_hash) == {
        "blocked"
    }
    strategy.refresh_from_db()
    assert strategy.state == State.COMPLIANCE


def test_a_review_is_signed_with_a_reason_only(strategy: Strategy, quant: User, risk_manager: User, officer: User):
    at_compliance(strategy, quant, risk_manager, {**WEIGHTS, "RA02": 0.048})
    check = check_version(by=officer, version=latest_version(strategy))
    assert check.status == "REVIEW"
    terms: Any = {"by": officer, "strategy": strategy, "step": "approve", "seen_hash": check.inputs_hash}
    assert refused(**terms) == {"no_reason"}
    decision = take_step(**terms, reason="Within the house view")
    assert (decision.reason, decision.check_made) == ("Within the house view", check)


def test_what_is_signed_is_what_was_seen(strategy: Strategy, quant: User, risk_manager: User, officer: User):
    at_compliance(strategy, quant, risk_manager)
    check = check_version(by=officer, version=latest_version(strategy))
    assert refused(by=officer, strategy=strategy, step="approve") == {"changed_meanwhile"}
    put_on_list(
        by=officer, desk=strategy.desk, kind="watch", ident="RA03", reason="News", from_date=timezone.localdate()
    )
    terms = {"by": officer, "strategy": strategy, "step": "approve", "seen_hash": check.inputs_hash, "reason": "Seen"}
    assert refused(**terms) == {"changed_meanwhile"}
    signed(officer, strategy)
    assert strategy.state == State.APPROVED


@pytest.mark.parametrize("step", ["reject_risk", "reject"])
def test_sent_back_with_a_reason_it_is_research_again(
    strategy: Strategy, quant: User, risk_manager: User, officer: User, step: str
):
    worked(quant, strategy)
    take_step(by=quant, strategy=strategy, step="submit")
    person = risk_manager
    if step == "reject":
        take_step(by=risk_manager, strategy=strategy, step="pass_risk")
        person = officer
    assert refused(by=person, strategy=strategy, step=step, reason=" ") == {"no_reason"}
    take_step(by=person, strategy=strategy, step=step, reason="Too concentrated")
    change_strategy(by=quant, strategy=strategy, parts={"rebalance": "weekly"})
    told = Notification.objects.filter(person=quant, kind="strategy_decided").order_by("-pk")[0]
    assert (told.title, told.body) == ("Carry: sent back", "Too concentrated")


def test_approval_freezes_until_it_is_opened_again(ready: Strategy, quant: User):
    with pytest.raises(Invalid) as error:
        change_strategy(by=quant, strategy=ready, parts={"rebalance": "weekly"})
    assert codes(error) == {"frozen"}
    assert refused(by=quant, strategy=ready, step="reopen") == {"no_reason"}
    take_step(by=quant, strategy=ready, step="reopen", reason="New data")
    ready.refresh_from_db()
    assert (ready.state, ready.approved_version) == (State.RESEARCH, None)
    change_strategy(by=quant, strategy=ready, parts={"rebalance": "weekly"})
    assert refused(by=quant, strategy=ready, step="submit") == {"few_scenarios", "no_portfolio"}


def test_an_archived_strategy_stays_where_it_is(ready: Strategy, quant: User, admin: User):
    with pytest.raises(Forbidden):
        take_step(by=quant, strategy=ready, step="archive", reason="Old")
    take_step(by=admin, strategy=ready, step="archive", reason="Old")
    for step in ("reopen", "archive"):
        assert refused(by=admin, strategy=ready, step=step, reason="x") == {"wrong_state"}


# News


def test_those_who_come_next_are_told_and_the_news_closes(
    strategy: Strategy, quant: User, risk_manager: User, officer: User
):
    worked(quant, strategy)
    take_step(by=quant, strategy=strategy, step="submit")
    waiting = Notification.objects.get(person=risk_manager, kind="strategy_waits")
    assert waiting.title == "Carry waits at risk review"
    assert waiting.read_at is None
    take_step(by=risk_manager, strategy=strategy, step="pass_risk")
    assert not Notification.objects.filter(pk=waiting.pk, read_at=None).exists()
    assert Notification.objects.filter(person=officer, kind="strategy_waits", read_at=None).count() == 1
    signed(officer, strategy)
    titles = set(Notification.objects.filter(person=quant, kind="strategy_decided").values_list("title", flat=True))
    assert titles == {"Carry: now at compliance", "Carry: now at approved"}


# Presence and lock


def test_the_lock_keeps_others_from_deciding_and_expires(
    strategy: Strategy, quant: User, risk_manager: User, admin: User
):
    worked(quant, strategy)
    take_step(by=quant, strategy=strategy, step="submit")
    put_on_desk(by=admin, desk=strategy.desk, person=admin, function=Function.RISK)
    take_up(strategy, risk_manager)
    assert refused(by=admin, strategy=strategy, step="pass_risk") == {"locked"}
    with pytest.raises(Invalid, match="Rita Risk works on this until"):
        take_up(strategy, admin)
    now = timezone.now()
    Attendance.objects.filter(person=risk_manager).update(works_until=now - timedelta(seconds=1))
    assert holder(strategy) is None
    assert take_step(by=admin, strategy=strategy, step="pass_risk").after == State.COMPLIANCE


def test_a_lock_is_laid_down_and_lasts_ten_minutes(strategy: Strategy, risk_manager: User, officer: User):
    mine = take_up(strategy, risk_manager)
    assert mine.works_until is not None
    left = mine.works_until - timezone.now()
    assert LOCKED_FOR - timedelta(seconds=30) < left <= LOCKED_FOR
    lay_down(strategy, risk_manager)
    assert take_up(strategy, officer).person == officer


def test_who_was_seen_a_moment_ago_is_here(strategy: Strategy, quant: User, officer: User):
    seen(strategy, quant)
    assert [each.person for each in others_here(strategy, officer)] == [quant]
    assert list(others_here(strategy, quant)) == []
    Attendance.objects.update(seen_at=timezone.now() - HERE_FOR - timedelta(seconds=1))
    assert list(others_here(strategy, officer)) == []


def test_the_page_of_a_review(client: Client, strategy: Strategy, quant: User, risk_manager: User, officer: User):
    address = reverse("strategy-compliance", args=[strategy.code])
    client.force_login(quant)
    page = client.get(address).content.decode()
    assert "This version has not been checked yet." in page
    assert client.post(address, {"do": "check"}).status_code == 422
    worked(quant, strategy, {**WEIGHTS, "RA02": 0.06})
    client.post(address, {"do": "check"})
    page = client.get(address).content.decode()
    assert "RA02 would weigh 6%, beyond 5%, where orders are blocked." in page
    assert "A rule says that this is blocked." in page
    assert "Review beyond 4.5%, blocked beyond 5%" in page
    client.post(address, {"do": "submit"})
    client.force_login(risk_manager)
    assert "Quinn Quant" not in client.post(reverse("strategy-presence", args=[strategy.code])).content.decode()
    client.post(address, {"do": "take_up"})
    client.force_login(officer)
    fragment = client.post(reverse("strategy-presence", args=[strategy.code])).content.decode()
    assert "Rita Risk works on this until" in fragment
    assert client.post(address, {"do": "take_up"}).status_code == 422
    client.force_login(risk_manager)
    client.post(address, {"do": "reject_risk", "reason": "RA02 is too large"})
    page = client.get(address).content.decode()
    assert "Risk review to research" in page
    assert "RA02 is too large" in page


def test_a_quant_does_not_take_a_review_up(client: Client, strategy: Strategy, quant: User, viewer: User):
    client.force_login(quant)
    assert client.post(reverse("strategy-compliance", args=[strategy.code]), {"do": "take_up"}).status_code == 403
    client.force_login(viewer)
    assert client.post(reverse("strategy-compliance", args=[strategy.code]), {"do": "check"}).status_code == 403


def test_signing_on_the_page_signs_what_it_shows(
    client: Client, strategy: Strategy, quant: User, risk_manager: User, officer: User
):
    at_compliance(strategy, quant, risk_manager)
    address = reverse("strategy-compliance", args=[strategy.code])
    client.force_login(officer)
    client.post(address, {"do": "check"})
    shown = client.get(address)
    sent = {"do": "approve", "reason": "Fine", "seen_hash": shown.context["check"].inputs_hash}
    assert sent["seen_hash"] in shown.content.decode()
    client.post(address, sent)
    strategy.refresh_from_db()
    assert strategy.state == State.APPROVED


# Comments


def test_comments_on_places_are_made_told_and_settled(strategy: Strategy, quant: User, officer: User, viewer: User):
    comment = make_comment(by=officer, strategy=strategy, place="risk", text=" Why so much beta?\nExplain. ")
    assert comment.text == "Why so much beta?\nExplain."
    assert Notification.objects.get(person=quant, kind="strategy_commented").title == "Carry: comment on risk"
    make_comment(by=quant, strategy=strategy, place="risk", text="Because.")
    assert Notification.objects.filter(person=officer, kind="strategy_commented").count() == 1
    settle_comment(by=quant, comment=comment)
    settle_comment(by=officer, comment=comment)
    comment.refresh_from_db()
    assert comment.resolved_by == quant
    with pytest.raises(Forbidden):
        make_comment(by=viewer, strategy=strategy, place="risk", text="Hm")
    for place, text in (("nowhere", "x"), ("risk", " "), ("risk", "x" * 2001)):
        with pytest.raises(Invalid):
            make_comment(by=quant, strategy=strategy, place=place, text=text)


def test_comments_on_their_page(client: Client, strategy: Strategy, quant: User):
    address = reverse("strategy-comments", args=[strategy.code])
    client.force_login(quant)
    assert "Nobody has said anything yet." in client.get(address).content.decode()
    assert client.post(address, {"place": "risk", "text": ""}).status_code == 422
    client.post(address, {"place": "risk", "text": "<b>bold</b>"})
    page = client.get(address).content.decode()
    assert "&lt;b&gt;bold" in page
    client.post(reverse("strategy-comment-settle", args=[Comment.objects.get(strategy=strategy).code]))
    assert "settled by Quinn Quant" in client.get(address).content.decode()


# Paper orders


@pytest.mark.parametrize(
    ("weight", "amount", "close", "lot", "shares"),
    [
        ("0.04", "10000", "10", 1, 40),
        ("0.04", "10000", "10.01", 1, 39),
        ("0.04", "10000", "10", 7, 35),
        ("-0.04", "10000", "10.01", 1, -39),
        ("0.0009", "10000", "10", 1, 0),
        ("0", "10000", "10", 1, 0),
    ],
)
def test_shares_never_exceed_the_weight(weight, amount, close, lot, shares):
    assert whole_shares(Decimal(weight), Decimal(amount), Decimal(close), lot) == shares


def test_orders_come_from_signed_weights_at_the_last_close(ready: Strategy, quant: User):
    orders = draw_up_orders(by=quant, strategy=ready, lot_shares=10)
    market = market_of(ready.universe)
    assert [order.ident for order in orders] == sorted(WEIGHTS)
    for order in orders:
        close = market.close(order.ident)
        assert close is not None
        wanted = Decimal("0.04") * 10_000_000
        assert order.shares % 10 == 0
        assert order.shares * close <= wanted < (order.shares + 10) * close
        assert order.amount == (order.shares * close).quantize(Decimal("0.01"))
        assert (order.state, order.close_date) == ("draft", market.day)


def test_orders_go_from_draft_to_sent_to_done_and_are_held_then(ready: Strategy, quant: User):
    drafts = draw_up_orders(by=quant, strategy=ready)
    assert len(draw_up_orders(by=quant, strategy=ready)) == len(drafts)  # in place of the drafts
    assert PaperOrder.objects.count() == len(drafts)
    with pytest.raises(Invalid) as error:
        orders_done(by=quant, strategy=ready)
    assert codes(error) == {"none_sent"}
    send_orders(by=quant, strategy=ready)
    for verb, code in ((draw_up_orders, "sent"), (send_orders, "no_drafts")):
        with pytest.raises(Invalid) as error:
            verb(by=quant, strategy=ready)
        assert codes(error) == {code}
    first = PaperOrder.objects.order_by("ident")[0]
    orders_done(by=quant, strategy=ready, codes=[str(first.code)])
    assert held_shares(ready) == {first.ident: first.shares}
    orders_done(by=quant, strategy=ready)
    assert set(held_shares(ready)) == set(WEIGHTS)
    states = [entry.action for entry in AuditEntry.objects.filter(action__startswith="paper_orders")]
    assert sorted(states) == ["paper_orders.done"] * 2 + ["paper_orders.drawn_up"] * 2 + ["paper_orders.sent"]


def test_what_is_held_counts_in_the_next_check_and_the_next_orders(
    ready: Strategy, quant: User, risk_manager: User, officer: User
):
    draw_up_orders(by=quant, strategy=ready)
    send_orders(by=quant, strategy=ready)
    orders_done(by=quant, strategy=ready)
    take_step(by=quant, strategy=ready, step="reopen", reason="Less of it")
    ready.refresh_from_db()
    change_strategy(by=quant, strategy=ready, parts={"rebalance": "weekly"})
    at_compliance(ready, quant, risk_manager, dict.fromkeys(WEIGHTS, 0.02))
    check = signed(officer, ready)
    held = held_weights(ready, market_of(ready.universe), Decimal(10_000_000))
    assert {ident: Decimal(weight) for ident, weight in check.inputs["before"].items()} == held
    orders = draw_up_orders(by=quant, strategy=ready)
    assert all(order.shares < 0 for order in orders)


def test_no_orders_before_approval_nor_over_a_block_nor_in_strange_lots(
    strategy: Strategy, quant: User, risk_manager: User, officer: User, viewer: User
):
    with pytest.raises(Invalid) as error:
        draw_up_orders(by=quant, strategy=strategy)
    assert codes(error) == {"not_approved"}
    ready = approved(strategy, quant, risk_manager, officer)
    with pytest.raises(Forbidden):
        draw_up_orders(by=viewer, strategy=ready)
    for lot in (0, 1_000_001):
        with pytest.raises(Invalid) as error:
            draw_up_orders(by=quant, strategy=ready, lot_shares=lot)
        assert codes(error) == {"lot"}
    draw_up_orders(by=quant, strategy=ready)
    restrict(officer, ready)
    for verb in (draw_up_orders, send_orders):
        with pytest.raises(Invalid) as error:
            verb(by=quant, strategy=ready)
        assert codes(error) == {"blocked"}


def test_orders_on_their_page(client: Client, ready: Strategy, quant: User, viewer: User):
    address = reverse("strategy-orders", args=[ready.code])
    client.force_login(quant)
    assert "None drawn up yet." in client.get(address).content.decode()
    assert client.post(address, {"do": "draw_up", "lot_shares": "1.5"}).status_code == 422
    client.post(address, {"do": "draw_up", "lot_shares": "100"})
    page = client.get(address).content.decode()
    assert "They go to no market." in page
    client.post(address, {"do": "send"})
    chosen = PaperOrder.objects.order_by("ident")[0]
    client.post(address, {"do": "done", "order": [str(chosen.code)]})
    assert "Held on paper" in client.get(address).content.decode()
    client.force_login(viewer)
    assert client.post(address, {"do": "send"}).status_code == 403


# Exports and links


@pytest.mark.parametrize("form", ExportForm.values)
def test_an_approved_strategy_leaves_in_each_form(ready: Strategy, quant: User, form: str):
    draw_up_orders(by=quant, strategy=ready)
    export = make_export(by=quant, strategy=ready, form=form)
    content = content_of(export.file_hash)
    assert export.file_name == f"carry-v1.{form}"
    assert len(content) == export.size_bytes
    for words in ("RA01", "Real Asset 1"):
        assert words in _words_of(form, content)
    if form != "csv":
        assert "8.12%" in _words_of(form, content)
        assert "review beyond 4.5%, blocked beyond 5%" in _words_of(form, content)
    ready.refresh_from_db()
    assert ready.state == State.EXPORTED
    assert Decision.objects.filter(strategy=ready)[0].after == State.EXPORTED


def _words_of(form: str, content: bytes) -> str:
    stream = io.BytesIO(content)
    if form == "csv":
        return content.decode("utf-8-sig")
    if form == "xlsx":
        book = load_workbook(stream)
        return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    if form == "pdf":
        return " ".join(" ".join(page.extract_text() for page in PdfReader(stream).pages).split())
    shapes = [shape for slide in Presentation(stream).slides for shape in slide.shapes]
    tables = [cell.text for shape in shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return " ".join(tables)


def test_equal_facts_give_equal_bytes(ready: Strategy, quant: User):
    for form in ExportForm.values:
        one, two = (make_export(by=quant, strategy=ready, form=form) for _ in range(2))
        assert one.file_hash == two.file_hash, form


def test_the_csv_has_a_row_a_name_and_no_formula(ready: Strategy, quant: User):
    universe = ready.universe
    universe.members[0]["name"] = "=HYPERLINK()"
    universe.save()
    draw_up_orders(by=quant, strategy=ready)
    content = content_of(make_export(by=quant, strategy=ready, form="csv").file_hash)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["ident"] for row in rows] == sorted(WEIGHTS)
    assert rows[0]["name"] == "'=HYPERLINK()"
    assert {row["weight"] for row in rows} == {"0.0400000000"}
    shares = {order.ident: str(order.shares) for order in PaperOrder.objects.all()}
    assert {row["ident"]: row["order_shares"] for row in rows} == shares


def test_the_workbooks_net_weight_is_a_formula_over_the_weights(ready: Strategy, quant: User):
    content = content_of(make_export(by=quant, strategy=ready, form="xlsx").file_hash)
    sheet = load_workbook(io.BytesIO(content))["Weights"]
    assert sheet["D12"].value == "=SUM(D5:D11)"


def test_an_export_is_closed_before_approval_and_while_a_rule_says_block(
    strategy: Strategy, quant: User, risk_manager: User, officer: User, viewer: User
):
    with pytest.raises(Invalid) as error:
        make_export(by=quant, strategy=strategy, form="pdf")
    assert codes(error) == {"not_approved"}
    ready = approved(strategy, quant, risk_manager, officer)
    with pytest.raises(Forbidden):
        make_export(by=viewer, strategy=ready, form="csv")
    with pytest.raises(Invalid) as error:
        make_export(by=quant, strategy=ready, form="exe")
    assert codes(error) == {"unknown_form"}
    restrict(officer, ready)
    with pytest.raises(Invalid, match="RA01 is on the restricted list") as error:
        make_export(by=quant, strategy=ready, form="csv")
    assert codes(error) == {"blocked"}
    assert Export.objects.count() == 0


def test_a_link_opens_until_it_ends_or_is_taken_back(ready: Strategy, quant: User):
    export = make_export(by=quant, strategy=ready, form="csv")
    link = make_export_link(by=quant, export=export, recipient="Investor", days=2)
    token = token_of(link)
    assert open_export_link(token=token).export == export
    ExportLink.objects.filter(pk=link.pk).update(made_at=timezone.now() - timedelta(days=2, seconds=5))
    link.refresh_from_db()
    with pytest.raises(LinkEnded, match="This link ended on"):
        open_export_link(token=token_of(link))
    other = make_export_link(by=quant, export=export, recipient="Auditor", days=2)
    revoke_export_link(by=quant, link=other)
    with pytest.raises(LinkEnded, match="taken back"):
        open_export_link(token=token_of(other))
    with pytest.raises(NotFound):
        open_export_link(token=token[:-1] + ("a" if token[-1] != "a" else "b"))


@pytest.mark.parametrize("days", [0, 366])
def test_a_link_lasts_a_day_to_a_year(ready: Strategy, quant: User, days: int):
    export = make_export(by=quant, strategy=ready, form="csv")
    with pytest.raises(Invalid):
        make_export_link(by=quant, export=export, recipient="Investor", days=days)


def test_exports_and_links_on_their_page(client: Client, ready: Strategy, quant: User, viewer: User):
    address = reverse("strategy-exports", args=[ready.code])
    client.force_login(quant)
    client.post(address, {"form": "csv"})
    export = Export.objects.get()
    making = reverse("strategy-export-link", args=[export.code])
    assert client.post(making, {"recipient": "Investor", "days": "many"}).status_code == 422
    client.post(making, {"recipient": "Investor", "days": "7"})
    link = ExportLink.objects.get()
    page = client.get(address).content.decode()
    assert token_of(link) in page
    client.logout()
    shared = client.get(reverse("strategy-export-shared", args=[token_of(link)]))
    assert shared.content == content_of(export.file_hash)
    assert shared["Cache-Control"] == "private, no-store"
    link.refresh_from_db()
    assert link.opened_count == 1
    client.force_login(viewer)
    assert token_of(link) not in client.get(address).content.decode()
    assert client.get(reverse("strategy-export-file", args=[export.code])).status_code == 200
    assert client.post(reverse("strategy-export-link-revoke", args=[link.code])).status_code == 403
    client.force_login(quant)
    client.post(reverse("strategy-export-link-revoke", args=[link.code]))
    client.logout()
    assert client.get(reverse("strategy-export-shared", args=[token_of(link)])).status_code == 410
    assert client.get(reverse("strategy-export-file", args=[export.code])).status_code == 401


# Roles


def test_the_roles_read_what_was_run_and_check_it_now(strategy: Strategy, quant: User):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    run = run_the_roles(by=quant, version=version)
    assert (run.model, run.status, run.is_complete) == ("deterministic", "REVIEW", True)
    told = {step["role"]: step["text"] for step in run.record["steps"]}
    assert "The signal scores 7 names; its information coefficient is 0.0300" in told["quant_analyst"]
    assert "The portfolio holds 7 names, 28.00% gross and 28.00% net." in told["quant_analyst"]
    assert "No name above 5%: shadow price 0.0123" in told["quant_analyst"]
    assert "Backtested, it returned 8.12% over the whole time" in told["quant_analyst"]
    assert "42 trades cost 4,600.00." in told["quant_analyst"]
    assert "The worst is Market falls, at -5.00%." in told["market_strategist"]
    assert "Hedge: market at -20.00%." in told["market_strategist"]
    assert "expected shortfall at 97.50% is" in told["risk_manager"]
    assert "No report was built: The strategy is not approved." in told["compliance_officer"]
    calls = {call["tool"]: call["result"] for call in run.record["calls"]}
    assert [row["day"] for row in calls["Backtest.run"]["equity_curve"]] == ["2022-01-31", "2022-02-01"]
    assert replayed(run).as_record() == run.record


def test_limits_that_conflict_end_the_roles_there(strategy: Strategy, quant: User):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    left_run(quant, version, Task.OPTIMISE, {"conflict": {"labels": ["No name above 1%", "Fully invested"]}})
    run = run_the_roles(by=quant, version=version)
    assert [call["tool"] for call in run.record["calls"]] == ["Data.load", "Signal.compute", "Portfolio.optimize"]
    assert run.record["steps"][0]["text"].endswith("- No name above 1%\n- Fully invested")
    assert refused(by=quant, strategy=strategy, step="submit") == {"no_portfolio"}


def test_the_risk_told_is_the_most_cautious_of_the_conventions(strategy: Strategy, quant: User):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    calls = run_the_roles(by=quant, version=version).record["calls"]
    found = next(call["result"] for call in calls if call["tool"] == "Risk.metrics")
    prices = market_of(strategy.universe).prices
    returns = name_returns(prices)[:, :7] @ np.full(7, 0.04)
    assert found["var_95"] == pytest.approx(max(each.risk.var for each in side_by_side(returns, 0.95)))
    assert found["es_97_5"] == pytest.approx(max(each.risk.es for each in side_by_side(returns, 0.975)))
    benchmark = name_returns(prices)[:, :7].mean(axis=1)
    assert found["te"] == pytest.approx((returns - benchmark).std(ddof=1) * 252**0.5)
    assert found["beta"] == pytest.approx(0.28, abs=1e-5)  # equal weights, a bit over a quarter invested


ROLE_TASKS = (Task.SIGNALS, Task.OPTIMISE, Task.BACKTEST, Task.RISK, Task.SCENARIOS)


def scenarios_of(desk: Desk, by: User) -> None:
    rows = [{"scenario": "Market falls", "kind": "factor", "of": "market", "shock": "-20%"}]
    save_scenario_set(by=by, desk=desk, name="House", rows=rows)


def test_the_roles_run_what_is_missing_for_the_person_who_asked(strategy: Strategy, quant: User):
    scenarios_of(strategy.desk, quant)
    version = latest_version(strategy)
    job = request_roles(by=quant, version=version, enqueue=False)
    work(job.code)
    job.refresh_from_db()
    assert (job.state, job.error, job.done_count) == ("done", "", 8)
    made = RoleRun.objects.get(code=job.code)
    assert [call["refusal"] for call in made.record["calls"]] == [""] * len(made.record["calls"])
    runs = {each.task: each for each in StrategyRun.objects.exclude(code=job.code)}
    assert set(runs) == set(ROLE_TASKS)
    assert {(each.state, each.requested_by) for each in runs.values()} == {("done", quant)}
    assert {row["run"] for row in job.summary["rests_on"]} == {str(each.code) for each in runs.values()}
    assert all(row["is_new"] for row in job.summary["rests_on"])
    calls = {call["tool"]: call["result"] for call in made.record["calls"]}
    assert calls["Backtest.run"]["trades_key"] == runs["backtest"].summary["trades"]
    asked = AuditEntry.objects.filter(action="strategy_run.requested", actor=quant)
    assert asked.count() == 1 + len(ROLE_TASKS)
    # A second pass reads them, a replay not even that.
    again = run_the_roles(by=quant, version=version)
    assert replayed(made).as_record() == made.record == again.record
    assert StrategyRun.objects.count() == 1 + len(ROLE_TASKS)


def test_a_pass_done_twice_is_one_pass(strategy: Strategy, quant: User):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    made = [run_the_roles(by=quant, version=version, code=version.code) for _ in range(2)]
    assert made[0] == made[1]
    assert RoleRun.objects.count() == 1


def test_the_roles_run_nothing_that_the_person_may_not(strategy: Strategy, risk_manager: User):
    run = run_the_roles(by=risk_manager, version=latest_version(strategy))
    assert (run.status, run.is_complete) == ("", False)
    assert [call["tool"] for call in run.record["calls"]] == ["Data.load", "Signal.compute"]
    assert "Only quant analysts and strategists work on strategies." in run.record["steps"][0]["text"]
    assert not StrategyRun.objects.exists()
    assert replayed(run).as_record() == run.record


def test_the_roles_run_no_more_than_the_persons_quota(strategy: Strategy, quant: User):
    version = latest_version(strategy)
    for _ in range(4):
        request_run(by=quant, version=version, task=Task.BACKTEST, enqueue=False)
    run = run_the_roles(by=quant, version=version)
    assert "You have 4 of 4 jobs of the kind run of a strategy" in run.record["steps"][0]["text"]
    assert not StrategyRun.objects.filter(task=Task.SIGNALS).exists()


def test_a_run_that_somebody_waits_for_is_not_asked_for_twice(strategy: Strategy, quant: User, admin: User):
    version = latest_version(strategy)
    waiting = request_signals(by=admin, version=version, terms={}, enqueue=False)
    run_the_roles(by=quant, version=version)
    waiting.refresh_from_db()
    assert waiting.state == "done"
    assert StrategyRun.objects.filter(task=Task.SIGNALS).count() == 1


def test_a_run_that_fails_is_said(strategy: Strategy, quant: User):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    StrategyRun.objects.filter(task=Task.BACKTEST).update(task=Task.RISK)  # its answer is not needed here
    StrategyRun.objects.filter(task=Task.RISK).update(summary={"factors": None})
    request_run(by=quant, version=version, task=Task.BACKTEST, terms={"asked": {"known_days": 2_520}}, enqueue=False)
    run = run_the_roles(by=quant, version=version)
    call = next(call for call in run.record["calls"] if call["tool"] == "Backtest.run")
    assert call["result"] is None
    assert "leave no day to set a target after 2520" in call["refusal"]
    assert run.status == "REVIEW"
    assert not run.is_complete


def test_the_roles_build_the_report_of_what_was_signed(ready: Strategy, quant: User):
    version = latest_version(ready)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    run = run_the_roles(by=quant, version=version)
    export = Export.objects.get()
    assert export.form == "pdf"
    assert f"pdf: {reverse('strategy-export-file', args=[export.code])}" in run.record["steps"][-1]["text"]


def test_a_model_is_asked_only_where_one_is_set_and_cannot_lift_a_block(
    strategy: Strategy, quant: User, officer: User, settings: Any
):
    version = worked(quant, strategy)
    left_run(quant, version, Task.SIGNALS, SIGNAL)
    restrict(officer, strategy)
    settings.ATLASNEXUS_ROLE_ADAPTER = "tests.strategies.desk_of_roles.Scripted"
    run = run_the_roles(by=quant, version=version)
    assert (run.model, run.status) == ("scripted-1", "BLOCK")
    assert sum(each["said"]["tokens_in"] for each in run.record["exchanges"]) > 0
    assert replayed(run).as_record() == run.record
    settings.ATLASNEXUS_ROLE_ADAPTER = ""
    assert run_the_roles(by=quant, version=version).model == "deterministic"


def test_a_record_that_was_changed_does_not_run_again(strategy: Strategy, quant: User):
    worked(quant, strategy)
    run = run_the_roles(by=quant, version=latest_version(strategy))
    run.record["steps"][0]["text"] = "All is well."
    with pytest.raises(Invalid) as error:
        replayed(run)
    assert codes(error) == {"differs"}


def test_roles_on_their_pages(client: Client, strategy: Strategy, quant: User, viewer: User):
    worked(quant, strategy)
    left_run(quant, latest_version(strategy), Task.SIGNALS, SIGNAL)
    address = reverse("strategy-roles", args=[strategy.code])
    client.force_login(viewer)
    assert client.post(address).status_code == 403
    client.force_login(quant)
    asked = client.post(address)
    job = StrategyRun.objects.get(task=Task.ROLES)
    leads = reverse("strategy-run", args=[job.code])
    assert asked.headers["Location"] == leads
    assert "data-" in client.get(leads).content.decode()
    assert leads in client.get(address).content.decode()
    work(job.code)
    page = client.get(leads).content.decode()
    assert "run for this pass" in page  # risk
    for title in ("Quant analyst", "Market strategist", "Risk manager", "Compliance officer"):
        assert title in page
    assert "Portfolio.optimize" in page
    run = RoleRun.objects.get()
    again = client.post(reverse("role-run", args=[run.code]), follow=True).content.decode()
    assert "the same to the letter" in again


# With every worker's own answer


def test_a_strategy_from_its_runs_to_its_export(
    desk: Desk, admin: User, quant: User, risk_manager: User, officer: User
):
    """Nothing here is made up: signal, portfolio, backtest, risk and scenarios are worked out, then signed and exported."""
    strategy = small_strategy(quant, desk, name="Whole")
    with_room(strategy)
    version = latest_version(strategy)
    asked = request_portfolio(by=quant, version=version, enqueue=False)
    work(asked.code)
    scenarios = {"asked": {}, "set_name": "Three", "scenarios": SHOCKS}
    for task, terms in ((Task.SIGNALS, {}), (Task.BACKTEST, {}), (Task.RISK, {}), (Task.SCENARIOS, scenarios)):
        run = done_run(quant, strategy, task, terms)
        assert run.state == "done", (task, run.error)
    assert scenarios_run(version) == ["Both", "Market falls", "Rates rise"]
    weights = wanted_weights(version)
    assert sum(weights.values()) == pytest.approx(Decimal(1), abs=Decimal("1e-6"))
    take_step(by=quant, strategy=strategy, step="submit")
    take_step(by=risk_manager, strategy=strategy, step="pass_risk")
    check = check_version(by=officer, version=version)
    assert {row["rule"] for row in check.reasons if row["status"] == "BLOCK"} >= {"single_name"}
    assert refused(by=officer, strategy=strategy, step="approve", seen_hash=check.inputs_hash) == {"blocked"}
    roles = run_the_roles(by=quant, version=version)
    assert roles.status == "BLOCK"
    assert [call["tool"] for call in roles.record["calls"]][-1] == "Compliance.check"
    told = "\n".join(step["text"] for step in roles.record["steps"])
    for words in (
        "The signal scores",
        "The portfolio holds",
        "Backtested, it returned",
        "Scenarios run: 3.",
        "market: exposure",
    ):
        assert words in told
    assert replayed(roles).as_record() == roles.record


SHOCKS = [
    {"name": "Market falls", "factors": {"market": -0.2}, "specific": {}},
    {"name": "Rates rise", "factors": {"rates": 0.02}, "specific": {}},
    {"name": "Both", "factors": {"market": -0.2, "rates": 0.02}, "specific": {"RA01": -0.1}},
]
