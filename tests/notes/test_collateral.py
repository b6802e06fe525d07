"""Collateral: published speeds and flows, and what must hold of any pool."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.notes.collateral import (
    CLOSING,
    COLUMNS,
    Speeds,
    fill_pool,
    loans_of,
    pool_flows,
    psa_cpr,
    sda_cdr,
    single_month_rate,
    single_month_rate_of_abs,
    yearly_rate,
)
from engine.notes.content import read_behaviour, read_pool
from engine.notes.terms import Amortisation, Behaviour, DefaultKind, Loan, Pool, PrepaymentKind
from tests.engine.vectors import assert_matches, load

VECTORS = load("structured_finance_vectors.json")
CPR, CDR = PrepaymentKind.CPR, DefaultKind.CDR


def one_loan(**changes):
    given = {"code": "L", "currency": "EUR", "balance_amount": 1000.0, "coupon_rate": 0.06, "remaining_months": 12}
    return read_pool({"loans": [given | changes]})


# Published


def test_psa_of_the_vectors():
    """SF-01 and SF-02: speeds of 100, 50, 150 and 300."""
    case = VECTORS["SF-01"]
    months = np.array(case["inputs"]["months"])
    cpr = psa_cpr(case["inputs"]["speed"] / 100.0, months)
    late = psa_cpr(1.0, np.array([30, 31, 360]))
    got = {"cpr": cpr, "smm": single_month_rate(cpr), "smm_month_30_on": single_month_rate(late)[1]}
    assert_matches(got, case["expected"], "SF-01")
    assert_allclose(late, late[0], rtol=0)
    case = VECTORS["SF-02"]
    months = np.array(case["inputs"]["months"])
    smm = {str(speed): single_month_rate(psa_cpr(speed / 100.0, months)) for speed in case["inputs"]["speeds"]}
    assert_matches({"smm": smm}, case["expected"], "SF-02")


def test_rates_of_the_vectors():
    """SF-04: SMM of CPR and back, and an ABS speed."""
    case = VECTORS["SF-04"]
    given = case["inputs"]
    got = {
        "smm_from_cpr": single_month_rate(np.array(given["cpr"])),
        "cpr_from_smm": yearly_rate(np.array(given["smm"])),
        "smm_from_abs": single_month_rate_of_abs(given["abs_speed"], given["abs_month"]),
    }
    assert_matches(got, case["expected"], "SF-04")


def test_a_pass_through_of_the_vectors():
    """SF-05: 400 million of 8.125% mortgages, three months old, at 165 PSA; investors are passed 7.5%."""
    case = VECTORS["SF-05"]
    given = case["inputs"]
    pool = one_loan(
        balance_amount=given["balance"], coupon_rate=given["wac"], remaining_months=given["wam"],
        age_months=given["seasoning_months"],
    )  # fmt: skip
    behaviour = Behaviour(PrepaymentKind.PSA, given["psa"] / 100.0)
    flows = pool_flows(pool, behaviour)
    rows = []
    for m in range(3):
        opening, interest, scheduled, prepaid = (
            flows.of(name)[m] for name in ("opening", "interest", "scheduled", "prepaid")
        )
        net = opening * given["pass_through"] / 12.0
        rows.append(
            {
                "month": m + 1, "opening": opening, "smm": prepaid / (opening - scheduled), "payment": interest + scheduled,
                "net_interest": net, "scheduled_principal": scheduled, "prepayment": prepaid,
                "total_principal": scheduled + prepaid, "cash_flow": net + scheduled + prepaid,
            }
        )  # fmt: skip
    assert_matches({"rows": rows}, case["expected"], "SF-05")


def test_losses_of_the_vectors():
    """SF-08: 100 million at 7% over eight years, 3% a year defaults, 5% prepays, 40% is lost at once."""
    case, given = VECTORS["SF-08"], VECTORS["SF-08"]["inputs"]
    loans = loans_of(one_loan(balance_amount=100e6, coupon_rate=0.07, remaining_months=8))
    loans.amounts[0, 0] = 0.07  # a "month" of the kernel is one of the vectors' years
    speeds = Speeds(np.full(8, given["cpr"]), np.full(8, given["cdr"]), 0, 0)
    out = np.zeros((8, len(COLUMNS)))
    fill_pool(loans, speeds, given["severity"], 0, 0.0, out.shape[0], out)
    names = {
        "opening": "opening", "default": "defaulted", "recovery": "recovered", "loss": "loss", "pool_interest": "interest",
        "scheduled": "scheduled", "prepayment": "prepaid", "closing": "closing",
    }  # fmt: skip
    for theirs, ours in names.items():
        wanted = [row[theirs] for row in case["expected"]["rows"]]
        assert_allclose(out[:, COLUMNS.index(ours)], wanted, rtol=1e-9, atol=1e-6, err_msg=theirs)
    lost = out[:, COLUMNS.index("loss")].sum()
    assert lost == pytest.approx(case["expected"]["cumulative_loss"], rel=1e-9)
    assert lost / 100e6 == pytest.approx(case["expected"]["cumulative_loss_share"], rel=1e-9)


# By hand


@pytest.mark.parametrize(
    ("age", "cdr"),
    [
        (1, 0.0002),
        (15, 0.003),
        (30, 0.006),
        (31, 0.006),
        (60, 0.006),
        (61, 0.005905),
        (90, 0.00315),
        (120, 0.0003),
        (300, 0.0003),
    ],
)
def test_the_standard_default_curve(age, cdr):
    """0.02% more each month to 0.6% in 30, flat to 60, 0.0095% less each month to 0.03% in 120."""
    assert sda_cdr(1.0, np.array([age]))[0] == pytest.approx(cdr, rel=1e-12)
    assert sda_cdr(2.5, np.array([age]))[0] == pytest.approx(2.5 * cdr, rel=1e-12)


def test_recoveries_come_late_and_are_carried_until_then():
    """10% of 1,000 defaults in month 1 and none after: 40 lost at once, 60 back two months later."""
    pool = one_loan(amortisation="interest_only", remaining_months=4)
    behaviour = read_behaviour({"default_kind": "mdr", "default": 0.1, "severity_ratio": 0.4, "recovery_lag_months": 2})
    flows = pool_flows(pool, behaviour, months=3)
    assert flows.of("defaulted") == pytest.approx([100.0, 90.0, 81.0])
    assert flows.of("loss") == pytest.approx([40.0, 36.0, 32.4])
    assert flows.of("recovered") == pytest.approx([0.0, 0.0, 60.0])
    assert flows.of("interest") == pytest.approx([4.5, 4.05, 3.645])
    assert flows.collateral == pytest.approx([1000.0, 960.0, 924.0, 831.6])


def test_what_is_late_comes_a_month_later():
    """A quarter of each month's interest and schedule is paid a month late: 1,000 in two halves at 12%."""
    pool = one_loan(amortisation="straight_line", remaining_months=2, coupon_rate=0.12)
    flows = pool_flows(pool, Behaviour(delinquency_ratio=0.25))
    assert flows.of("interest") == pytest.approx([7.5, 6.25, 1.25])
    assert flows.of("scheduled") == pytest.approx([375.0, 500.0, 125.0])
    assert flows.collateral == pytest.approx([1000.0, 625.0, 125.0, 0.0])


