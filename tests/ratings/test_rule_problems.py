"""Bad rule data is refused with the row and the reason."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from accounts.models import User
from lib.errors import Invalid
from ratings.collateral import collateral_hash, collateral_rules
from ratings.models import RuleSet
from ratings.paths import DATA
from ratings.rules import RULES
from ratings.scales import notch_of_symbol, scale_of, symbols_of_notch
from ratings.seeding import load_document
from ratings.tables import LATER_TABLES
from records.cells import cells
from records.editing import Typed
from records.problems import content_problems
from records.services import edit_version, submit_version

Rules = dict[str, Any]


def row(rules: Rules, place: str, rating: str) -> Rules:
    found: Rules = next(r for r in rules["criteria"] if (r["jurisdiction"], r["rating"]) == (place, rating))
    return found


def notch(rules: Rules, number: int) -> Rules:
    found: Rules = next(r for r in rules["rating_scale"] if r["notch"] == number)
    return found


def without(rules: Rules, place: str, rating: str) -> None:
    rules["criteria"].remove(row(rules, place, rating))


def without_all(rules: Rules, place: str) -> None:
    rules["criteria"] = [row for row in rules["criteria"] if row["jurisdiction"] != place]


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.json")))
def test_the_seeds_have_no_faults(name: str) -> None:
    assert content_problems(RULES, load_document(name)["content"]) == ()


FAULTS: list[tuple[str, Callable[[Rules], Any], str, str]] = [
    ("gap", lambda r: without(r, "EU", "A"), "criteria.EU.A", "EU: the ladder from AAA to BB has no row for A"),
    ("no_ladder", lambda r: without_all(r, "US"), "criteria.US", "US: there is no ladder"),
    ("repeated_rating", lambda r: r["criteria"].append(deepcopy(row(r, "UK", "BB"))), "criteria.UK.BB", "UK BB stands twice"),
    ("ladder", lambda r: row(r, "UK", "AAA").update(dscr_minimum=1.30), "criteria.UK.AAA.dscr_minimum", "UK AAA asks for less than AA: DSCR floor, minimum year"),
    ("ladder", lambda r: row(r, "EU", "A").update(llcr=1.01), "criteria.EU.A.llcr", "EU A asks for less than A-: LLCR floor"),
    ("ladder", lambda r: row(r, "US", "AA").update(max_advance_ratio=0.7), "criteria.US.AA.max_advance_ratio", "US AA asks for less than A"),
    ("ladder", lambda r: row(r, "US", "AA").update(max_total_advance_ratio=0.7), "criteria.US.AA.max_total_advance_ratio", "US AA asks for less than A"),
    ("not_a_choice", lambda r: row(r, "UK", "A").update(jurisdiction="FR"), "criteria.FR.A.jurisdiction", "FR A: Jurisdiction: expected one of UK, EU, US"),
    ("not_a_choice", lambda r: row(r, "UK", "A").update(rating="AAAA"), "criteria.UK.AAAA.rating", "UK AAAA: Rating: expected one of AAA"),
    ("unknown", lambda r: row(r, "UK", "A").update(dscr_median=1.3), "criteria.UK.A.dscr_median", "dscr_median is not a field"),
    ("unknown", lambda r: r.update(ladders=[]), "ladders", "ladders is not a table of a rule set"),
    ("out_of_range", lambda r: row(r, "UK", "AAA").update(dscr_minimum=11), "criteria.UK.AAA.dscr_minimum", "UK AAA: DSCR floor, minimum year: expected 1 to 10, got 11"),
    ("out_of_range", lambda r: row(r, "EU", "BB").update(max_tenor_years=0.5), "criteria.EU.BB.max_tenor_years", "EU BB: Longest tenor: expected 1 to 50"),
    ("missing", lambda r: row(r, "EU", "BB").pop("icr"), "criteria.EU.BB.icr", "EU BB: ICR floor is missing"),
    ("not_a_number", lambda r: row(r, "EU", "BB").update(icr="much"), "criteria.EU.BB.icr", "EU BB: ICR floor: expected a number, got 'much'"),
    ("amortisations", lambda r: row(r, "UK", "A").update(amortisations=["balloon"]), "criteria.UK.A.amortisations", "UK A: Amortisations: expected some of"),
    ("provenance", lambda r: row(r, "UK", "A")["sources"].pop("icr"), "criteria.UK.A.icr", "criteria UK A icr: provenance: expected sourced, derived, assumption"),
    ("provenance", lambda r: row(r, "UK", "A")["sources"]["icr"].update(provenance="hearsay"), "criteria.UK.A.icr", "got hearsay"),
    ("source", lambda r: row(r, "UK", "A")["sources"]["icr"].update(source=" "), "criteria.UK.A.icr", "the source is missing"),
    ("unknown", lambda r: row(r, "UK", "A")["sources"].update(dcsr={"provenance": "sourced", "source": "x"}), "criteria.UK.A.dcsr", "gives a source for dcsr"),
    ("source", lambda r: r["repo_haircuts"][0].pop("source"), "repo_haircuts.AAA.10.haircut_ratio", "the source is missing"),
    ("too_precise", lambda r: row(r, "UK", "AAA").update(icr=1.7500000000000002), "criteria.UK.AAA.icr", "more than 15 digits"),
    ("not_rows", lambda r: r.update(criteria={"UK": 1}), "criteria", "expected a list of rows"),
    ("no_criteria", lambda r: r.update(criteria=[]), "criteria", "There are no criteria"),
    ("not_named", lambda r: r.update(general=[]), "general", "expected named values"),
    ("gap", lambda r: r["rating_scale"].pop(8), "rating_scale.9", "there is no row for notch 9 (BBB)"),
    ("gap", lambda r: r["rating_scale"].pop(), "rating_scale.22", "there is no row for notch 22 (D)"),
    ("repeated_notch", lambda r: notch(r, 5).update(notch=4), "rating_scale.4.notch", "notch 4 stands 2 times"),
    ("unknown_notch", lambda r: notch(r, 22).update(notch=23), "rating_scale.23.notch", "expected a whole notch from 1 to 22, got 23"),
    ("unknown_notch", lambda r: notch(r, 22).update(notch=21.5), "rating_scale.21.5.notch", "got 21.5"),
    ("repeated_symbol", lambda r: notch(r, 6).update(moodys="A1"), "rating_scale.6.moodys", "notch 6: Moody's A1 stands at notch 5 already"),
    ("missing", lambda r: notch(r, 21).update(fitch=""), "rating_scale.21.fitch", "notch 21: Fitch's symbol is missing"),
    ("not_monotone", lambda r: (notch(r, 11).update(investment_grade=True), notch(r, 10).update(investment_grade=False)), "rating_scale.11.investment_grade", "notch 11: investment grade, though notch 10 above it is not"),
    ("not_monotone", lambda r: notch(r, 6).update(moodys_rating_factor=69), "rating_scale.6.moodys_rating_factor", "notch 6: Moody's rating factor: expected at least 70 as at notch 5, got 69"),
    ("not_monotone", lambda r: notch(r, 14).update(eurosystem_cqs=5), "rating_scale.14.eurosystem_cqs", "expected nothing as at notch 13, got 5"),
    ("out_of_range", lambda r: notch(r, 22).update(crr_cqs=7), "rating_scale.22.crr_cqs", "CRR CQS: expected 1 to 6, got 7"),
    ("wrong_kind", lambda r: notch(r, 1).update(investment_grade=1), "rating_scale.row 1.investment_grade", "expected true or false, got 1"),
    ("order", lambda r: r["agency_bands"][1].update(high=1.2), "agency_bands.S&P.minimum.OPBA 1-2.a.high", "expected more than 1.2, got 1.2"),
    ("not_a_percentage", lambda r: r["central_banks"][0]["haircuts"][0].update(haircut_pct="100.5"), "central_banks.UK.haircuts.base 25 family: CMBS and securitised corporate or SME loans or bonds.C..floating.any.haircut_pct", "expected 0 to 100 or nothing, got '100.5'"),
    ("unknown_facility", lambda r: r["collateral_criteria"][0].update(facility="boe_level_d"), "collateral_criteria.boe_level_d.asset_class.facility", "there is no facility boe_level_d"),
    ("not_a_choice", lambda r: r["collateral_criteria"][0].update(kind="mood"), "collateral_criteria.boe_level_a.asset_class.kind", "boe_level_a asset_class: Kind: expected one of asset_class"),
    ("out_of_range", lambda r: r["collateral_haircuts"][0].update(haircut_ratio=1.01), "collateral_haircuts.boe_level_a.sovereign..0.haircut_ratio", "Haircut: expected 0 to 1, got 1.01"),
    ("missing", lambda r: r.pop("collateral_classes"), "collateral_classes", "the four of them go together"),
    ("unknown_class", lambda r: r["general"].update(notes_class="yachts"), "general.notes_class", "expected one of data_centre_abs, cmbs of collateral_classes, got yachts"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "spoil", "place", "words"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS])
def test_refused(code: str, spoil: Callable[[Rules], Any], place: str, words: str, content: Rules) -> None:
    rules = deepcopy(content)
    spoil(rules)
    found = [problem for problem in content_problems(RULES, rules) if problem.code == code]
    assert place in [problem.place for problem in found]
    assert any(words in problem.message for problem in found), [problem.message for problem in found]


@pytest.mark.parametrize("bad", [None, [], "rules", 3, {"criteria": [1]}, {"criteria": [[]]}])
def test_what_is_no_rule_set_at_all(bad: Any) -> None:
    assert content_problems(RULES, bad)


def test_a_notched_rating_may_stand_between_the_rungs(content: Rules) -> None:
    rules = deepcopy(content)
    rules["criteria"].append({**deepcopy(row(rules, "UK", "AA")), "rating": "AA-", "dscr_minimum": 1.3})
    assert content_problems(RULES, rules) == ()


@pytest.mark.parametrize("change", [{"moodys_rating_factor": 70}, {"moodys_rating_factor": 180}, {"eurosystem_cqs": 2}])
def test_a_scale_may_stand_still_from_one_notch_to_the_next(content: Rules, change: Rules) -> None:
    rules = deepcopy(content)
    notch(rules, 6).update(change)
    assert content_problems(RULES, rules) == ()


def test_rules_from_before_the_scale_stand_on_the_installations(content: Rules) -> None:
    older = {name: rows for name, rows in content.items() if name not in LATER_TABLES}
    assert content_problems(RULES, older) == ()
    assert scale_of(older) == scale_of(content)
    assert collateral_rules(older).facilities == collateral_rules(content).facilities
    assert collateral_hash(older) == collateral_hash(content)


def test_an_agencys_symbol_is_read_in_its_own_letters(content: Rules) -> None:
    assert [notch_of_symbol(content, agency, symbol) for agency, symbol in (
        ("Moody's", "Baa2"), ("Moody's", "aa2"), ("S&P", "AA+"), ("Fitch", "D"), ("Moody's", "BBB"), ("Moody's", ""), ("Nobody", "AAA"),
    )] == [9, 3, 2, 22, None, None, None]  # fmt: skip
    assert symbols_of_notch(content, 3) == {"S&P": "AA", "Moody's": "Aa2", "Fitch": "AA"}
    assert symbols_of_notch(content, 22) == {"S&P": "D", "Fitch": "D"}
    assert symbols_of_notch(content, 23) == {}


def test_a_changed_value_does_not_keep_the_source_of_the_old_one(draft: RuleSet, admin: User) -> None:
    """Two people would approve a limit of their own under the name of a publication."""
    kind = draft.kind
    place, cell = next(
        (place, cell)
        for place, cell in cells(kind, draft.content).items()
        if cell.provenance == "sourced" and cell.field == "dscr_minimum"
    )
    higher = f"{cell.value + 0.01:.2f}"

    def edited(provenance: str, source: str) -> RuleSet:
        draft.refresh_from_db()
        typed = {place: Typed(higher, provenance, source)}
        return edit_version(by=admin, version=draft, revision=draft.revision, cells=typed)

    with pytest.raises(Invalid, match="its source is still that of the old value"):
        submit_version(by=admin, version=edited(cell.provenance, cell.source))
    assert submit_version(by=admin, version=edited("assumption", cell.source)).is_waiting
