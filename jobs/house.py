"""What jobs add to the house."""

from jobs.models import Job
from lib import personal


def join() -> None:
    """What the room holds of people is known from now on."""
    personal.hold(Job, also=("finished_at",))
