"""The permutations room: lever sets, runs, chunks and what they found."""

from django.apps import AppConfig


class PermutationsConfig(AppConfig):
    """Runs over the permutation space and their results."""

    name = "permutations"
    verbose_name = "Permutation runs"

    def ready(self) -> None:
        from permutations import signals  # noqa: F401  # receivers exist once the models do
        from permutations.house import join

        join()
