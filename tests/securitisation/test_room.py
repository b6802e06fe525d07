"""The room's verbs and pages: tapes taken, structures proposed, edited and compared, runs read."""

import io
import json
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine.notes.run import run_notes
from jobs.models import JobState
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from securitisation import editor
from securitisation.access import ANALYST, get_structure
from securitisation.default_rates import default_probability
from securitisation.differences import differences, result_differences
from securitisation.models import LoanPool, NotesRun, NoteStructure, TapeState
from securitisation.queries import latest_version
from securitisation.services.make_pool import make_pool
from securitisation.services.request_notes_run import request_notes_run
from securitisation.services.tapes import discard_tape, map_tape, mend_tape, open_tape, take_tape
from securitisation.services.write_structure import change_structure, make_structure
from securitisation.tapes import read_loans
from securitisation.translate import engine_deal
from tests.securitisation.cast import DIRTY, HEADER, ROWS, TAPE, finished_run, tape_pool, tape_structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(sponsor: User) -> User:
    """Sofia, with the room's role beside her own."""
    sponsor.further_roles = [ANALYST]
    sponsor.save()
    return sponsor


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    """The proposal for two loans."""
    return tape_structure(admin)


def codes(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.code for problem in error.value.problems}


# Tapes


def test_a_dirty_tape_names_each_cell_and_keeps_the_good_rows(admin: User):
    tape = open_tape(by=admin, name="Dirty", file_name="d.csv", content=DIRTY)
    found = read_loans(tape)
    assert sorted(found.loans) == [1, 2]
    told = {(problem.row, problem.column, problem.code) for problem in found.problems}
    assert told == {
        (3, "balance_amount", "out_of_range"),
        (3, "code", "duplicate"),
        (4, "coupon_rate", "not_a_number"),
        (4, "currency", "mixed_currencies"),
    }
    with pytest.raises(Invalid) as error:
        take_tape(by=admin, tape=tape)
    assert codes(error) == {"refused_rows"}
    pool = take_tape(by=admin, tape=tape, leave_out=True)
    assert [loan["code"] for loan in pool.content["loans"]] == ["L1", "L2"]
    assert pool.origin == "d.csv, 2 rows left out"


def test_cells_are_mended_beside_who_changed_them(admin: User):
    tape = open_tape(by=admin, name="Dirty", file_name="d.csv", content=DIRTY)
    cells = {(3, "balance_amount"): "5", (3, "code"): "L3", (4, "coupon_rate"): "6%", (4, "currency"): "gbp"}
    tape = mend_tape(by=admin, tape=tape, cells=cells)
    assert {(each["before"], each["after"]) for each in tape.corrections} == {
        ("-5", "5"),
        ("L2", "L3"),
        ("abc", "6%"),
        ("EUR", "gbp"),
    }
    pool = take_tape(by=admin, tape=tape)
    assert [loan["balance_amount"] for loan in pool.content["loans"]] == [600_000.0, 400_000.0, 5.0, 100.0]
    assert [loan["coupon_rate"] for loan in pool.content["loans"]] == [0.06, 0.05, 0.06, 0.06]
    tape.refresh_from_db()
    assert (tape.state, tape.pool) == (TapeState.TAKEN, pool)
    with pytest.raises(Invalid, match="taken"):
        mend_tape(by=admin, tape=tape, cells={})


def test_a_column_is_named_by_hand_and_one_twice_is_refused(admin: User):
    tape = open_tape(by=admin, name="Other", file_name="o.csv", content=b"No,Ccy,Sum,Coupon,Term\nA,GBP,10,5%,12\n")
    assert read_loans(tape).absent == ("code", "balance_amount")
    mapping = {**tape.mapping, "No": "code", "Sum": "balance_amount"}
    with pytest.raises(Invalid, match="more than once"):
        map_tape(by=admin, tape=tape, mapping={**mapping, "Ccy": "code"})
    tape = map_tape(by=admin, tape=tape, mapping=mapping)
    assert take_tape(by=admin, tape=tape).content["loans"][0]["remaining_months"] == 12


