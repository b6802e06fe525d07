"""The permutations room: lever sets, runs, chunks and what they found."""

from django.apps import AppConfig

from accounts.audit_pages.targets import show_at


class PermutationsConfig(AppConfig):
    """Runs over the permutation space and their results."""

    name = "permutations"
    verbose_name = "Permutation runs"

    def ready(self) -> None:
        from permutations import signals  # noqa: F401  # receivers exist once the models do

        show_at("permutations.Run", "run-detail")
