"""Builds the presentation's template: `python scripts/slide_template.py`.

A 16:9 master with the house's colours and font, and four layouts whose placeholders an organisation can move: cover,
text, chart with text, table. The program finds layouts by name and placeholders by type and order.
"""

from __future__ import annotations

import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lxml import etree  # noqa: E402
from pptx import Presentation  # noqa: E402
from pptx.oxml import parse_xml  # noqa: E402
from pptx.util import Cm  # noqa: E402

from documents.brand import OFFICE_FONT, PALETTE  # noqa: E402
from documents.rendering.steady import steady_zip  # noqa: E402

OUT = ROOT / "documents/kinds/presentation/template.pptx"
WIDTH, HEIGHT = Cm(33.867), Cm(19.05)
NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
# Left, top, width, height in centimetres.
TITLE, LEFT, RIGHT = (1.6, 0.9, 30.6, 1.8), (1.6, 3.2, 19.2, 13.4), (21.6, 3.2, 10.6, 13.4)
WHOLE, FOOT, NUMBER = (1.6, 3.2, 30.6, 13.4), (1.6, 17.6, 26.0, 0.8), (28.6, 17.6, 3.6, 0.8)
COVER_BODY = 14
Place = tuple[float, float, float, float]


def main() -> None:
    """The template, written."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    master = deck.slide_master
    _write_master(master)
    layouts = {
        "Cover": [("ctrTitle", None, (1.6, 5.2, 30.0, 4.4)), ("subTitle", 1, (1.6, 10.0, 30.0, 3.6)),
                  ("body", COVER_BODY, (1.6, 14.4, 30.0, 2.4))],
        "Text": [("title", None, TITLE), ("body", 1, WHOLE)],
        "Chart": [("title", None, TITLE), ("chart", 13, LEFT), ("body", 1, RIGHT)],
        "Table": [("title", None, TITLE), ("tbl", 13, WHOLE)],
    }  # fmt: skip
    for layout in list(deck.slide_layouts)[len(layouts) :]:
        deck.slide_layouts.remove(layout)
    for layout, (name, places) in zip(deck.slide_layouts, layouts.items(), strict=True):
        _write_layout(layout, name, places)
    out = BytesIO()
    deck.save(out)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(_with_theme(out.getvalue()))


def _write_master(master: Any) -> None:
    tree = master.shapes._spTree
    for shape in list(master.shapes):
        tree.remove(shape._element)
    for at, (kind, index, place) in enumerate(
        [("title", None, TITLE), ("body", 1, WHOLE), ("ftr", 3, FOOT), ("sldNum", 4, NUMBER)], 2
    ):
        tree.append(_placeholder(at, kind, index, place))
    tree.append(_bar(9, (0.0, 0.0, 33.867, 0.28)))
    styles = master._element.find("{http://schemas.openxmlformats.org/presentationml/2006/main}txStyles")
    for size in styles.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}defRPr"):
        if size.getparent().getparent().tag.endswith("titleStyle"):
            size.set("sz", "2600")
            size.set("b", "1")
    for number, level in enumerate(("1400", "1300", "1200"), 1):
        for found in styles.iter(f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}lvl{number}pPr"):
            if found.getparent().tag.endswith("bodyStyle"):
                found.find("{http://schemas.openxmlformats.org/drawingml/2006/main}defRPr").set("sz", level)
    for found in styles.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}lvl1pPr"):
        if found.getparent().tag.endswith("titleStyle"):
            found.set("algn", "l")


def _write_layout(layout: Any, name: str, places: list[tuple[str, int | None, Place]]) -> None:
    layout.name = name
    tree = layout.shapes._spTree
    for shape in list(layout.shapes):
        tree.remove(shape._element)
    for at, (kind, index, place) in enumerate([*places, ("ftr", 3, FOOT), ("sldNum", 4, NUMBER)], 2):
        tree.append(_placeholder(at, kind, index, place))


def _placeholder(number: int, kind: str, index: int | None, place: Place) -> Any:
    left, top, width, height = (int(Cm(value)) for value in place)
    own = f' idx="{index}"' if index else ""
    anchor = {"ctrTitle": "b", "title": "ctr", "ftr": "ctr", "sldNum": "ctr"}.get(kind, "t")
    small = kind in {"ftr", "sldNum"}
    align = ' algn="r"' if kind == "sldNum" else ' algn="l"' if small else ""
    look = ""
    if small:
        fill = '<a:solidFill><a:schemeClr val="tx2"/></a:solidFill>'
        look = f'<a:lstStyle><a:lvl1pPr{align}><a:defRPr sz="900">{fill}</a:defRPr></a:lvl1pPr></a:lstStyle>'
    if kind == "ctrTitle":
        look = '<a:lstStyle><a:lvl1pPr algn="l"><a:defRPr sz="3600" b="1"/></a:lvl1pPr></a:lstStyle>'
    if kind == "subTitle":
        fill = '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
        look = (
            '<a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="l"><a:buNone/>'
            f'<a:defRPr sz="2000">{fill}</a:defRPr></a:lvl1pPr></a:lstStyle>'
        )
    words = (
        '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-GB"/><a:t>1</a:t></a:fld>'
    )
    text = words if kind == "sldNum" else ""
    return parse_xml(
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{number}" name="{kind} {number}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f'</p:cNvSpPr><p:nvPr><p:ph type="{kind}"{own}/></p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f'<p:txBody><a:bodyPr lIns="0" rIns="0" anchor="{anchor}"><a:normAutofit/></a:bodyPr>{look or "<a:lstStyle/>"}'
        f"<a:p>{text}</a:p></p:txBody></p:sp>"
    )


def _bar(number: int, place: Place) -> Any:
    left, top, width, height = (int(Cm(value)) for value in place)
    return parse_xml(
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{number}" name="Bar"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
        "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
    )


def _with_theme(content: bytes) -> bytes:
    """The same file with the house's colours and font in its theme."""
    colours = {
        "dk1": PALETTE.ink, "lt1": "#FFFFFF", "dk2": PALETTE.soft, "lt2": PALETTE.quiet, "hlink": PALETTE.accent, "folHlink": PALETTE.soft,
        **{f"accent{at}": colour for at, colour in enumerate(PALETTE.series, 1)},
    }  # fmt: skip
    files = []
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            is_theme = re.fullmatch(r"ppt/theme/theme\d+\.xml", name)
            files.append((name, _themed(part, colours) if is_theme else part))
    return steady_zip(files)


def _themed(part: bytes, colours: dict[str, str]) -> bytes:
    root = etree.fromstring(part)
    space = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    scheme = root.find(f".//{space}clrScheme")
    for name, colour in colours.items():
        place = scheme.find(f"{space}{name}")
        for child in list(place):
            place.remove(child)
        etree.SubElement(place, f"{space}srgbClr").set("val", colour[1:])
    for latin in root.iter(f"{space}latin"):
        latin.set("typeface", OFFICE_FONT)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


if __name__ == "__main__":
    main()