def test_a_tape_put_away_gives_nothing(admin: User):
    tape = discard_tape(by=admin, tape=open_tape(by=admin, name="T", file_name="t.csv", content=TAPE))
    with pytest.raises(Invalid, match="put away"):
        take_tape(by=admin, tape=tape)
    assert not LoanPool.objects.exists()


# Structures


def test_the_proposal_takes_three_quarters_and_fifteen_hundredths_of_a_tape(structure: NoteStructure):
    content = latest_version(structure).content
    assert [(each["code"], each["balance_amount"], each["target_rating"]) for each in content["classes"]] == [
        ("A", 750_000.0, "A"),
        ("B", 150_000.0, "BBB"),
    ]
    # 5.6% by balance less 5 bps of servicing; no market set is in force here.
    assert [each["coupon_rate"] for each in content["classes"]] == [0.0555, 0.0555]
    assert content["reserve"]["initial_amount"] == 9_000.0
    assert [fee["annual_amount"] for fee in content["fees"]] == [0.0, 500.0]


def test_versions_are_written_once_and_named_by_their_hash(structure: NoteStructure, admin: User):
    first = latest_version(structure)
    with pytest.raises(Invalid) as error:
        change_structure(by=admin, structure=structure, content=first.content, behaviour=first.behaviour)
    assert codes(error) == {"nothing_new"}
    content = {**first.content, "clean_up_ratio": 0.05}
    second = change_structure(
        by=admin, structure=structure, content=content, behaviour=first.behaviour, note=" Less  call "
    )
    assert (second.number, second.note, second.content_hash != first.content_hash) == (2, "Less call", True)
    with pytest.raises(Invalid) as error:
        change_structure(by=admin, structure=structure, content=first.content, behaviour=first.behaviour, based_on=1)
    assert codes(error) == {"changed_meanwhile"}
    with pytest.raises(AppendOnlyError):
        first.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE securitisation_structureversion SET number = 9")


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("interest_steps.2.target", lambda c: c["interest_steps"][2].update(target="Z")),
        ("classes.0.balance_amount", lambda c: c["classes"][0].update(balance_amount=-1.0)),
        ("principal_rule", lambda c: c["principal_rule"].update(switch_kind="pro_rata")),
        ("behaviour.severity_ratio", lambda c: c["behaviour"].update(severity_ratio=2.0)),
    ],
)
def test_a_faulty_structure_is_refused_at_its_place(structure: NoteStructure, admin: User, place: str, change: Any):
    version = latest_version(structure)
    content = {**json.loads(json.dumps(version.content)), "behaviour": dict(version.behaviour)}
    change(content)
    behaviour = content.pop("behaviour")
    with pytest.raises(Invalid) as error:
        change_structure(by=admin, structure=structure, content=content, behaviour=behaviour)
    assert place in {problem.place for problem in error.value.problems}


def test_notes_in_another_currency_than_their_pool_are_refused(structure: NoteStructure, admin: User):
    version = latest_version(structure)
    with pytest.raises(Invalid) as error:
        change_structure(
            by=admin, structure=structure, content={**version.content, "currency": "EUR"}, behaviour=version.behaviour
        )
    assert codes(error) == {"mixed_currencies"}


def test_terms_that_differ_are_told_line_by_line(structure: NoteStructure, admin: User):
    first = latest_version(structure)
    content = json.loads(json.dumps(first.content))
    content["classes"][0]["coupon_rate"] = 0.05
    content["fees"].pop()
    content["interest_steps"] = [step for step in content["interest_steps"] if step["target"] != "trustee"]
    second = change_structure(
        by=admin, structure=structure, content=content, behaviour={**first.behaviour, "default": 0.01}
    )
    told = {(each.place, each.field): (each.before, each.after) for each in differences(first, second)}
    assert told["Classes: A", "Fixed rate"] == ("5.55%", "5%")
    assert told["Base case", "Default rate"] == ("0.5%", "1%")
    assert told["Fees: trustee", "Fee"][1] == "–"
    assert differences(first, first) == []


