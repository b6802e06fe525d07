"""Where a limit comes from, in words for readers outside the house: no names of files, no keys."""

from __future__ import annotations

import re

_FILES = {
    "platform_rules.json": "Rule book of the source platform",
    "platform_rating_tables.json": "Rating tables of the source platform",
    "advance_rate_assumptions.csv": "House table of advance rates",
    "central_bank_eligibility.csv": "Central banks' published criteria",
    "central_bank_haircuts.csv": "Central banks' published haircuts",
    "pf_rating_criteria.csv": "Published criteria for project finance",
}
_KEYS = {
    "dscr_min_by_rating": "lowest DSCR by rating",
    "stress_dscr_min": "lowest DSCR under stress",
    "max_tenor_years": "longest tenor",
    "max_ard_years": "longest time to an anticipated repayment",
    "max_ltv_pct": "highest advance",
    "max_ltv_pct_agency_value": "highest advance on haircut value",
    "min_io_dscr": "lowest interest-only DSCR",
    "gate_a": "Gate A",
    "gate_a_live_code": "Gate A as it runs",
    "coverage_fail": "least coverage",
    "repo_rules": "repo terms",
    "central_bank": "central bank",
    "BoE": "Bank of England",
    "ECB": "Eurosystem",
    "Fed": "Federal Reserve",
    "af": "advance factor",
    "ccy": "currency",
}
# What was noted of our own copy says nothing of the source.
_OWN_NOTES = re.compile(r"\s*\(stored text copy[^)]*\)")
_LEASE_END = re.compile(r'\.also "<= lease term - 2"')
_FILE = re.compile(r"\b(\w+)\.(?:json|csv)\b")
# A name with underscores, and what follows it after points.
_KEY = re.compile(r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+(?:\.[A-Za-z][\w+-]*)*")


def told_source(source: str) -> str:
    """The source without files and keys.

    >>> told_source("platform_rules.json: dscr_min_by_rating.UK.A")
    'Rule book of the source platform: lowest DSCR by rating, UK, A'
    >>> told_source('platform_rules.json: max_tenor_years.also "<= lease term - 2"')
    'Rule book of the source platform: longest tenor, two years before the lease ends'
    >>> told_source("bankofengland.co.uk eligible collateral page")
    'bankofengland.co.uk eligible collateral page'
    """
    plain = _LEASE_END.sub(", two years before the lease ends", _OWN_NOTES.sub("", source))
    return _KEY.sub(lambda found: _key_words(found[0]), _FILE.sub(lambda found: _file_words(found[0]), plain))


def publication(source: str) -> str:
    """The publication alone, without the place in it: what a paper for outsiders says of a limit.

    >>> publication("platform_rules.json: dscr_min_by_rating.UK.A"), publication("minimum floor plus 0.05 (platform_rules.json: dscr_min_by_rating.UK.A)")
    ('Rule book of the source platform', 'minimum floor plus 0.05 (Rule book of the source platform)')
    >>> publication("assumption: row label and level; numbers sourced: central_bank_haircuts.csv: Bank of England, 12 Jan 2024")
    "assumption: Central banks' published haircuts"
    """
    told = told_source(source)
    named = next((name for name in sorted(_FILES.values(), key=told.find) if name in told), "")
    head = told.partition(": ")[0]
    if named and named not in head:
        head = f"{head}: {named}"
    return head + ")" * (head.count("(") - head.count(")"))


def _file_words(name: str) -> str:
    return _FILES.get(name) or name.rpartition(".")[0].replace("_", " ").capitalize()


def _key_words(key: str) -> str:
    return ", ".join(_KEYS.get(part) or part.replace("_", " ") for part in key.split("."))
