"""The live model: the financing as a workbook that computes. Written by formulas, so it has no template."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from documents.facts import PackFacts
from documents.kinds.kind import DocumentKind, Part
from documents.live_model import ModelSource, write_live_model
from documents.rendering.steady import steadied


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", "Live model", "live-model.xlsx"),) if facts.tranches else ()


def _write(facts: PackFacts, part: Part, template: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / part.filename
        write_live_model(
            path,
            ModelSource(
                facts.deal,
                facts.title,
                facts.as_of,
                facts.close_date,
                facts.about,
                facts.report.financing["name"],
                facts.marks.organisation,
                f"{facts.marks.version_words}. {facts.marks.confidentiality}. {facts.lineage}",
            ),
        )
        return steadied(path.read_bytes())


KIND = DocumentKind("live_model", "Live model", _parts, _write)