# Access


def test_who_may_see_and_who_may_prepare(structure: NoteStructure, internal: User, other_sponsor: User, analyst: User):
    assert get_structure(internal, structure.code) == structure
    with pytest.raises(Forbidden):
        tape_pool(internal)
    with pytest.raises(NotFound):
        get_structure(other_sponsor, structure.code)
    assert tape_pool(analyst).made_by == analyst


def test_an_analyst_takes_no_financing_that_is_not_theirs(analyst: User):
    with pytest.raises(Invalid) as error:
        make_pool(by=analyst, financings=["00000000-0000-4000-8000-000000000000"])
    assert codes(error) == {"unknown_financing"}
    with pytest.raises(Invalid) as error:
        make_pool(by=analyst, financings=[])
    assert codes(error) == {"no_collateral"}


# Runs


@pytest.fixture(scope="module")
def shared(shares_rows: bool, django_db_blocker: Any) -> Any:
    """One run for the tests that only read it."""
    from tests import world

    with django_db_blocker.unblock():
        return finished_run(
            world.ada(),
            tape_structure(world.ada(), "Shared"),
            scenarios=[{"name": "Bad", "behaviour": {"default_kind": "cdr", "default": 0.2, "severity_ratio": 0.8}}],
        )


def test_a_run_conserves_what_the_pool_pays(shared: NotesRun):
    assert shared.state == JobState.DONE
    summary = shared.summary
    pool, paths = summary["pool"], summary["paths"]
    assert pool["balance"] == 1_000_000.0
    # All principal of the loans is repaid, recovered or lost.
    assert pool["scheduled"] + pool["prepaid"] + pool["recovered"] + pool["loss"] == pytest.approx(
        1_000_000.0, abs=1e-6
    )
    for each in summary["classes"]:
        repaid = sum(paths["principal"][each["code"]])
        assert repaid + paths["closing"][each["code"]][-1] == pytest.approx(each["balance_amount"], abs=0.01)
    assert [each["enhancement_ratio"] for each in summary["classes"]] == pytest.approx([0.25, 0.1])
    assert [each["name"] for each in summary["scenarios"]] == ["Bad"]
    assert summary["scenarios"][0]["classes"][1]["loss_ratio"] > summary["classes"][1]["loss_ratio"] == 0.0


def priced_by_hand(run: NotesRun, cdr: float) -> float:
    """Class A's payments of the traced run, each over (1 + coupon / 4) to the power of its quarter."""
    deal = engine_deal(run.version)
    result = run_notes(deal.structure, deal.pool, replace(deal.behaviour, default=cdr))
    paid = result.interest_paid[0] + result.principal_paid[0]
    return float(
        sum(amount / (1.0 + 0.0555 / 4.0) ** number for number, amount in enumerate(paid, start=1)) / 750_000.0
    )


def test_prices_fall_with_defaults_and_stand_at_par_without(shared: NotesRun):
    grid = shared.summary["grid"]
    assert grid["cdr"] == [0.0, 0.05]
    # Paid in full at its coupon, a class is worth par at that yield.
    assert grid["prices"]["A"][0][0] == pytest.approx(1.0, abs=1e-9)
    assert grid["prices"]["A"][0][1] == pytest.approx(priced_by_hand(shared, 0.05), abs=1e-9)
    for prices in grid["prices"].values():
        for row in prices:
            assert row[1] <= row[0] + 1e-12


def test_risk_is_ordered_down_the_classes(shared: NotesRun):
    risk = shared.summary["risk"]
    a, b = risk["classes"]["A"], risk["classes"]["B"]
    assert risk["years"] == 3  # 28.8 months on average
    assert a["default_probability"] <= b["default_probability"]
    assert a["expected_loss_ratio"] <= b["expected_loss_ratio"]
    stands = shared.summary["break_even"]
    assert stands["A"]["cdr"] > stands["B"]["cdr"] > 0.005  # both stand the base case
    assert stands["B"]["first_loss_multiple"] == pytest.approx(stands["B"]["cdr"] / 0.005)


