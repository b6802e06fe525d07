"""Makes the pack of a financing as a ZIP, without the portal."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from documents.archive import ManifestFile, PackSource, folder_of, hash_text, manifest_of, pack_zip
from documents.chosen_templates import template_words
from documents.errors import DocumentError
from documents.facts import Marks, PackFacts
from documents.forms import likely_close
from documents.kinds import parts_of
from documents.kinds.kind import DocumentKind, Part
from documents.making import made, require_same_figures
from documents.translate import first_origin, pack_facts, said_origin
from engine import ENGINE_VERSION
from engine.errors import EngineError
from engine.project.calendar import HOLIDAYS, own_close
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.translate import financing_of
from jobs.models import JobState
from lib.errors import AtlasError
from permutations.models import Run
from permutations.results import result_row
from permutations.translate import financing_values


class Command(BaseCommand):
    """The same bytes as a draft of the same terms made in the portal; nothing is written to the database."""

    help = "Makes the draft pack of a financing, or of one permutation of a finished run, and writes its ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        house = Marks()
        parser.add_argument("of", help="Code of a financing, of a finished run, or of a project: then its latest run.")
        parser.add_argument("index", type=int, nargs="?", help="The permutation of a run; without it the best.")
        parser.add_argument(
            "--close-date",
            type=date.fromisoformat,
            help="Financial close: 2027-03-31; else the project's, or in a quarter.",
        )
        parser.add_argument("--out", type=Path, required=True, help="The file to write.")
        parser.add_argument("--organisation", default=house.organisation)
        parser.add_argument("--confidentiality", default=house.confidentiality)

    def handle(self, *args: Any, **options: Any) -> None:
        financing = _financing(options["of"], options["index"])
        marks = Marks(options["organisation"], options["confidentiality"])
        try:
            evaluation = Evaluation(financing)
            inputs = evaluation.deal.inputs
            offered = likely_close(timezone.localdate(), own_close(inputs), HOLIDAYS[inputs.country])
            close_date = options["close_date"] or offered
            origin = first_origin(evaluation)
            facts = pack_facts(evaluation, close_date, marks, origin)
            require_same_figures(facts)
            contents = dict(self._made(facts))
        except (AtlasError, EngineError, DocumentError) as error:
            raise CommandError(str(error)) from error
        source = PackSource(financing, said_origin(financing, origin), close_date, marks, ENGINE_VERSION)
        manifest = manifest_of(source, list(contents))
        by_hash = {entry.sha256: content for entry, content in contents.items()}
        content = pack_zip(manifest, by_hash.__getitem__)
        options["out"].write_bytes(content)
        self.stdout.write(f"{options['out']}: {len(contents)} documents, {len(content):,} bytes.")

    def _made(self, facts: PackFacts) -> list[tuple[ManifestFile, bytes]]:
        found = []
        for kind, part in parts_of(facts):
            entry, content, seconds = _document(kind, part, facts)
            self.stdout.write(f"{entry.file}  {len(content):,} bytes, {seconds:.1f} s")
            found.append((entry, content))
        if not found:
            raise CommandError("The financing raises no debt: there is nothing to document.")
        return found


def _document(kind: DocumentKind, part: Part, facts: PackFacts) -> tuple[ManifestFile, bytes, float]:
    found = made(kind, part, facts)
    entry = ManifestFile(
        file=f"{folder_of(kind.code)}{part.filename}",
        title=part.title,
        kind=kind.code,
        sha256=hash_text(found.content),
        size_bytes=len(found.content),
        template=template_words(found.template.row, found.template.content_hash),
        template_sha256=found.template.content_hash,
    )
    return entry, found.content, found.seconds


def _financing(code: str, index: int | None) -> Financing:
    """The financing of this code, else that of a run's permutation; what nobody opened yet is not written down."""
    try:
        named = uuid.UUID(code)
    except ValueError:
        raise CommandError(f"Code: expected one such as {uuid.UUID(int=0)}, got {code!r}.") from None
    known = Financing.objects.select_related("project", "snapshot", "rule_set").filter(code=named).first()
    if known is not None:
        return known
    run = _run(named)
    number = _index(run, index)
    try:
        result_row(run, number)
    except AtlasError as error:
        raise CommandError(str(error)) from error
    return financing_of(**financing_values(run, number))


def _run(code: uuid.UUID) -> Run:
    named = Q(code=code) | Q(project__code=code)
    done = Run.objects.filter(named, state=JobState.DONE).select_related("project", "snapshot", "rule_set")
    run = done.order_by("-finished_at", "-pk").first()
    if run is None:
        raise CommandError(f"There is no financing and no finished run {code}.")
    return run


def _index(run: Run, index: int | None) -> int:
    if index is not None:
        return index
    best = run.top_results.order_by("rank").first()
    if best is None:
        raise CommandError("The run found no viable permutation: name one.")
    return best.permutation_index
