"""Builds the Word templates from the words beside them: `python scripts/word_templates.py`.

Each kind with a `clauses.txt` gets its `template.docx`: real heading styles, one multilevel numbering, cross references
as fields, running head and page numbers. What a line begins with says what it becomes:

    title: ...           the document's title
    # Words {code}       a clause's heading, numbered 1.; a code in braces can be referred to as <code>
    - words              1.1        -- words   (a)        --- words   (i)
    = words              a definition; **words** are bold
    . words              words of the clause above, without a number
    ## Words             a schedule, its head with its table
    + words              a plain paragraph
    % if ... / % endif   what stands between appears only if so
    @ name word          the lines of shared_clauses/name.txt, REFERENCE in them being the word
    | Label | words      a row of the table of particulars
    ! rows | Head:field:filter; ...   a table with a row for each of `rows`

Words in square brackets are marked for the lawyer who completes them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docx import Document  # noqa: E402
from docx.enum.style import WD_STYLE_TYPE  # noqa: E402
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT  # noqa: E402
from docx.oxml import OxmlElement, parse_xml  # noqa: E402
from docx.oxml.ns import nsdecls, qn  # noqa: E402
from docx.shared import Cm, Pt, RGBColor  # noqa: E402

from documents.brand import OFFICE_FONT, PALETTE  # noqa: E402
from documents.rendering.steady import steadied  # noqa: E402

SHARED = ROOT / "documents/kinds/shared_clauses"
KINDS = ("long_form", "note_conditions", "security_summary")
CLAUSE_STYLES = ("Heading 1", "Clause 2", "Clause 3", "Clause 4")
LEVELS = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)"))
WIDTH_CM = 16.0
INDENTS_CM = (1.25, 1.25, 2.25, 3.25)
NUMBER_ID = "77"
PLACEHOLDER_FILL = "FFF1B8"
INLINE = re.compile(r"(\*\*.+?\*\*|<[a-z_]+>|\[[^\]]+\])")


def build(code: str) -> None:
    """The kind's template, written beside its words."""
    folder = ROOT / "documents/kinds" / code
    document = Document()
    _write_styles(document)
    _write_numbering(document)
    writer = Writer(document)
    for line in _lines(folder / "clauses.txt"):
        writer.write(line)
    _write_page(document, writer.title)
    document.core_properties.subject = writer.title
    out = folder / "template.docx"
    document.save(str(out))
    out.write_bytes(steadied(out.read_bytes()))


def _lines(path: Path) -> Iterator[str]:
    """The lines of a draft's words, with those it shares with other drafts in their places."""
    for line in filter(str.strip, path.read_text().splitlines()):
        mark, *words = line.split()
        if mark != "@":
            yield line.rstrip()
            continue
        name, reference = (*words, "")[:2]
        yield from (each.replace("REFERENCE", reference) for each in _lines(SHARED / f"{name}.txt"))