def test_notes_on_one_loan_default_as_the_loan_does(admin: User):
    """The first loss, 40% of the pool, is above what stands below class A: both classes lose when the loan does."""
    content = (HEADER + ROWS.splitlines()[0] + "\n").encode()
    pool = take_tape(by=admin, tape=open_tape(by=admin, name="One", file_name="one.csv", content=content))
    risk = finished_run(admin, make_structure(by=admin, name="One", pool=pool)).summary["risk"]
    (loan,) = pool.content["loans"]
    assert risk["paths"] == 0
    for each in risk["classes"].values():
        assert each["default_probability"] == pytest.approx(default_probability(loan["rating"], risk["years"]))
        assert each["indicated_rating"] == loan["rating"]


def test_one_unrated_loan_leaves_losses_undrawn(admin: User):
    content = TAPE.replace(b",BB\n", b",\n")
    pool = take_tape(by=admin, tape=open_tape(by=admin, name="Unrated", file_name="u.csv", content=content))
    run = finished_run(admin, make_structure(by=admin, name="Unrated", pool=pool))
    assert run.summary["risk"] is None
    page = read(admin, "notes-run", run.code)
    assert "a loan of the pool has no rating" in page


def test_terms_of_a_run_are_judged(structure: NoteStructure, admin: User):
    version = latest_version(structure)
    for terms, place in (
        ({"cpr_rates": [1.5]}, "cpr_rates"),
        ({"cdr_rates": [n / 100 for n in range(10)]}, "cdr_rates"),
        ({"scenarios": [{"behaviour": {}}]}, "scenarios.0.name"),
        ({"scenarios": [{"name": "X", "behaviour": {"severity_ratio": 3}}]}, "scenarios.0.behaviour.severity_ratio"),
        ({"scenarios": "all"}, "scenarios"),
    ):
        with pytest.raises(Invalid) as error:
            request_notes_run(by=admin, version=version, terms=terms, enqueue=False)
        assert place in {problem.place for problem in error.value.problems}, terms


def test_results_of_two_versions_are_told_apart(structure: NoteStructure, admin: User):
    before = finished_run(admin, structure).summary
    version = latest_version(structure)
    content = json.loads(json.dumps(version.content))
    content["classes"][1]["balance_amount"] = 50_000.0
    change_structure(by=admin, structure=structure, content=content, behaviour=version.behaviour)
    after = finished_run(admin, structure).summary
    told = {(each.name, each.figure): each for each in result_differences(before, after)}
    assert told["Class B", "Balance"].moved == "−100,000"
    assert told["Class B", "Enhancement"][2:] == ("10.0%", "20.0%", "+10.0%")
    assert told["Equity", "Balance"].moved == "+100,000"
    assert told["Equity", "Yield at par"].before != told["Equity", "Yield at par"].after


# Pages


def read(user: User, name: str, *args: Any, query: str = "") -> str:
    client = Client()
    client.force_login(user)
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def form_of(structure: NoteStructure) -> dict[str, str]:
    """What the editor would send as it stands."""
    version = latest_version(structure)
    typed = editor.typed_of(version.content, version.behaviour)
    sent = {f"{key}.{name}": text for key, texts in typed.groups.items() for name, text in texts.items()}
    for key, rows in typed.rows.items():
        sent[f"{key}.count"] = str(len(rows))
        sent |= {f"{key}.{n}.{name}": text for n, row in enumerate(rows) for name, text in row.items()}
    return {**sent, "based_on": str(version.number), "pool": str(version.pool.code)}


