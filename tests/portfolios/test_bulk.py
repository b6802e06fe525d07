"""Many assets edited at once: bad cells stay, good ones make the next pool."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid
from portfolios.bulk import Do, Edit, edited, effect
from portfolios.models import Deal, PoolSnapshot
from portfolios.queries import latest_pool, latest_run
from portfolios.services.edit_assets import edit_assets

pytestmark = pytest.mark.django_db
D = Decimal


def the_pool(deal: Deal) -> PoolSnapshot:
    pool = latest_pool(deal)
    assert pool is not None
    return pool


def row_of(pool: PoolSnapshot, asset: str) -> dict[str, Any]:
    return next(row for row in pool.content["assets"] if row["blkrockid"] == asset)


def names(pool: PoolSnapshot, count: int) -> list[str]:
    """The first assets that are not in default."""
    rows = [row for row in pool.content["assets"] if not row["default_obligation"]]
    return [row["blkrockid"] for row in rows[:count]]


def test_a_price_multiplied_and_a_spread_raised_touch_only_the_chosen(deal: Deal):
    pool = the_pool(deal)
    chosen = names(pool, 3)
    edits = [Edit("market_value", Do.MULTIPLY, "0.9"), Edit("coupon_spread", Do.ADD, "0.0025")]
    found = edited(pool, chosen, edits)
    assert not found.refused
    assert {cell.asset for cell in found.cells} == set(chosen)
    for asset in chosen:
        old, new = row_of(pool, asset), next(r for r in found.content["assets"] if r["blkrockid"] == asset)
        assert D(new["market_value"]) == D(old["market_value"]) * D("0.9")
        if "coupon_spread" in old:
            assert D(new["coupon_spread"]) == D(old["coupon_spread"]) + D("0.0025")
        assert {k: v for k, v in new.items() if k not in {"market_value", "coupon_spread"}} == {
            k: v for k, v in old.items() if k not in {"market_value", "coupon_spread"}
        }
    untouched = [row for row in found.content["assets"] if row["blkrockid"] not in chosen]
    assert untouched == [row for row in pool.content["assets"] if row["blkrockid"] not in chosen]


def test_a_bad_value_is_refused_at_its_cell_and_the_good_are_kept(deal: Deal):
    pool = the_pool(deal)
    chosen = names(pool, 2)
    edits = [
        Edit("coupon_spread", Do.SET, "475"),
        Edit("moodys_industry", Do.SET, "Sorcery"),
        Edit("maturity", Do.SET, "31/02/2031"),
        Edit("country", Do.SET, "Spain"),
    ]
    found = edited(pool, chosen, edits)
    assert {(p.row, p.column, p.code) for p in found.refused if p.column != "maturity"} == {
        (cell.row, column, code)
        for cell in found.cells
        for column, code in (("coupon_spread", "out_of_range"), ("moodys_industry", "unknown_industry"))
    }
    assert sum(p.column == "maturity" for p in found.refused) == 2
    assert {(cell.asset, cell.column, cell.after) for cell in found.cells} == {(a, "country", "Spain") for a in chosen}


def test_a_cell_that_makes_another_wrong_is_refused_with_it(deal: Deal):
    """A default needs its date: with it both stand, without it neither the flag nor what else the row was to have."""
    pool = the_pool(deal)
    (asset,) = names(pool, 1)
    alone = edited(pool, [asset], [Edit("default_obligation", Do.SET, "Yes"), Edit("market_value", Do.SET, "40")])
    assert [(p.column, p.code) for p in alone.refused] == [("date_of_defaulted", "missing")]
    assert not alone.cells
    dated = [Edit("default_obligation", Do.SET, "Yes"), Edit("date_of_defaulted", Do.SET, "2026-06-15")]
    both = edited(pool, [asset], dated)
    assert {cell.column for cell in both.cells} == {"default_obligation", "date_of_defaulted"}


def test_what_was_wrong_before_is_none_of_the_edits_doing(deal: Deal, analyst: User):
    pool = the_pool(deal)
    (asset,) = names(pool, 1)
    rows = [{**row, "wal": "-1"} if row["blkrockid"] == asset else row for row in pool.content["assets"]]
    pool.content = {**pool.content, "assets": rows}
    found = edited(pool, [asset], [Edit("market_value", Do.SET, "40")])
    assert [cell.after for cell in found.cells] == ["40"]
    assert not found.refused


def test_an_empty_cell_is_not_taken_for_nought(deal: Deal):
    pool = the_pool(deal)
    (empty,) = names(pool, 1)
    rows = [{name: value for name, value in row.items() if name != "market_value"} for row in pool.content["assets"]]
    pool.content = {**pool.content, "assets": rows}
    found = edited(pool, [empty], [Edit("market_value", Do.ADD, "1")])
    assert [p.code for p in found.refused] == ["missing"]
    with pytest.raises(Invalid, match="can only be set"):
        edited(pool, [empty], [Edit("country", Do.ADD, "1")])
    with pytest.raises(Invalid, match="none that can be edited"):
        edited(pool, [empty], [Edit("blkrockid", Do.SET, "X")])


def test_the_effect_is_that_of_the_pool_it_becomes(deal: Deal, analyst: User):
    pool = the_pool(deal)
    chosen, edits = names(pool, 12), [Edit("country", Do.SET, "Spain")]
    changes = effect(pool, edited(pool, chosen, edits))
    made = edit_assets(by=analyst, pool=pool, assets=chosen, edits=edits, reason="Domicile of record")
    run = latest_run(deal)
    assert run is not None
    assert run.snapshot == made
    assert made.number == pool.number + 1
    assert made.origin == "12 cells of 12 assets edited: Domicile of record"
    kept = {row.number: (row.value, row.status) for row in run.test_results.all()}
    for change in changes:
        value, status = kept[change.after.rule.number]
        assert status == change.after.status.value
        assert (value is None) is (change.after.value is None)
        assert value is None or abs(value - (change.after.value or 0)) < D("1e-11")
    assert any(change.change for change in changes)
    entry = AuditEntry.objects.get(action="assets.edited")
    assert entry.after is not None
    assert len(entry.after["cells"]) == 12
    assert entry.after["reason"] == "Domicile of record"


def test_edits_need_a_reason_the_latest_pool_and_a_hand_that_may(deal: Deal, analyst: User, internal: User):
    pool = the_pool(deal)
    given: dict[str, Any] = {"assets": names(pool, 1), "edits": [Edit("market_value", Do.SET, "55")]}
    with pytest.raises(Forbidden):
        edit_assets(by=internal, pool=pool, reason="Marks", **given)
    with pytest.raises(Invalid, match="say why"):
        edit_assets(by=analyst, pool=pool, reason=" ", **given)
    edit_assets(by=analyst, pool=pool, reason="Marks", **given)
    with pytest.raises(Invalid, match="newer pool"):
        edit_assets(by=analyst, pool=pool, reason="Marks", **given)
    with pytest.raises(Invalid, match="No cell would change"):
        edit_assets(by=analyst, pool=the_pool(deal), reason="Marks", **given)


def test_from_the_filter_of_the_page_to_the_next_pool(deal: Deal, analyst: User, client: Client):
    client.force_login(analyst)
    pool = the_pool(deal)
    spain = [row["blkrockid"] for row in pool.content["assets"] if row.get("country") == "Spain"]
    table = client.get(reverse("clo-pool", args=[deal.code]) + "?filter=country|=|Spain").content.decode()
    assert f"Edit these {len(spain)} assets" in table
    at = reverse("clo-bulk", args=[deal.code]) + "?filter=country|=|Spain"
    page = client.get(at).content.decode()
    assert re.findall(r'name="asset" value="([^"]+)" checked', page) == spain
    typed: dict[str, Any] = {
        "pool": str(pool.code), "asset": spain[:1], "edit-column": ["market_value", "coupon_spread"],
        "edit-do": ["add", "set"], "edit-value": ["-2.5", "x"],
    }  # fmt: skip
    tried = client.post(at, {**typed, "do": "try"}).content.decode()
    old = row_of(pool, spain[0])["market_value"]
    assert f"{D(old) - D('2.5'):f}</td>" in tried
    assert "expected a number such as 1234.5, got x" in tried
    assert "Apply 1 cell as the next pool" in tried
    assert the_pool(deal) == pool
    refused = client.post(at, {**typed, "do": "apply", "reason": ""})
    assert refused.status_code == 400
    assert "say why" in refused.content.decode()
    client.post(at, {**typed, "do": "apply", "reason": "Quotes of 30 June"})
    assert D(row_of(the_pool(deal), spain[0])["market_value"]) == D(old) - D("2.5")


def test_figures_are_typed_as_the_reader_writes_them(deal: Deal, analyst: User, client: Client):
    analyst.number_format = "point_comma"
    analyst.save()
    client.force_login(analyst)
    pool = the_pool(deal)
    (asset,) = names(pool, 1)
    typed = {"pool": str(pool.code), "asset": asset, "do": "apply", "reason": "Terms",
             "edit-column": ["coupon_spread", "market_value"], "edit-do": ["set", "set"], "edit-value": ["4,25%", "98,5"]}  # fmt: skip
    client.post(reverse("clo-bulk", args=[deal.code]), typed)
    row = row_of(the_pool(deal), asset)
    assert (D(row["coupon_spread"]), D(row["market_value"])) == (D("0.0425"), D("98.5"))
