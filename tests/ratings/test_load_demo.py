"""`manage.py load_demo`: everything a first look needs, however often it is run."""

import json
import re
import stat
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, Role, User
from engine.project import CAPEX_LINES, derive
from engine.project.programme import escrow_income_amount
from engine.terms import StructuringTerms
from projects.demo import demo_document, ensure_demo_project
from projects.models import Project, Snapshot
from projects.services import archive_project, edit_project
from projects.translate import project_inputs, snapshot_inputs
from ratings.models import RuleSet

REPOSITORY = Path(__file__).resolve().parents[2]
SPLIT_PERCENT = {
    "architectural": 10, "civil_structural": 10, "substations": 9, "underground_utilities": 2, "crusader_modules": 42,
    "bess": 9, "main_contractor_installation": 4, "photovoltaic_system": 0.5, "landscaping": 0.5,
    "preliminaries_general": 4, "main_contractor_margin": 3, "connection": 1, "land": 1, "operations_team": 1.5,
    "ose": 2, "marketing": 0.5,
}  # fmt: skip


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path, db: None) -> Path:
    settings.ATLASNEXUS_DATA_DIR = tmp_path
    return tmp_path


def _load() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def _counts() -> list[int]:
    return [model.objects.count() for model in (User, Project, Snapshot, RuleSet, AuditEntry)]


def test_twice_is_once() -> None:
    first = _load()
    before = _counts()
    assert before[:4] == [3, 1, 1, 3]
    assert _load() == first
    assert _counts() == before


def test_passwords_are_printed_kept_privately_and_open_the_door(data_dir: Path) -> None:
    printed = _load()
    path = data_dir / "demo_passwords.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    assert kept.pop("one_time_password_secrets").keys() == {"admin@demo.example"}
    assert dict(re.findall(r"^ +(\S+@demo\.example) +(\S+)$", printed, re.MULTILINE)) == kept
    for email, role in (("sponsor", Role.SPONSOR), ("internal", Role.INTERNAL), ("admin", Role.ADMIN)):
        user = User.objects.get(email=f"{email}@demo.example")
        assert user.role == role
        assert user.may_sign_in
        assert user.check_password(kept[user.email])


def test_a_lost_password_file_gives_new_passwords_that_work(data_dir: Path) -> None:
    _load()
    (data_dir / "demo_passwords.json").unlink()
    _load()
    kept = json.loads((data_dir / "demo_passwords.json").read_text())
    del kept["one_time_password_secrets"]
    assert all(User.objects.get(email=email).check_password(word) for email, word in kept.items())
    assert User.objects.count() == 3


def test_the_demo_project_is_the_one_of_the_document() -> None:
    _load()
    project = Project.objects.get()
    inputs = project_inputs(project)
    derived = derive(inputs, StructuringTerms.from_dict())
    assert project.is_complete
    assert project.owner.email == "sponsor@demo.example"
    assert (inputs.country, inputs.currency, inputs.construction.months, inputs.lease.term_years) == (
        "UK",
        "GBP",
        24,
        27,
    )
    assert derived.it_load_mw == pytest.approx(40)
    assert inputs.power.gross_facility_mw == pytest.approx(40 * inputs.power.pue)
    assert (inputs.revenue.rent_amount, inputs.revenue.occupancy_ratio, inputs.revenue.opex_ratio) == (115, 0.95, 0.15)
    assert derived.year_one.replacement_reserve_amount == 12 * 40_000
    # An S-curve leaves 11.5 of the 24 months' capex waiting.
    assert escrow_income_amount(inputs) == pytest.approx(373_012_500 * 0.03 / 12 * 11.5)
    assert derived.internal_cost_amount == 428_000_000
    assert derived.market_cost_amount == 495_142_250
    assert snapshot_inputs(Snapshot.objects.get()) == inputs


def test_capex_follows_the_split_and_market_stands_above() -> None:
    inputs = demo_document(date(2026, 1, 1))["inputs"]
    for side, total in (("internal", 350_000_000), ("market", 413_000_000)):
        lines = inputs["capex"][side]["lines"]
        assert set(lines) == set(CAPEX_LINES) - {"build"}
        assert lines == {code: total * share / 100 for code, share in SPLIT_PERCENT.items()}
    assert inputs["fees"]["management_amount"] == 0.03 * (350_000_000 + 23_040_000 + 16_800_000)
    assert inputs["land"]["stamp_duty_fixed_amount"] == 0.02 * 100_000 + 0.05 * (23_040_000 - 250_000)


def test_the_document_says_the_figures() -> None:
    text = (REPOSITORY / "docs" / "demo-project.md").read_text()
    for figure in ("428,000,000", "495,142,250", "373,012,500", "440,154,750", "23,040,000", "16,800,000",
                   "1,141,500", "11,695,200", "2,310,800", "52,440,000", "44,574,000", "43,648,260", "10,724,109"):  # fmt: skip
        assert figure in text


def test_a_start_that_has_passed_moves_to_the_next_january() -> None:
    assert demo_document(date(2026, 1, 1))["inputs"]["construction"]["start_date"] == "2029-01-01"
    assert demo_document(date(2029, 1, 1))["inputs"]["construction"]["start_date"] == "2030-01-01"


def test_what_somebody_did_to_the_demo_stays() -> None:
    _load()
    project = Project.objects.get()
    owner = project.owner
    edited = edit_project(by=owner, project=project, title=project.title, inputs={"country": "UK"}, version=1)
    _load()
    assert Project.objects.get().inputs == {"country": "UK"}
    archive_project(by=owner, project=edited)
    _load()
    assert Project.objects.get().status == "archived"
    assert ensure_demo_project(owner, date(2026, 1, 1)).pk == project.pk


def test_the_demos_administrator_has_a_code_and_nobody_else() -> None:
    _load()
    out = StringIO()
    call_command("one_time_code", "admin@demo.example", stdout=out)
    authenticator = Authenticator.objects.get(user__email="admin@demo.example")
    assert authenticator.wrap().validate_code(out.getvalue().strip())
    for email in ("sponsor@demo.example", "nobody@house.example"):
        with pytest.raises(CommandError, match="nobody of the demo"):
            call_command("one_time_code", email)