class Writer:
    """Lines into paragraphs, in their order."""

    def __init__(self, document: Any) -> None:
        self.document, self.title, self.bookmarks, self.particulars = document, "", 0, None

    def write(self, line: str) -> None:
        """One line of the words."""
        mark, _, words = line.partition(" ")
        writers = {
            "title:": self.write_title, "#": self.clause(0), "-": self.clause(1), "--": self.clause(2), "---": self.clause(3),
            "=": self.styled("Definition"), ".": self.styled("Clause Text"), "##": self.styled("Schedule"),
            "+": self.styled("Normal"), "%": self.write_condition, "|": self.write_particular, "!": self.write_table,
        }  # fmt: skip
        if mark != "|":
            self.particulars = None
        writers[mark](words.strip())

    def write_title(self, words: str) -> None:
        """The head of the first page."""
        self.title = words
        self.document.add_paragraph("{{ project.cover }}", style="Title")
        self.document.add_paragraph(words, style="Subtitle")

    def write_condition(self, words: str) -> None:
        """A line that decides whether the next ones appear."""
        self.document.add_paragraph(f"{{%p {words} %}}")

    def clause(self, level: int) -> Any:
        """A writer of numbered paragraphs of this level."""

        def write(words: str) -> None:
            found = re.fullmatch(r"(.*?)\s*\{([a-z_]+)\}", words)
            paragraph = self.document.add_paragraph(style=CLAUSE_STYLES[level])
            if found:
                self._bookmark(paragraph, found[2])
            self.inline(paragraph, found[1] if found else words)
            if found:
                paragraph._p.append(_element("w:bookmarkEnd", {"w:id": str(self.bookmarks)}))

        return write

    def styled(self, style: str) -> Any:
        """A writer of paragraphs of one style."""
        return lambda words: self.inline(self.document.add_paragraph(style=style), words)

    def _bookmark(self, paragraph: Any, name: str) -> None:
        self.bookmarks += 1
        paragraph._p.append(_element("w:bookmarkStart", {"w:id": str(self.bookmarks), "w:name": name}))

    def inline(self, paragraph: Any, words: str) -> None:
        """Words with bold ones, references and placeholders among them."""
        for part in INLINE.split(words):
            if part.startswith("**"):
                paragraph.add_run(part[2:-2], style="Defined Term")
            elif part.startswith("<"):
                _add_field(paragraph, f"REF {part[1:-1]} \\w \\h", "0")
            elif part.startswith("["):
                paragraph.add_run(part, style="Placeholder")
            elif part:
                paragraph.add_run(part)

    def write_particular(self, words: str) -> None:
        """A row of label and words."""
        label, _, rest = words.partition("|")
        if self.particulars is None:
            self.particulars = self._table((5.0, 11.0))
        if label.startswith("%"):
            self.particulars.add_row().cells[0].text = f"{{%tr {label[1:].strip()} %}}"
            return
        cells = self.particulars.add_row().cells
        cells[0].paragraphs[0].style = cells[1].paragraphs[0].style = "Table Text"
        cells[0].paragraphs[0].add_run(label.strip()).bold = True
        self.inline(cells[1].paragraphs[0], rest.strip())

    def write_table(self, words: str) -> None:
        """A table with a repeated head and a row for each item."""
        rows, _, columns = words.partition("|")
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        heads = [column.strip().split(":", 2) for column in columns.split(";")]
        indent = INDENTS_CM[0] if len(heads) == 2 else 0.0
        table = self._table(((WIDTH_CM - indent) / len(heads),) * len(heads), indent)
        head = table.add_row()
        head._tr.get_or_add_trPr().append(_element("w:tblHeader", {}))
        for cell, (name, _field, _filter) in zip(head.cells, heads, strict=True):
            _fill(cell, name, bold=True, right=_filter != "")
            cell._tc.get_or_add_tcPr().append(_element("w:shd", {"w:val": "clear", "w:fill": PALETTE.accent_soft[1:]}))
        table.add_row().cells[0].text = f"{{%tr for row in {rows.strip()} %}}"
        body = table.add_row()
        body._tr.get_or_add_trPr().append(_element("w:cantSplit", {}))
        for cell, (_name, value, shown) in zip(body.cells, heads, strict=True):
            place = value.partition(".")[0]
            text = f"{{{{ row.{value}{'|' + shown if shown not in ('', '-') else ''} }}}}"
            if "." in value:
                text = f"{{% if row.{place} %}}{text}{{% endif %}}"
            _fill(cell, text, right=shown != "")
        table.add_row().cells[0].text = "{%tr endfor %}"
        self.document.add_paragraph(style="Table Text")

    def _table(self, widths_cm: tuple[float, ...], indent_cm: float = 0.0) -> Any:
        table = self.document.add_table(rows=0, cols=len(widths_cm), style="Pack Table")
        table.autofit = False
        place = table._tbl.tblPr.find(qn("w:tblLayout"))
        place.addprevious(_element("w:tblInd", {"w:w": str(round(indent_cm * 567)), "w:type": "dxa"}))
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        return table


def _fill(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = "Table Text"
    paragraph.add_run(text).bold = bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _element(tag: str, attributes: dict[str, str]) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element


def _add_field(paragraph: Any, instruction: str, shown: str) -> None:
    field = _element("w:fldSimple", {"w:instr": f" {instruction} "})
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


# Styles, numbering, page


def _write_styles(document: Any) -> None:
    styles = document.styles
    normal = _style(styles, "Normal", 10.5, PALETTE.ink)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.1
    title = _style(styles, "Title", 24, PALETTE.ink, bold=True)
    borders = title.element.pPr.find(qn("w:pBdr"))
    if borders is not None:
        title.element.pPr.remove(borders)
    title.paragraph_format.space_after = Pt(4)
    subtitle = _style(styles, "Subtitle", 14, PALETTE.accent)
    subtitle.font.italic = False
    subtitle.paragraph_format.space_after = Pt(14)
    heading = _style(styles, "Heading 1", 12, PALETTE.accent, bold=True)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(16), Pt(6)
    heading.paragraph_format.keep_with_next = True
    for name in CLAUSE_STYLES[1:]:
        _added(styles, name, "Normal")
    _added(styles, "Clause Text", "Normal").paragraph_format.left_indent = Cm(INDENTS_CM[0])
    _added(styles, "Definition", "Normal").paragraph_format.left_indent = Cm(INDENTS_CM[0])
    schedule = _added(styles, "Schedule", "Heading 1")
    schedule.paragraph_format.space_before = Pt(28)
    schedule.element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 0
    small = _added(styles, "Table Text", "Normal")
    small.font.size = Pt(9)
    small.paragraph_format.space_after = Pt(1)
    small.paragraph_format.space_before = Pt(1)
    styles.add_style("Defined Term", WD_STYLE_TYPE.CHARACTER).font.bold = True
    shade = _element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": PLACEHOLDER_FILL})
    styles.add_style("Placeholder", WD_STYLE_TYPE.CHARACTER).element.get_or_add_rPr().append(shade)
    _write_table_style(styles)


def _style(styles: Any, name: str, size: float, colour: str, *, bold: bool = False) -> Any:
    style = styles[name]
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for place in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(place), OFFICE_FONT)
    style.font.size, style.font.bold = Pt(size), bold
    style.font.color.rgb = RGBColor.from_string(colour[1:])
    return style


