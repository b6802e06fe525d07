"""Desks, their people, universes and strategies: who may what, and what is refused."""

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from strategies.access import Action, can, get_desk, get_visible, visible_desks
from strategies.demo_market import market
from strategies.models import DatasetKind, Desk, Function, Strategy, StrategyVersion, Task, Universe
from strategies.queries import latest_dataset, latest_version
from strategies.services.desks import open_desk, put_on_desk, take_off_desk
from strategies.services.request_run import request_run
from strategies.services.strategies import change_strategy
from strategies.services.take_dataset import take_dataset
from strategies.services.universes import make_universe
from strategies.translate import panel_of, panel_of_rows, rows_of_panel
from tests.strategies.cast import small_strategy

pytestmark = pytest.mark.django_db


def codes(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def test_whoever_is_on_no_desk_knows_of_none(desk: Desk, sponsor: User, quant: User):
    assert list(visible_desks(sponsor)) == []
    with pytest.raises(NotFound):
        get_desk(sponsor, desk.code)
    assert list(visible_desks(quant)) == [desk]


def test_a_person_of_one_desk_knows_nothing_of_another(desk: Desk, admin: User, quant: User):
    other = open_desk(by=admin, name="Other desk", currency="eur")
    universe = make_universe(by=admin, desk=other, name="Theirs")
    assert other.currency == "EUR"
    with pytest.raises(NotFound):
        get_visible(quant, Universe, universe.code)


@pytest.mark.parametrize(
    ("function", "may", "may_not"),
    [
        (Function.QUANT, {Action.DATA, Action.RESEARCH, Action.MEASURE}, {Action.MANAGE, Action.COMPLY}),
        (Function.STRATEGIST, {Action.RESEARCH, Action.MEASURE}, {Action.DATA, Action.JUDGE_RISK}),
        (Function.RISK, {Action.MEASURE, Action.JUDGE_RISK}, {Action.RESEARCH, Action.COMPLY}),
        (Function.COMPLIANCE, {Action.COMPLY, Action.COMMENT}, {Action.RESEARCH, Action.MEASURE}),
        (Function.VIEWER, {Action.VIEW}, set(Action) - {Action.VIEW}),
        (Function.OWNER, set(Action), set()),
    ],
)
def test_each_function_may_what_the_table_says(
    desk: Desk, admin: User, viewer: User, function: Function, may: set[Action], may_not: set[Action]
):
    put_on_desk(by=admin, desk=desk, person=viewer, function=function)
    assert {action for action in may | may_not if can(viewer, desk, action)} == may


def test_the_house_reads_every_desk_and_its_administrators_manage_it(desk: Desk, admin: User, internal: User):
    assert can(internal, desk, Action.VIEW)
    assert not can(internal, desk, Action.COMMENT)
    assert all(can(admin, desk, action) for action in Action)


def test_only_who_manages_a_desk_decides_who_is_on_it(desk: Desk, quant: User, viewer: User, admin: User):
    with pytest.raises(Forbidden):
        put_on_desk(by=quant, desk=desk, person=viewer, function=Function.OWNER)
    take_off_desk(by=admin, desk=desk, person=viewer)
    with pytest.raises(NotFound):
        get_desk(viewer, desk.code)


def test_somebody_without_the_role_is_put_on_no_desk(desk: Desk, admin: User, sponsor: User):
    with pytest.raises(Invalid) as error:
        put_on_desk(by=admin, desk=desk, person=sponsor, function=Function.QUANT)
    assert codes(error) == {"no_desk_role"}


def test_a_new_version_changes_parts_and_keeps_the_rest(strategy: Strategy, quant: User):
    version = change_strategy(by=quant, strategy=strategy, parts={"rebalance": "weekly"}, note="faster", based_on=1)
    assert (version.number, version.content["rebalance"], version.content["benchmark"]) == (2, "weekly", "equal_weight")
    with pytest.raises(Invalid) as error:
        change_strategy(by=quant, strategy=strategy, parts={"rebalance": "weekly"})
    assert codes(error) == {"nothing_new"}
    with pytest.raises(Invalid) as error:
        change_strategy(by=quant, strategy=strategy, parts={"rebalance": "daily"}, based_on=1)
    assert codes(error) == {"changed_meanwhile"}


@pytest.mark.parametrize("state", ["risk_review", "compliance", "approved", "exported", "archived"])
def test_nothing_is_changed_in_review_or_after_it(strategy: Strategy, quant: User, state: str):
    Strategy.objects.filter(pk=strategy.pk).update(state=state)
    with pytest.raises(Invalid) as error:
        change_strategy(by=quant, strategy=strategy, parts={"rebalance": "weekly"})
    assert codes(error) == {"frozen"}


def test_versions_and_datasets_are_never_changed_in_the_model_nor_in_the_database(strategy: Strategy):
    version = latest_version(strategy)
    with pytest.raises(AppendOnlyError):
        version.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE strategies_strategyversion SET note = 'x' WHERE id = %s", [version.pk])


def test_a_viewer_asks_for_no_run_and_a_universe_without_prices_has_none(
    desk: Desk, strategy: Strategy, viewer: User, quant: User
):
    with pytest.raises(Forbidden):
        request_run(by=viewer, version=latest_version(strategy), task=Task.BACKTEST)
    empty = make_universe(by=quant, desk=desk, name="Empty")
    Strategy.objects.filter(pk=strategy.pk).update(universe=empty)
    version = StrategyVersion.objects.select_related("strategy__universe").get(strategy=strategy)
    with pytest.raises(Invalid) as error:
        request_run(by=quant, version=version, task=Task.BACKTEST)
    assert codes(error) == {"no_prices"}


def test_a_panel_comes_back_from_the_storage_as_it_was(universe: Universe):
    dataset = latest_dataset(universe, DatasetKind.PRICES)
    assert dataset is not None
    panel = panel_of(dataset.file_hash)
    assert (len(panel.names), panel.days.size) == (8, 300)
    again = panel_of_rows(rows_of_panel(panel))
    for name, field in panel.fields.items():
        np.testing.assert_array_equal(field, again[name])
    assert np.isnan(panel["close"][-1, -1])  # the name that left
    assert dataset.summary["first_date"] == "2022-01-03"


def test_the_next_panel_is_the_one_in_force(universe: Universe, quant: User):
    drawn = market(8, 100)
    taken = take_dataset(by=quant, universe=universe, kind=DatasetKind.PRICES, rows=drawn.prices, origin="Shorter")
    assert taken.number == 2
    assert latest_dataset(universe, DatasetKind.PRICES) == taken


def test_the_market_is_drawn_alike_every_time():
    assert market(8, 100).prices.equals(market(8, 100).prices)


def test_a_desk_is_run_from_its_page(client: Client, admin: User, desk: Desk, viewer: User):
    client.force_login(admin)
    page = client.post(reverse("desk", args=[desk.code]), {"email": "nobody@nowhere.example", "function": "quant"})
    assert page.status_code == 422
    assert "Nobody here has the address" in page.content.decode()
    client.post(reverse("desk", args=[desk.code]), {"email": viewer.email, "function": "risk"})
    assert desk.memberships.get(person=viewer).function == Function.RISK
    client.post(reverse("desk", args=[desk.code]), {"email": viewer.email, "do": "take_off"})
    assert not desk.memberships.filter(person=viewer).exists()


def test_a_strategy_is_begun_on_a_page(client: Client, quant: User, desk: Desk, universe: Universe):
    client.force_login(quant)
    address = reverse("strategy-new", args=[desk.code])
    refused = client.post(address, {"name": "Carry", "universe": "", "limits_family": "long-only-fund"})
    assert refused.status_code == 422
    sent = {"name": "Carry", "universe": str(universe.code), "limits_family": "long-only-fund"}
    made = client.post(address, sent, follow=True)
    assert "Carry" in made.content.decode()
    assert small_strategy(quant, desk, name="Value").name == "Value"