def test_the_editor_saves_what_it_shows_and_nothing_else(structure: NoteStructure, admin: User, client: Client):
    client.force_login(admin)
    url = reverse("structure-edit", args=[structure.code])
    first = latest_version(structure)
    response = client.post(url, {**form_of(structure), "do": "save"})
    assert response.status_code == 422
    assert "Nothing differs from version 1" in response.content.decode()
    response = client.post(
        url, {**form_of(structure), "classes.0.coupon_rate": "5.1 %", "note": "Tighter", "do": "save"}
    )
    assert response.status_code == 302
    second = latest_version(structure)
    changed = json.loads(json.dumps(first.content))
    changed["classes"][0]["coupon_rate"] = 0.051
    assert (second.number, second.note) == (2, "Tighter")
    assert [(each.place, each.field) for each in differences(first, second)] == [("Classes: A", "Fixed rate")]


def test_day_counts_are_typed_told_and_compared(structure: NoteStructure, admin: User, client: Client):
    client.force_login(admin)
    first = latest_version(structure)
    sent = {**form_of(structure), "classes.0.day_count": "ACT/360", "fees.0.day_count": "30E/360", "do": "save"}
    assert client.post(reverse("structure-edit", args=[structure.code]), sent).status_code == 302
    second = latest_version(structure)
    assert [(each.field, each.before, each.after) for each in differences(first, second)] == [
        ("Days counted", "Equal periods", "ACT/360"), ("Days counted", "Equal periods", "30E/360"),
    ]  # fmt: skip
    assert "interest ACT/360" in client.get(reverse("structure", args=[structure.code])).content.decode()


def test_a_liquidity_facility_is_typed_told_and_compared(structure: NoteStructure, admin: User, client: Client):
    client.force_login(admin)
    url = reverse("structure-edit", args=[structure.code])
    first = latest_version(structure)
    senior = first.content["classes"][0]["code"]
    typed = {"liquidity.commitment_ratio": "2 %", "liquidity.covers": senior, "liquidity.margin_bps": "150"}
    refused = client.post(url, {**form_of(structure), **typed, "do": "save"})
    assert refused.status_code == 422
    assert "No step pays the interest of liquidity." in refused.content.decode()
    rows = editor.typed_of(first.content, first.behaviour).rows["interest_steps"]
    lines = [{"kind": kind, "target": "liquidity", "when": "always"} for kind in ("interest", "principal")]
    moved = [*rows[:2], lines[0], rows[2], lines[1], *rows[3:]]
    sent = {f"interest_steps.{n}.{key}": text for n, row in enumerate(moved) for key, text in row.items()}
    sent = {**form_of(structure), **sent, **typed, "interest_steps.count": str(len(moved)), "do": "save"}
    assert client.post(url, sent).status_code == 302
    second = latest_version(structure)
    found = [(each.field, each.after) for each in differences(first, second) if each.place == "Liquidity facility"]
    assert found == [
        ("And a share of the classes covered", "2%"), ("Covers", senior), ("Margin on what is drawn", "150 bps"),
    ]  # fmt: skip
    page = client.get(reverse("structure", args=[structure.code])).content.decode()
    assert f"2% of the classes it covers for {senior}" in page
    assert "interest due on the liquidity facility" in page


def test_a_class_that_accrues_and_one_with_a_plan_are_typed_told_and_compared(
    structure: NoteStructure, admin: User, client: Client
):
    client.force_login(admin)
    url = reverse("structure-edit", args=[structure.code])
    first = latest_version(structure)
    last, senior = len(first.content["classes"]) - 1, first.content["classes"][0]["code"]
    typed = {
        f"classes.{last}.accrues_until": senior, "classes.0.plan_kind": "cpr", "classes.0.plan_low": "5 %",
        "classes.0.plan_high": "20 %",
    }  # fmt: skip
    refused = client.post(url, {**form_of(structure), **typed, "do": "save"})
    assert refused.status_code == 422
    assert f"No step pays {senior} down to its planned balance." in refused.content.decode()
    line = {"principal_steps.0.kind": "planned", "principal_steps.0.target": senior}
    client.post(url, {**form_of(structure), "do": "add:principal_steps"})
    count = len(first.content["principal_steps"])
    moved = {
        f"principal_steps.{n + 1}.{key}": text
        for n in range(count)
        for key, text in editor.typed_of(first.content, first.behaviour).rows["principal_steps"][n].items()
    }
    sent = {**form_of(structure), **typed, **moved, **line, "principal_steps.count": str(count + 1)}
    assert client.post(url, {**sent, "do": "save"}).status_code == 302
    second = latest_version(structure)
    assert second.content["classes"][0]["plan_high"] == 0.2
    told = {each.field: each.after for each in differences(first, second) if each.place.startswith("Classes")}
    assert told == {
        "Accrues until class": senior, "Planned between": "CPR", "Slower speed": "5%", "Faster speed": "20%",
    }  # fmt: skip
    assert (
        "down to the balance planned for 5% to 20% CPR"
        in client.get(reverse("structure", args=[structure.code])).content.decode()
    )


