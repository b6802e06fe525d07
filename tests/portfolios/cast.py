"""A small deal with one of each thing that a page of the room may be about."""

from datetime import date
from typing import Any

from accounts.models import User
from jobs.work import work
from portfolios import demo
from portfolios import demo_documents as documents
from portfolios.models import Deal, LimitSet
from portfolios.queries import latest_pool, latest_run
from portfolios.services.baskets import make_basket, set_trades
from portfolios.services.compare_trustee import compare_trustee
from portfolios.services.create_deal import create_deal
from portfolios.services.import_tape import open_import
from portfolios.services.pay import book_payment, defaults_of
from portfolios.services.reports import save_report
from portfolios.services.scenarios import request_pool_simulation, save_scenario
from portfolios.services.take_pool import take_pool
from records.services import install_missing

ASSETS = 6


def small_deal(by: User) -> Deal:
    """The demo deal with its first assets, and notes in proportion."""
    install_missing(model=LimitSet, documents=[demo.limits_document()])
    deal_json = documents.deal_json()
    classes = [{**row, "original_balance": row["original_balance"] / 50} for row in demo._classes(deal_json)]
    deal = create_deal(by=by, terms=demo._terms(deal_json), classes=classes)
    content = documents.pool_content(deal_json, documents.read_pool(deal_json))
    for purpose, assets in (
        ("candidates", content["assets"][ASSETS : 2 * ASSETS]),
        ("pool", content["assets"][:ASSETS]),
    ):
        take_pool(
            by=by,
            deal=deal,
            content={**content, "assets": assets, "principal_cash": "500000"},
            origin="small",
            purpose=purpose,
        )
    return deal


def clo_things(by: User) -> dict[str, Any]:
    """One of each."""
    deal = small_deal(by)
    run, pool = latest_run(deal), latest_pool(deal)
    assert run is not None
    assert pool is not None
    basket = make_basket(by=by, deal=deal, name="Trim")
    sale = {"side": "sell", "asset": "APA-0003", "par": "1000", "price_pct": "99"}
    simulation = request_pool_simulation(by=by, pool=pool, terms={"paths": 1000}, enqueue=False)
    work(simulation.code)
    rows = (documents.HERE / "pool_a.csv").read_text().splitlines(keepends=True)
    tape = "".join((*rows[:3], rows[3].replace("FLOAT", "FLOATY"))).encode()
    return {
        "clo": deal,
        "limits": run.limit_set,
        "clo_tape": open_import(
            by=by, deal=deal, sender="Agent", file_name="a.csv", content=tape, determination_date=date(2026, 6, 30)
        ),
        "clo_basket": set_trades(by=by, basket=basket, trades=[sale]),
        "clo_payment": book_payment(by=by, run=run, typed=defaults_of(run)),
        "clo_scenario": save_scenario(by=by, deal=deal, name="Called", terms={"call_payment": 6}),
        "clo_report": save_report(by=by, deal=deal, name="Investors", sections=["coverage"], columns=[]),
        "clo_simulation": simulation,
        "clo_trustee": compare_trustee(by=by, run=run, file_name="t.csv", content=b"line,value\n1,1.0\n99,2\n"),
    }
