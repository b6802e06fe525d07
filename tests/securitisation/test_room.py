"""The room's verbs and pages: tapes taken, pools of financings, structures edited and compared, runs read."""

import pytest
from accounts.models import User
from tests.securitisation.cast import finished_run, tape_structure

pytestmark = pytest.mark.django_db


def test_smoke(admin: User):
    structure = tape_structure(admin)
    run = finished_run(admin, structure)
    print(run.state, run.error, run.summary.get("classes"), run.summary.get("grid"))
    assert run.state == "done"