def test_the_priority_after_enforcement_is_typed_told_and_compared(
    structure: NoteStructure, admin: User, client: Client
):
    client.force_login(admin)
    url = reverse("structure-edit", args=[structure.code])
    first = latest_version(structure)
    classes = first.content["classes"]
    lines = [
        *({"kind": "fee", "target": each["code"]} for each in first.content["fees"]),
        *({"kind": "interest", "target": each["code"]} for each in classes),
        *({"kind": "deferred_interest", "target": each["code"]} for each in classes if each["deferrable"]),
        {"kind": "principal", "target": ""},
        {"kind": "residual", "target": ""},
    ]
    trigger = {"code": "default", "kind": "cumulative_loss", "limit": "0.1", "class_code": "", "of": "", "cures": "yes"}
    number = len(first.content["triggers"])
    typed = {
        **form_of(structure),
        "triggers.count": str(number + 1),
        **{f"triggers.{number}.{name}": text for name, text in trigger.items()},
        "terms.enforcement_trigger": "default",
        "enforcement_steps.count": str(len(lines)),
        **{f"enforcement_steps.{n}.{name}": text for n, row in enumerate(lines) for name, text in row.items()},
    }
    refused = client.post(url, {**typed, "do": "save"})
    assert refused.status_code == 422
    assert "There is no way back from enforcement" in refused.content.decode()
    saved = client.post(url, {**typed, f"triggers.{number}.cures": "", "do": "save"})
    assert saved.status_code == 302
    page = read(admin, "structure", structure.code)
    assert "Post-enforcement priority of payments" in page
    assert "In place of both, for all money, if cumulative losses exceed 10.00% of the initial pool" in page
    places = {each.place for each in differences(first, latest_version(structure))}
    assert {"Terms", "Triggers: default", "After enforcement, in order: 1"} <= places