def _added(styles: Any, name: str, base: str) -> Any:
    style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style, style.quick_style = styles[base], True
    return style


def _write_table_style(styles: Any) -> None:
    style = styles.add_style("Pack Table", WD_STYLE_TYPE.TABLE)
    style.base_style = styles["Normal Table"]
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{PALETTE.rule[1:]}"/>'
        for side in ("top", "bottom", "insideH")
    )
    style.element.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders>{lines}</w:tblBorders>"
            '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )


def _write_numbering(document: Any) -> None:
    """One list of four levels, each tied to its style: Word counts, whoever adds a clause."""
    numbering = document.part.numbering_part.element
    levels = "".join(_level(at) for at in range(len(LEVELS)))
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{NUMBER_ID}">'
            f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        ),
    )
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{NUMBER_ID}"><w:abstractNumId w:val="{NUMBER_ID}"/></w:num>')
    )
    for at, name in enumerate(CLAUSE_STYLES):
        numbered = document.styles[name].element.get_or_add_pPr().get_or_add_numPr()
        numbered.get_or_add_ilvl().val, numbered.get_or_add_numId().val = at, int(NUMBER_ID)


def _level(at: int) -> str:
    kind, text = LEVELS[at]
    left = round(INDENTS_CM[at] * 567)
    hanging = round((INDENTS_CM[at] - (0 if at < 2 else INDENTS_CM[at - 1])) * 567)
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:pStyle w:val="{CLAUSE_STYLES[at].replace(" ", "")}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )


SHAPE = (
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">'
    '<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>'
    '<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>'
    '<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/>'
    '<v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas><v:path textpathok="t" o:connecttype="custom" '
    'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/>'
    '<v:textpath on="t" fitshape="t"/></v:shapetype>'
)
WATERMARK = (
    '<w:p {namespaces}><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:pict>{shape}'
    '<v:shape id="DraftMark" o:spid="_x0000_s2049" type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;'
    "width:430pt;height:160pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;"
    'mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin" '
    'fillcolor="#E3E7ED" stroked="f"><v:fill opacity=".5"/>'
    '<v:textpath on="t" fitshape="t" string="DRAFT" style="font-family:&quot;Calibri&quot;;font-size:1pt"/>'
    "</v:shape></w:pict></w:r></w:p>"
)


def _write_page(document: Any, title: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    for name in ("Header", "Footer"):
        style = _style(document.styles, name, 8, PALETTE.soft)
        for tabs in style.element.pPr.findall(qn("w:tabs")):
            style.element.pPr.remove(tabs)
        style.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)
    head = section.header.paragraphs[0]
    head.add_run(f"{{{{ project.head }}}}\t{title}")
    _write_watermark(section.header)
    foot = section.footer.paragraphs[0]
    foot.add_run("{{ marks.organisation }}. {{ marks.confidentiality }}. {{ marks.version }}, {{ marks.date }}\tPage ")
    _add_field(foot, "PAGE", "1")
    foot.add_run(" of ")
    _add_field(foot, "NUMPAGES", "1")


def _write_watermark(header: Any) -> None:
    namespaces = (
        f'{nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    )
    header.add_paragraph("{%p if marks.is_draft %}")
    header._element.append(parse_xml(WATERMARK.format(namespaces=namespaces, shape=SHAPE)))
    header.add_paragraph("{%p endif %}")


if __name__ == "__main__":
    for kind_code in KINDS:
        build(kind_code)
