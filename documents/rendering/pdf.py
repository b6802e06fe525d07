"""Papers: fields and an HTML template become a PDF, the same bytes for the same fields and template.

A template sees the fields, the figure filters and the house's parts (`documents/brand/parts.html`), writes plain HTML,
and draws charts of its fields as `<img src="chart:code:170x60">`, millimetres wide and high. It reaches nothing else: no
file, no address, no other picture.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from string import Template as Words
from threading import Lock
from typing import Any
from xml.dom.minidom import Element

from html5lib import HTMLParser
from html5lib.treebuilders import getTreeBuilder
from jinja2 import DictLoader, TemplateError
from reportlab import rl_config
from reportlab.graphics.shapes import STATE_DEFAULTS
from reportlab.platypus.doctemplate import LayoutError
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy

from documents.brand import FONT_FOLDER, PALETTE
from documents.errors import TemplateFault
from documents.rendering.charts import chart_svg, charts_in, told
from documents.rendering.headings import begin_tables_below_headings
from documents.rendering.letters import FONT_FOLDERS, REGULAR, far_eastern, font_file, registered, shown
from documents.rendering.stamp import Marking, stamped
from documents.rendering.structure import recorded, tell_what_is_drawn
from documents.rendering.templating import template_environment
from lib.charts import Chart

BRAND = FONT_FOLDER.parent
PARTS = "parts.html"
CHART = re.compile(r"chart:([a-z_]+):(\d{1,3})x(\d{1,3})")
# The library keeps fonts in globals: one conversion at a time in a process.
_ONE_AT_A_TIME = Lock()
TAGS = re.compile(
    "html|head|title|body|style|h[1-6]|p|div|span|br|hr|img|table|thead|tbody|tfoot|tr|td|th|ul|ol|li|dl|dt|dd|"
    "b|strong|i|em|u|s|sub|sup|small|pdf:nextpage|pdf:nexttemplate|pdf:spacer"
)
ATTRIBUTES = frozenset({"class", "style", "colspan", "rowspan", "width", "height", "align", "valign", "name", "dir", "lang", "start", "type", "src", "alt", "id"})  # fmt: skip
OUTSIDE = re.compile(r"url\s*\(|@import|@font-face|@page|expression\s*\(|\\", re.IGNORECASE)


def render_pdf(fields: dict[str, Any], template: bytes) -> bytes:
    """The paper; raises TemplateFault for a template that cannot be filled or laid out."""
    charts = charts_in(fields.get("charts", {}).values())
    body = shown(_filled(template, fields))
    page = f"<style>{_stylesheet(bool(far_eastern(body)))}</style>{body}"
    _Checker(charts).check(page)
    with _ONE_AT_A_TIME:
        resources = _Resources(charts)
        with recorded(resources.pictures) as structure:
            content = _converted(page, resources)
        return stamped(content, Marking.of(fields["paper"]), structure)


def _filled(template: bytes, fields: dict[str, Any]) -> str:
    environment = template_environment()
    environment.loader = DictLoader({PARTS: (BRAND / PARTS).read_text(encoding="utf-8")})
    try:
        return environment.from_string(template.decode("utf-8")).render(fields)
    except UnicodeDecodeError:
        raise TemplateFault("The template is not text: expected an HTML file in UTF-8.") from None
    except TemplateError as error:
        number = getattr(error, "lineno", None)
        line = f"line {number}: " if number else ""
        raise TemplateFault(f"The template cannot be filled: {line}{error.message}.") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise TemplateFault(f"The template cannot be filled: {error}.") from None


class _Checker:
    """Refuses what a template may not say; text of the fields is escaped and never comes here as a tag.

    It reads with the converter's own parser: what is a comment to one and a tag to another cannot slip through.
    """

    def __init__(self, charts: dict[str, Chart]) -> None:
        self.charts = charts
        self.html = ""

    def check(self, html: str) -> None:
        """Nothing; raises TemplateFault for the first thing refused in a page that begins with the house's own style."""
        self.html = html
        document = HTMLParser(tree=getTreeBuilder("dom")).parse(html.encode(), transport_encoding="utf-8")
        own, *_ = document.getElementsByTagName("style")
        elements = [each for each in document.getElementsByTagName("*") if each is not own]
        for element in elements:
            self._check_element(element)

    def _check_element(self, element: Element) -> None:
        tag = element.tagName
        if not TAGS.fullmatch(tag):
            raise TemplateFault(f"{self._line(tag)}<{tag}> is not for papers. Use text, tables, lists and charts.")
        for name, value in element.attributes.items():
            self._check_attribute(tag, name, value)
        if tag == "style" and OUTSIDE.search("".join(getattr(child, "data", "") for child in element.childNodes)):
            raise TemplateFault(f"{self._line(tag)}a style may not name files, addresses, fonts or pages.")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES or (name == "src" and tag != "img") or OUTSIDE.search(value):
            raise TemplateFault(f'{self._line(tag)}<{tag} {name}="{value[:60]}"> is not for papers.')
        if name == "src":
            self._check_chart(value)

    def _check_chart(self, source: str) -> None:
        found = CHART.fullmatch(source)
        if found is None or found[1] not in self.charts:
            known = ", ".join(self.charts) or "none"
            raise TemplateFault(
                f'{self._line("img")}<img src="{source[:60]}"> names no chart of this document. '
                f"Expected chart:code:WIDTHxHEIGHT in millimetres; the codes are: {known}."
            )

    def _line(self, tag: str) -> str:
        """Where the tag is first written in the template."""
        body = self.html.partition("</style>")[2].lower()
        at = body.find(f"<{tag}")
        return f"Line {body.count(chr(10), 0, at) + 1}: " if at >= 0 else ""