def test_rows_move_without_a_save_and_nothing_typed_is_lost(structure: NoteStructure, admin: User, client: Client):
    client.force_login(admin)
    url = reverse("structure-edit", args=[structure.code])
    typed = {**form_of(structure), "classes.1.name": "Junior", "classes.1.balance_amount": "lots"}
    page = client.post(url, {**typed, "do": "up:classes:1"}).content.decode()
    assert page.index('value="Junior"') < page.index('value="Class A"')
    assert 'value="lots"' in page
    response = client.post(url, {**typed, "interest_steps.0.target": "nobody", "do": "save"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Balance: expected a number, got lots." in page
    assert 'value="lots"' in page
    assert latest_version(structure).number == 1


def test_rows_are_added_and_dropped(structure: NoteStructure):
    version = latest_version(structure)
    typed = editor.typed_of(version.content, version.behaviour)
    before = [row["code"] for row in typed.rows["classes"]]
    assert editor.act(typed, "add:classes")
    assert len(typed.rows["classes"]) == 3
    assert editor.act(typed, "drop:classes:2")
    assert editor.act(typed, "down:classes:0")
    assert [row["code"] for row in typed.rows["classes"]] == before[::-1]
    assert editor.act(typed, "up:classes:0")  # the first stays first
    assert not editor.act(typed, "drop:classes:9")
    assert not editor.act(typed, "save")


def test_a_result_is_read_with_every_payment_and_its_reason(shared: NotesRun, internal: User):
    page = read(internal, "notes-run", shared.code)
    assert "Price by prepayment and default" in page
    assert page.count('class="heat"') == 2
    payments = read(internal, "notes-payments", shared.code)
    assert "Servicer" in payments
    assert "Paid in full." in payments
    # The cover test's turbo is a line that is not taken while it holds.
    assert "Not taken: it pays if" in payments
    assert f"Payment 1 of {len(shared.summary['paths']['dates'])}" in payments


def test_the_workbook_holds_the_engines_figures(shared: NotesRun, internal: User):
    client = Client()
    client.force_login(internal)
    response = client.get(reverse("notes-workbook", args=[shared.code]))
    book = openpyxl.load_workbook(io.BytesIO(response.content), data_only=True)
    assert book.sheetnames == ["About", "Classes", "Terms", "Pool", "Waterfall", "Checks"]
    told = {row[0]: row[1] for row in reversed(list(book["Classes"].iter_rows(values_only=True)))}
    first = shared.summary["classes"][0]
    assert told["Interest paid"] == pytest.approx(first["interest_amount"])
    assert told["Average life"] == pytest.approx(first["wal_years"])
    assert told["Yield at par"] == pytest.approx(first["yield_rate"])


def test_a_tape_comes_in_by_its_page(admin: User, client: Client):
    client.force_login(admin)
    file = SimpleUploadedFile("loans.csv", DIRTY, "text/csv")
    response = client.post(reverse("loan-tapes"), {"name": "By page", "file": file}, follow=True)
    page = response.content.decode()
    assert "Balance: -5 is outside what a loan has." in page
    url = response.request["PATH_INFO"]
    response = client.post(url, {"do": "take", "leave_out": "yes"}, follow=True)
    assert "2 loans" in response.content.decode()


def test_a_page_of_changes_says_which_version_has_no_run(structure: NoteStructure, admin: User):
    version = latest_version(structure)
    change_structure(
        by=admin, structure=structure, content={**version.content, "clean_up_ratio": 0.0}, behaviour=version.behaviour
    )
    page = read(admin, "structure-changes", structure.code)
    assert "Version 1 has no finished run." in page
    assert "Clean-up call" in page


def test_a_page_of_changes_of_one_version_says_what_to_do(structure: NoteStructure, admin: User, internal: User):
    page = read(admin, "structure-changes", structure.code)
    assert "There is one version of these notes so far" in page
    assert reverse("structure-edit", args=[structure.code]) in page
    assert reverse("structure-edit", args=[structure.code]) not in read(internal, "structure-changes", structure.code)


# Command and trail


def test_the_command_runs_a_structure_and_prints_its_classes(structure: NoteStructure, admin: User, tmp_path: Any):
    file = tmp_path / "scenarios.json"
    file.write_text(
        json.dumps([{"name": "Bad", "behaviour": {"default_kind": "cdr", "default": 0.3, "severity_ratio": 0.9}}])
    )
    out = io.StringIO()
    call_command("run_structure", structure=[str(structure.code)], scenarios=file, stdout=out)
    told = out.getvalue()
    assert "750,000" in told
    assert "Price in scenario" in told
    assert NotesRun.objects.get(version__structure=structure).requested_by == admin
    file.write_text("{}")
    with pytest.raises(CommandError, match="expected a list"):
        call_command("run_structure", structure=[str(structure.code)], scenarios=file)


def test_every_step_is_on_the_trail(structure: NoteStructure, admin: User):
    finished_run(admin, structure)
    told = list(AuditEntry.objects.order_by("-sequence").values_list("action", flat=True)[:6])
    assert told[::-1] == [
        "loan_tape.opened", "loan_pool.taken", "loan_tape.taken", "note_structure.made", "note_structure.changed", "notes_run.requested",
    ]  # fmt: skip
