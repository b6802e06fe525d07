"""The two limit sets that come with the installation: a fund that only holds, and one that also sells short."""

from __future__ import annotations

from typing import Any

from engine.strategies.limits import RULES, SHORT_ALLOWED
from records.services import install_missing
from strategies.models import DeskLimits

LONG_ONLY, LONG_SHORT = "long-only-fund", "long-short-fund"
HARD = "limits of the long-only and long-short funds in derril-tech/ai-trading-floor@a388ff3d"
SOFT = "a margin before the hard limit, set for this fictional desk"
# By rule: where a person looks, where nothing passes.
_LEVELS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    LONG_ONLY: {
        "single_name": (0.045, 0.05),
        "sector_net": (0.28, 0.30),
        "gross": (None, 1.0),
        "net": (None, 1.0),
        "beta": (1.1, 1.2),
        "tracking_error": (0.045, 0.05),
        "var95_one_day": (0.025, 0.03),
        "order_share_of_adv": (0.01, 0.05),
        "illiquid_share": (0.15, 0.20),
        "hhi": (None, 0.15),
        "esg_score_min": (50, None),
    },
    LONG_SHORT: {
        "single_name": (0.07, 0.08),
        "single_short": (0.04, 0.05),
        "sector_net": (0.35, 0.40),
        "sector_net_short": (None, 0.20),
        "gross": (1.9, 2.0),
        "net": (0.45, 0.50),
        "beta": (0.7, 0.8),
        "tracking_error": (0.07, 0.08),
        "var95_one_day": (0.035, 0.04),
        "order_share_of_adv": (0.005, 0.05),
        "illiquid_share": (0.25, 0.30),
        "hhi": (None, 0.20),
        "esg_score_min": (30, None),
    },
}
_NAMES = {LONG_ONLY: "Long-only fund", LONG_SHORT: "Long-short fund"}


def seed_documents() -> list[dict[str, Any]]:
    """Both sets as versions."""
    return [
        {
            "family": family,
            "version": 1,
            "name": _NAMES[family],
            "effective_from": "2020-01-01",
            "notes": "Limits of a fictional fund: assumptions throughout.",
            "content": _content(family),
        }
        for family in _LEVELS
    ]


def install_limit_sets() -> list[DeskLimits]:
    """Both sets, added where they are not there yet."""
    return install_missing(model=DeskLimits, documents=seed_documents())


def _content(family: str) -> dict[str, Any]:
    return {
        "limits": [_row(rule, *levels) for rule, levels in _LEVELS[family].items()],
        "terms": {
            SHORT_ALLOWED: family == LONG_SHORT,
            "sources": {SHORT_ALLOWED: {"provenance": "derived", "source": HARD}},
        },
    }


def _row(rule: str, review: float | None, block: float | None) -> dict[str, Any]:
    source = {"provenance": "assumption", "source": f"{HARD}; {SOFT}"}
    return {"rule": rule, "name": RULES[rule].label, "review": review, "block": block, **source}
