"""The documents room: packs, their templates and links."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """What leaves the building."""

    name = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        from documents.house import join

        join()
