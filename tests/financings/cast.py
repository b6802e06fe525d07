"""What the tests of financings share: one opened from a run, and what is said of it."""

from financings.compliance import ComplianceReport, compliance_report
from financings.evaluation import Evaluation
from financings.models import Financing
from permutations.models import Run
from permutations.services.open_permutation import open_permutation


def opened(run: Run, index: int | None = None) -> Financing:
    """A permutation of the run as a financing, its best unless another is named; opened by whoever asked for the run."""
    number = int(run.summary["best"]["index"]) if index is None else index
    return open_permutation(by=run.requested_by, run=run, index=number)


def report_of(financing: Financing) -> ComplianceReport:
    """Its compliance report, with where it was found first."""
    evaluation = Evaluation(financing)
    return compliance_report(evaluation, (), next(iter(evaluation.origins), None))
