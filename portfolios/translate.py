"""A deal's papers, limits and pool as documents, and as the engine takes them: the only place where one becomes the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.portfolios.assets import Asset, Pool
from engine.portfolios.papers import Do, Fees, Incentive, Note, Papers, Triggers, acceleration_steps, steps_of
from engine.portfolios.payments import Line, PaymentDate
from engine.portfolios.terms import CoverageClass, DealTerms, Haircuts, Limit, MovingThresholds, SeniorFees

Document = Mapping[str, Any]


def engine_pool(content: Document) -> Pool:
    """The pool of a snapshot's content."""
    assets = tuple(Asset.from_dict(row) for row in content["assets"])
    return Pool(assets, Decimal(content["principal_cash"]))


def engine_terms(papers: Document, tests: Document, content: Document, previous: Document | None = None) -> DealTerms:
    """Terms of the tests: the deal's papers, the limits in force, the day's rates, and the results of before by number."""
    moving, fees = tests["parameters"], papers["fees"]
    before = previous or {}
    return DealTerms(
        currency=papers["currency"],
        determination_date=date.fromisoformat(content["determination_date"]),
        period_start=date.fromisoformat(content["period_start"]),
        period_end=date.fromisoformat(content["period_end"]),
        stated_maturity=date.fromisoformat(papers["stated_maturity"]),
        benchmark_rate=Decimal(content["index_rates"][papers["benchmark"]]),
        fx={currency: Decimal(rate) for currency, rate in content["fx"].items()},
        classes=tuple(_class(row) for row in papers["classes"]),
        limits={int(row["number"]): _limit(row, before.get(str(row["number"]))) for row in tests["limits"]},
        moving=MovingThresholds(
            **{
                name: _exact(moving[name])
                for name in MovingThresholds.__dataclass_fields__
                if moving.get(name) is not None
            }
        ),
        country_groups=_groups(tests["countries"]),
        tax_jurisdictions=_listed(tests["countries"], "tax"),
        strong_sovereigns=_listed(tests["countries"], "AA-"),
        facility_minimum={
            "USA": _exact(moving["facility_minimum_usa_amount"]),
            "other": _exact(moving["facility_minimum_other_amount"]),
            "form8_any": _exact(moving["facility_minimum_form_8_amount"]),
        },
        junior_oc_denominator=_decimal(papers.get("junior_oc_denominator")),
        diversion_trigger=_decimal(papers.get("diversion_trigger")),
        fees=SeniorFees(**{name: Decimal(amount) for name, amount in fees.items()}),
        haircuts=_haircuts(papers.get("haircuts", {})),
        least_coverage=_exact(moving.get("least_coverage_ratio", 1)),
    )


def _class(row: Document) -> CoverageClass:
    return CoverageClass(
        name=row["name"],
        balance=Decimal(row["balance"]),
        spread=_decimal(row.get("spread")) or Decimal(0),
        oc_trigger=_decimal(row.get("oc_trigger")),
        ic_trigger=_decimal(row.get("ic_trigger")),
        is_deferrable=bool(row.get("is_deferrable")),
        deferred=_decimal(row.get("deferred")) or Decimal(0),
        fixed_rate=_decimal(row.get("fixed_rate")),
    )


def _limit(row: Document, previous: Any) -> Limit:
    return Limit(row["sense"], _threshold(row), _decimal(previous), row.get("provenance", ""), row.get("source", ""))


def _threshold(row: Document) -> Decimal | None:
    return None if row.get("threshold") is None else _exact(row["threshold"])


def _haircuts(values: Document) -> Haircuts:
    read: dict[str, Any] = {
        name: int(value) if name.endswith("_days") else Decimal(value) for name, value in values.items()
    }
    return Haircuts(**read)