def test_a_schedule_is_followed_by_what_performs():
    """Half prepays in month 1 beyond the schedule of 1,000, 800, 200, 0: what is left falls in the same shares."""
    pool = one_loan(amortisation="schedule", schedule=[800.0, 200.0, 0.0], remaining_months=3)
    flows = pool_flows(pool, Behaviour(PrepaymentKind.VECTOR, (1.0 - 0.5**12, 0.0)))
    assert flows.of("scheduled") == pytest.approx([200.0, 300.0, 100.0])
    assert flows.of("prepaid") == pytest.approx([400.0, 0.0, 0.0])


def test_quarters_add_up_months():
    pool, behaviour = one_loan(), Behaviour(CPR, 0.1, CDR, 0.05, 0.4, 2)
    monthly, quarterly = pool_flows(pool, behaviour, months=15), pool_flows(pool, behaviour, 3)
    for name in ("interest", "scheduled", "prepaid", "defaulted", "recovered", "loss"):
        assert_allclose(quarterly.of(name), monthly.of(name).reshape(5, 3).sum(axis=1), rtol=1e-13)
    assert_allclose(quarterly.collateral, monthly.collateral[::3], rtol=1e-13)


# Of any pool


@st.composite
def pools(draw):
    """One to six loans of any kind."""
    loans = []
    for k in range(draw(st.integers(1, 6))):
        months = draw(st.integers(1, 40))
        kind = draw(st.sampled_from(tuple(Amortisation)))
        balance = draw(st.floats(1.0, 1e6))
        schedule = tuple(balance * (months - m) / months for m in range(1, months + 1))
        loans.append(
            Loan(
                f"L{k}", "EUR", balance, draw(st.floats(0.0, 0.15)), months, kind,
                schedule if kind == Amortisation.SCHEDULE else None, age_months=draw(st.integers(0, 90)),
            )
        )  # fmt: skip
    return Pool(tuple(loans))


