"""The financing that a permutation of an earlier run is, for migrations of what hung on run and number."""

from engine.errors import InputProblems
from engine.deal import AXES
from engine.terms import StructuringTerms
from financings.translate import code_of, content_hash


def financing_of(apps, run, index):
    """The row; made where it is not there yet, in the name of whoever asked for the run."""
    choice, terms = _choice(run.lever_set["axes"], index), _terms(run.terms)
    hashed = content_hash(run.snapshot.content_hash, run.rule_set.content_hash, None, terms, choice, run.engine_version)
    made, _ = apps.get_model("financings", "Financing").objects.get_or_create(
        code=code_of(run.project.code, hashed),
        defaults={
            "project": run.project,
            "snapshot": run.snapshot,
            "rule_set": run.rule_set,
            "terms": terms,
            "choice": choice,
            "engine_version": run.engine_version,
            "content_hash": hashed,
            "made_by_id": run.requested_by_id,
        },
    )
    return made


def _choice(axes, index):
    """As the engine decodes it, without its checks: what an earlier engine took stays as it was."""
    values = {code: spec.default for code, spec in AXES.items() if spec.default is not None}
    stride = 1
    for code in reversed([code for code in AXES if code in axes]):
        values[code] = axes[code][index // stride % len(axes[code])]
        stride *= len(axes[code])
    return {code: AXES[code].canonical(values[code]) for code in AXES if code in values}


def _terms(terms):
    try:
        return StructuringTerms.from_dict(terms).to_dict()
    except InputProblems:
        return terms