def _groups(rows: Iterable[Document]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["list"] in {"I", "II", "III"}:
            found.setdefault(row["list"], set()).add(row["country"])
    return {name: frozenset(countries) for name, countries in found.items()}


def _listed(rows: Iterable[Document], name: str) -> frozenset[str]:
    return frozenset(row["country"] for row in rows if row["list"] == name)


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else _exact(value)


def _exact(value: Any) -> Decimal:
    """A decimal of the digits shown: 0.1 of JSON is a tenth."""
    return Decimal(str(value))


# Payments


def engine_papers(papers: Document, preset: str, *, accelerates: bool = False) -> Papers:
    """The priority of payments of a deal's papers, with what follows an event of default where it accelerates."""
    notes = tuple(_note(row) for row in papers["classes"])
    triggers: dict[str, Triggers] = {}
    for row in papers["classes"]:
        if row.get("oc_trigger") or row.get("ic_trigger"):
            triggers[row["group"]] = Triggers(_decimal(row.get("oc_trigger")), _decimal(row.get("ic_trigger")))
    interest, principal = steps_of(preset, notes, triggers)
    paid, junior = papers["payments"], papers["payments"]["subordinated"]
    fees = papers["fees"]
    return Papers(
        closing=date.fromisoformat(papers["closing_date"]),
        notes=notes,
        triggers=triggers,
        interest=interest,
        principal=principal,
        fees=Fees(
            _exact(fees["trustee_rate"]),
            _exact(fees["base_management_rate"]),
            _exact(paid["subordinated_management_rate"]),
            _exact(paid["administrative_cap_amount"]),
        ),
        incentive=Incentive(
            _exact(paid["hurdle_rate"]),
            _exact(paid["incentive_share"]),
            _exact(junior["balance"]) * _exact(junior["issue_price_ratio"]),
        ),
        reinvestment_end=date.fromisoformat(papers["reinvestment_end"]),
        diversion_trigger=_decimal(papers.get("diversion_trigger")),
        diversion_share=_exact(paid["diversion_share"]),
        ccc_limit=_exact(papers.get("haircuts", {}).get("ccc_limit", "0.075")),
        lot_amount=_exact(paid["lot_amount"]),
        ic_from_payment=int(paid["ic_from_payment"]),
        acceleration=acceleration_steps(interest, tuple(dict.fromkeys(n.group for n in notes))) if accelerates else (),
    )


def _note(row: Document) -> Note:
    return Note(
        row["name"], row["group"], _exact(row["balance"]), _decimal(row.get("spread")) or Decimal(0),
        _decimal(row.get("fixed_rate")), bool(row.get("is_deferrable")), _decimal(row.get("deferred")) or Decimal(0),
    )  # fmt: skip


def standing_of(closing: Document | None) -> dict[str, Any]:
    """What stands from the last payment booked, as `opening_of` takes it."""
    if closing is None:
        return {}
    return {
        "hurdle_balance": Decimal(closing["hurdle_balance"]),
        "payments_made": closing["number"],
        "last_pay_date": date.fromisoformat(closing["pay_date"]),
        "last_unadjusted": date.fromisoformat(closing["unadjusted"]),
        "unpaid": {Do(name): Decimal(amount) for name, amount in closing["unpaid"].items()},
        "is_accelerated": closing.get("is_accelerated", False),
    }


def closing_of(paid: PaymentDate, unadjusted: date) -> dict[str, Any]:
    """What stands after a payment date, for the next to begin from."""
    return {
        "number": paid.number,
        "pay_date": paid.pay_date.isoformat(),
        "unadjusted": unadjusted.isoformat(),
        "balances": {name: str(amount) for name, amount in paid.end.balances.items()},
        "deferred": {name: str(amount) for name, amount in paid.end.deferred.items()},
        "hurdle_balance": str(paid.end.hurdle_balance),
        "principal_cash": str(paid.end.principal_cash),
        "unpaid": {do.value: str(amount) for do, amount in paid.end.unpaid.items() if amount},
        "is_accelerated": paid.is_accelerated or paid.unpaid_senior_interest > 0,
    }


def line_json(line: Line) -> dict[str, Any]:
    """One step as rows keep it."""
    return {
        "label": line.label,
        "what": line.what,
        "due": None if line.due is None else str(line.due),
        "paid": str(line.paid),
        "source": line.source,
        "reason": line.reason,
    }
