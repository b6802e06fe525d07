"""Facts and kinds: what a pack says of a permutation is what the run found."""

import json
import os
import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from documents.facts import PackFacts
from documents.kinds import kind_of

pytestmark = pytest.mark.django_db


def test_tranches_pay_what_the_waterfall_pays(facts: PackFacts) -> None:
    for tranche in facts.tranches:
        paid = sum(year.principal_amount for year in tranche.years)
        assert paid == pytest.approx(tranche.amount, rel=1e-9)
        assert tranche.years[-1].closing_balance_amount == pytest.approx(0.0, abs=1e-3)
    assert facts.tranches[0].amount == facts.detail.row["senior_amount"]


def test_another_process_makes_the_same_bytes(facts: PackFacts, pack_files: dict[str, bytes], tmp_path: Path) -> None:
    given, made = tmp_path / "facts", tmp_path / "made"
    given.write_bytes(pickle.dumps(facts))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "atlasnexus.settings_test"}
    subprocess.run([sys.executable, "-m", "tests.documents.make_files", given, made], check=True, env=environment)
    again = pickle.loads(made.read_bytes())  # noqa: S301  # our own
    assert again.keys() == pack_files.keys()
    assert not [name for name, content in again.items() if content != pack_files[name]]


@pytest.mark.parametrize("code", ["long_form", "note_conditions", "security_summary", "presentation"])
def test_a_sample_has_the_fields_of_the_facts(code: str, facts: PackFacts) -> None:
    """What a replacing template is tried with is what it will be filled with."""
    kind = kind_of(code)
    assert kind.template is not None
    sample = json.loads(kind.template.sample.read_text())
    fields = import_module(f"documents.kinds.{code}.fields").fields(facts, kind.parts(facts)[0])
    assert json.loads(json.dumps(fields))
    assert shape_of(sample) == shape_of(fields)
    assert kind.template.render(sample, kind.template.path.read_bytes())


def shape_of(value: Any) -> Any:
    """The names in plain data at every depth; lists by their first item, single values by nothing."""
    if isinstance(value, dict):
        return {name: shape_of(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape_of(item) for item in value[:1]]
    return None
