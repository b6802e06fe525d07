"""A long shelf: many projects at once, as lists and the load script need them."""

from accounts.models import User
from projects.models import Project, Series, Status
from tests.projects.cast import sound_inputs

SERIES_EVERY = 10


def fill(owner: User, count: int) -> None:
    """So many complete projects of one owner, every tenth of them in a series."""
    inputs = sound_inputs()
    series = Series.objects.create(owner=owner, title="North")
    Project.objects.bulk_create(
        [
            Project(
                owner=owner,
                title=f"Quay {number}",
                inputs=inputs,
                status=Status.ACTIVE,
                series=None if number % SERIES_EVERY else series,
            )
            for number in range(count)
        ],
        batch_size=200,
    )
