"""Opens a permutation of a run: from here on it is a financing like any other."""

from __future__ import annotations

from accounts.models import User
from financings.models import Financing
from financings.services.open_financing import open_financing
from permutations.access import get_run
from permutations.models import Run
from permutations.results import result_row
from permutations.translate import financing_values


def open_permutation(*, by: User, run: Run, index: int) -> Financing:
    """The financing that the permutation is; raises NotFound for outsiders and for what the run did not evaluate."""
    run = get_run(by, run.code)
    result_row(run, index)
    return open_financing(by=by, **financing_values(run, index))
