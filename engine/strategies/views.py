"""Black and Litterman: what the market expects, and what it would with a few opinions on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.basics.ranges import as_float
from engine.errors import InputProblems, Problem
from engine.strategies.covariance import Covariance, known_definite
from engine.strategies.panels import Floats

VIEW_FIELDS = (
    FieldSpec("label", "View", FieldKind.TEXT, maximum=200, default=""),
    FieldSpec("return_rate", "Return a year", FieldKind.NUMBER, "rate", required=True, minimum=-1.0, maximum=5.0),
    FieldSpec(
        "confidence_ratio", "Confidence", FieldKind.NUMBER, "share", default=0.5, minimum=0.0, maximum=1.0,
        exclusive_minimum=True, help="50% weighs the view like the market's own estimate, 100% makes it certain.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """The portfolio that the view is about returns so much a year, as sure as the confidence says.

    Shares add to one (absolute) or to zero (one name against another).
    """

    shares: Mapping[str, float]
    return_rate: float
    confidence_ratio: float = 0.5
    label: str = ""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Expected returns before and after the views, the covariance with what is not known of the mean added."""

    equilibrium: Floats
    expected: Floats
    omega: Floats  # variance of each view
    addition: Floats  # M, of the covariance
    covariance: Covariance


def read_views(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[View, ...]:
    """Views as typed; every problem of every row is named at once."""
    problems: list[Problem] = []
    found = [_read_view(k, row, set(names), problems) for k, row in enumerate(rows)]
    if problems:
        raise InputProblems(problems)
    return tuple(found)


def _read_view(k: int, row: Mapping[str, Any], names: set[str], problems: list[Problem]) -> View:
    reader = Reader(VIEW_FIELDS, {key: value for key, value in row.items() if key != "shares"})
    values, shares = reader.read(), row.get("shares")
    problems += [Problem(each.code, f"views.{k}.{each.place}", each.message) for each in reader.problems]
    kept = {str(name): as_float(share) for name, share in shares.items()} if isinstance(shares, Mapping) else {}
    problems += [Problem(code, f"views.{k}.shares", message) for code, message in _share_problems(kept, names)]
    return View(
        {name: share or 0.0 for name, share in kept.items()},
        values["return_rate"],
        values["confidence_ratio"],
        values["label"],
    )


def _share_problems(shares: Mapping[str, float | None], names: set[str]) -> Iterator[tuple[str, str]]:
    if not any(shares.values()):
        yield "no_names", "A view names at least one security with its share."
        return
    for name in shares.keys() - names:
        yield "unknown_name", f"{name} is not among the names to choose from."
    wrong = [name for name, share in shares.items() if share is None or not np.isfinite(share)]
    if wrong:
        yield "not_a_number", f"The share of {', '.join(wrong)} is not a number."
        return
    total = sum(share or 0.0 for share in shares.values())
    if min(abs(total), abs(total - 1)) > 1e-9:
        yield "does_not_add_up", f"Shares add to {total:g}: 1 for a view of its own, 0 for one against another."


def equilibrium(covariance: Covariance, market_weights: Floats, risk_aversion: float) -> Floats:
    """The returns at which the market's weights are the best: aversion x covariance x weights."""
    adding_to_one(market_weights, "market_weights", "The market's weights")
    return risk_aversion * covariance.times(market_weights)


def adding_to_one(weights: Floats, place: str, words: str) -> None:
    """Refuse weights that do not add to 100%."""
    total = float(weights.sum())
    if not abs(total - 1) <= 1e-6:
        raise InputProblems([Problem("does_not_add_up", place, f"{words} add to {total:.4%}, not to 100%.")])


def black_litterman(
    covariance: Covariance,
    names: Sequence[str],
    market_weights: Floats,
    views: Sequence[View],
    *,
    risk_aversion: float,
    tau: float = 0.05,
) -> Posterior:
    """The posterior of the views: pi + tau S P' (tau P S P' + omega)^-1 (q - P pi).

    A view's variance is that of its portfolio under the prior, tau p'Sp, times (1 - confidence) / confidence: 50% is
    omega = diag(tau P S P'), 100% is certainty.
    """
    prior = equilibrium(covariance, market_weights, risk_aversion)
    scaled = tau * covariance.matrix()
    places = {name: k for k, name in enumerate(names)}
    picks = np.zeros((len(views), len(names)))
    for row, view in zip(picks, views, strict=True):
        for name, share in view.shares.items():
            row[places[name]] = share
    doubt = np.array([(1 - view.confidence_ratio) / view.confidence_ratio for view in views])
    omega = doubt * np.einsum("kn,nm,km->k", picks, scaled, picks)
    gain = _gain(scaled, picks, omega)
    asked = np.array([view.return_rate for view in views])
    addition = scaled - gain @ picks @ scaled
    addition = (addition + addition.T) / 2
    expected = prior + gain @ (asked - picks @ prior)
    # What is added has no direction below zero, so the sum is as positive definite as the prior.
    return Posterior(prior, expected, omega, addition, known_definite(covariance.matrix() + addition))


def _gain(scaled: Floats, picks: Floats, omega: Floats) -> Floats:
    if not len(picks):
        return np.zeros((picks.shape[1], 0))
    inner = picks @ scaled @ picks.T + np.diag(omega)
    if np.linalg.cond(inner) > 1e12:
        message = "Two certain views speak of the same portfolio: lower a confidence, or leave one out."
        raise InputProblems([Problem("views_repeat", "views", message)])
    return np.asarray(np.linalg.solve(inner, picks @ scaled).T)
