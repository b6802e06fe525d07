"""What jobs add to the house."""

from accounts import audit
from jobs.models import Job
from lib import personal


def join() -> None:
    """What the room holds of people is known from now on."""
    audit.declare({"job.retried": "Job taken up again"})
    personal.hold(Job, also=("finished_at",))