@st.composite
def behaviours(draw):
    """Any behaviour, gentle or harsh."""
    figure, multiple = st.floats(0.0, 0.6), st.floats(0.0, 5.0)
    prepayment, default = draw(st.sampled_from(tuple(PrepaymentKind))), draw(st.sampled_from(tuple(DefaultKind)))

    def of(kind):
        if kind in {"psa", "sda"}:
            return draw(multiple)
        return tuple(draw(st.lists(figure, min_size=1, max_size=5))) if kind == "vector" else draw(figure)

    return Behaviour(
        prepayment, of(prepayment), default, of(default), draw(st.floats(0.0, 1.0)), draw(st.integers(0, 12)),
        draw(st.sampled_from([0.0, 0.1])),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(pools(), behaviours(), st.sampled_from([1, 3, 6, 12]))
def test_principal_is_conserved_and_all_comes_back_or_is_lost(pool, behaviour, frequency):
    flows = pool_flows(pool, behaviour, frequency)
    collateral, scale = flows.collateral, pool.balance_amount
    assert_allclose(collateral[:-1] - flows.principal - flows.of("loss"), collateral[1:], atol=1e-10 * scale)
    assert collateral[0] == pytest.approx(pool.balance_amount)
    assert abs(collateral[-1]) <= 1e-9 * scale
    assert (flows.table >= -1e-12 * scale).all()


@settings(max_examples=40, deadline=None)
@given(pools(), behaviours(), st.randoms(use_true_random=False))
def test_the_order_of_loans_does_not_matter(pool, behaviour, random):
    mixed = list(pool.loans)
    random.shuffle(mixed)
    one, other = pool_flows(pool, behaviour), pool_flows(Pool(tuple(mixed)), behaviour)
    assert_allclose(one.table, other.table, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(pools(), behaviours())
def test_the_kernel_is_its_plain_twin(pool, behaviour):
    """Each loan by itself, in plain Python, month by month."""
    flows = pool_flows(pool, behaviour)
    performing = np.zeros(flows.table.shape[0])
    for loan in pool.loans:
        for m, balance in enumerate(plain_closings(loan, behaviour)):
            performing[m] += balance
    assert_allclose(flows.table[:, CLOSING], performing, rtol=1e-9, atol=1e-7)


def plain_closings(loan, behaviour):
    balance, path = loan.balance_amount, (loan.balance_amount, *(loan.schedule or ()))
    for month in range(1, loan.remaining_months + 1):
        left = loan.remaining_months - month + 1
        balance -= balance * rate_at(behaviour.default_kind, behaviour.default, month, loan.age_months)
        i = loan.coupon_rate / 12.0
        due = {
            Amortisation.INTEREST_ONLY: 0.0, Amortisation.STRAIGHT_LINE: balance / left,
            Amortisation.ANNUITY: balance * i / math.expm1(left * math.log1p(i)) if i else balance / left,
            Amortisation.SCHEDULE: balance * (1.0 - path[month] / path[month - 1]) if loan.schedule else 0.0,
        }[loan.amortisation]  # fmt: skip
        balance = 0.0 if left == 1 else balance - due
        balance -= balance * rate_at(behaviour.prepayment_kind, behaviour.prepayment, month, loan.age_months)
        yield balance


def rate_at(kind, figure, month, age):
    if kind == "none":
        return 0.0
    value = figure[min(month, len(figure)) - 1] if kind == "vector" else figure
    if kind in {"smm", "mdr"}:
        return value
    if kind == "psa":
        value = min(figure * 0.06 * min(month + age, 30) / 30.0, 1.0)
    if kind == "sda":
        at = month + age
        hump = 0.0002 * at if at < 30 else 0.006 if at <= 60 else max(0.006 - 0.000095 * (at - 60), 0.0003)
        value = min(figure * hump, 1.0)
    return 1.0 - (1.0 - value) ** (1.0 / 12.0)