@lru_cache(maxsize=2)
def _stylesheet(with_far_eastern: bool) -> str:
    """The styles of all papers; the large font of Chinese, Japanese and Korean is read only for papers that need it."""
    colours = {name: getattr(PALETTE, name) for name in PALETTE.__slots__ if name != "series"}
    styles = Words((BRAND / "paper.css").read_text(encoding="utf-8")).substitute(colours)
    return f"{styles}\n{(BRAND / 'far-eastern.css').read_text(encoding='utf-8')}" if with_far_eastern else styles


def _converted(html: str, resources: _Resources) -> bytes:
    out = BytesIO()
    rl_config.invariant = 1
    # Pages and charts begin with a font that is embedded, in the place of Helvetica.
    rl_config.canvas_basefontname = STATE_DEFAULTS["fontName"] = registered(REGULAR)
    begin_tables_below_headings()
    tell_what_is_drawn()
    policy = ResourceAccessPolicy.server(None, extra_roots=FONT_FOLDERS, allow_remote=False)
    try:
        pisa.CreatePDF(html, dest=out, link_callback=resources, resource_policy=policy, encoding="utf-8")
    except (LayoutError, RenderLimitError, ValueError, RecursionError) as error:
        raise TemplateFault(f"The template cannot be laid out: {str(error)[:300]}") from None
    return out.getvalue()


class _Resources:
    """Hands the converter the house's fonts and the document's own charts, and an empty file for all else.

    `pictures` has the words that stand for each chart handed out.
    """

    def __init__(self, charts: dict[str, Chart]) -> None:
        self.charts = charts
        self.pictures: dict[str, str] = {}

    def __call__(self, address: str, base: object = None) -> str:
        """Where the converter may read it."""
        font = font_file(address.removeprefix("font:")) if address.startswith("font:") else None
        if font is not None:
            return str(font)
        found = CHART.fullmatch(address)
        if found is None or found[1] not in self.charts:
            return "data:,"
        chart = self.charts[found[1]]
        handed = f"data:image/svg+xml;base64,{b64encode(chart_svg(chart, float(found[2]), float(found[3]))).decode()}"
        self.pictures[handed] = told(chart)
        return handed
