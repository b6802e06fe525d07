"""What pages of papers keep together: headings with the first rows of a long table, a row that heads others with the next, sums with the row above."""

from __future__ import annotations

from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Table
from reportlab.platypus.doctemplate import BaseDocTemplate
from reportlab.platypus.flowables import KeepTogether
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlTable

from documents.rendering.letters import REGULAR, registered

# A table that needs more than this may break after its heading, which then has so much of it below.
LEAST_HEIGHT = 60 * mm
# A table of so many rows ends with two of them on a page: the last is often a sum.
ROWS_OF_A_LONG_TABLE = 5


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
    PmlTable.setStyle = _set_style


def _set_style(table: Table, style: Any) -> None:
    """The style, which rows no page break may come between, and a font that is embedded where the library names Helvetica."""
    Table.setStyle(table, style)
    table._addCommand(("FONTNAME", (0, 0), (-1, -1), registered(REGULAR)))
    last = table._nrows - 1
    heads = (
        first[1]
        for _, first, end in table._spanCmds
        if first[0] == 0 and end[0] == table._ncols - 1 and first[1] == end[1] < last
    )
    held = {*heads, *([last - 1] if last + 1 >= ROWS_OF_A_LONG_TABLE else [])}
    # The library knows ranges that do not overlap: rows held one after the other are one.
    for row in sorted(row for row in held if row - 1 not in held):
        end = next(after for after in range(row + 1, last + 1) if after not in held)
        table._addCommand(("NOSPLIT", (0, row), (0, end)))
