"""Cash of the reference: verdicts, balances, duplicates."""

from decimal import Decimal

import pytest

from engine.reconciliation.cash import reconcile_cash
from reconciliation.reading.outcome import Refused
from reconciliation.reading.reading import with_balances
from tests.reconciliation import files


def test_movements_against_the_statement():
    ours, theirs = files.records("cash_internal.csv", "our-cash"), files.records("cash_statement.csv", "bank-statement")
    names = {**files.names_by("id", ours), **files.names_by("line", theirs)}
    groups = reconcile_cash(ours, theirs, files.terms())
    found = {files.named(group, names): (group.verdict, "|".join(group.break_types)) for group in groups}
    expected = files.expected("cash_expected.csv")
    assert found == {(row["internal"], row["statement"]): (row["verdict"], row["break_types"]) for row in expected}
    said = [name for group in groups for name in (*group.internal, *group.external)]
    assert sorted(said) == sorted(each.id for each in (*ours, *theirs))


def test_balances_hold_or_the_statement_is_refused():
    layout = files.setting("bank-statement").layout
    assert layout
    good = with_balances(
        files.read("cash_statement.csv", "bank-statement"), files.content("cash_statement_balances.csv"), layout
    )
    assert good.balances["GBP"] == (Decimal("95000.00"), Decimal("158701.10"))
    with pytest.raises(Refused, match=r"USD: 1500000\.00 and lines of"):
        with_balances(
            files.read("cash_statement.csv", "bank-statement"),
            files.content("cash_statement_balances_wrong.csv"),
            layout,
        )
