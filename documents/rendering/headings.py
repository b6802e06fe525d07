"""How headings of papers stay with what follows them: with the first rows of a long table, not with all of it."""

from __future__ import annotations

from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Table
from reportlab.platypus.doctemplate import BaseDocTemplate
from reportlab.platypus.flowables import KeepTogether
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc

# A table that needs more than this may break after its heading, which then has so much of it below.
LEAST_HEIGHT = 60 * mm


class HeadedBlock(KeepTogether):  # type: ignore[misc]
    """A heading and what follows; a long table begins on the page of its heading where there is room for its first rows."""

    def split(self, width: float, height: float) -> list[Any]:
        """The parts as they are where a long table has room to begin, else as the library keeps them together."""
        if getattr(self, "_wrapInfo", None) != (width, height):
            self.wrap(width, height)
        is_long = isinstance(self._content[-1], Table) and self._H > LEAST_HEIGHT
        return list(self._content) if is_long and height >= LEAST_HEIGHT else super().split(width, height)


def begin_tables_below_headings() -> None:
    """Every paper made from here on keeps its headings so: the converter makes its documents of this class alone."""
    PmlBaseDoc._initArgs = {**BaseDocTemplate._initArgs, "keepTogetherClass": HeadedBlock}
