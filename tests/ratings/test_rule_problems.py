"""Bad rule data is refused with the row and the reason."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ratings.problems import rule_problems
from ratings.seeding import DATA, load_document

Rules = dict[str, Any]


def row(rules: Rules, place: str, rating: str) -> Rules:
    found: Rules = next(r for r in rules["criteria"] if (r["jurisdiction"], r["rating"]) == (place, rating))
    return found


def without(rules: Rules, place: str, rating: str) -> None:
    rules["criteria"].remove(row(rules, place, rating))


def without_all(rules: Rules, place: str) -> None:
    rules["criteria"] = [row for row in rules["criteria"] if row["jurisdiction"] != place]


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.json")))
def test_the_seeds_have_no_faults(name: str) -> None:
    assert rule_problems(load_document(name)["content"]) == ()


FAULTS: list[tuple[str, Callable[[Rules], Any], str, str]] = [
    ("gap", lambda r: without(r, "EU", "A"), "criteria.EU.A", "EU: the ladder from AAA to BB has no row for A"),
    ("no_ladder", lambda r: without_all(r, "US"), "criteria.US", "US: there is no ladder"),
    ("repeated_rating", lambda r: r["criteria"].append(deepcopy(row(r, "UK", "BB"))), "criteria.UK.BB", "UK BB stands twice"),
    ("ladder", lambda r: row(r, "UK", "AAA").update(dscr_minimum=1.30), "criteria.UK.AAA.dscr_minimum", "UK AAA asks for less than AA in dscr_minimum"),
    ("ladder", lambda r: row(r, "EU", "A").update(llcr=1.01), "criteria.EU.A.llcr", "EU A asks for less than BBB in llcr"),
    ("ladder", lambda r: row(r, "US", "AA").update(max_advance_ratio=0.7), "criteria.US.AA.max_advance_ratio", "US AA asks for less than A"),
    ("not_a_choice", lambda r: row(r, "UK", "A").update(jurisdiction="FR"), "criteria.FR.A.jurisdiction", "FR A: Jurisdiction: expected one of UK, EU, US"),
    ("not_a_choice", lambda r: row(r, "UK", "A").update(rating="AAAA"), "criteria.UK.AAAA.rating", "UK AAAA: Rating: expected one of AAA"),
    ("unknown", lambda r: row(r, "UK", "A").update(dscr_median=1.3), "criteria.UK.A.dscr_median", "dscr_median is not a field"),
    ("unknown", lambda r: r.update(ladders=[]), "ladders", "ladders is not a table of rules"),
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
]  # fmt: skip


@pytest.mark.parametrize(("code", "spoil", "place", "words"), FAULTS, ids=[f"{f[0]}-{f[2]}" for f in FAULTS])
def test_refused(code: str, spoil: Callable[[Rules], Any], place: str, words: str, content: Rules) -> None:
    rules = deepcopy(content)
    spoil(rules)
    found = [problem for problem in rule_problems(rules) if problem.code == code]
    assert place in [problem.place for problem in found]
    assert any(words in problem.message for problem in found), [problem.message for problem in found]


@pytest.mark.parametrize("bad", [None, [], "rules", 3, {"criteria": [1]}, {"criteria": [[]]}])
def test_what_is_no_rule_set_at_all(bad: Any) -> None:
    assert rule_problems(bad)


def test_a_notched_rating_may_stand_between_the_rungs(content: Rules) -> None:
    rules = deepcopy(content)
    rules["criteria"].append({**deepcopy(row(rules, "UK", "AA")), "rating": "AA-", "dscr_minimum": 1.3})
    assert rule_problems(rules) == ()
