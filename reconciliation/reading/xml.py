"""XML from outside: no document type, no entity, no network, no depth; then the elements without their prefixes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from lxml import etree

from reconciliation.reading.door import require_kind
from reconciliation.reading.outcome import Limits, Refused

ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Some single-byte tables take any byte: only those that XML parsers know are read.
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
_too_deep: dict[int, etree.XPath] = {}


class _FirstElement(Exception):
    """A document type can only stand before it."""


class _Prologue:
    def start(self, tag: str, attributes: object) -> None:
        raise _FirstElement

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


def parsed(content: bytes, limits: Limits) -> etree._Element:
    """The root element; Refused for anything that is not plain, well-formed XML."""
    require_kind(content, "")
    _check_encoding(content)
    _refuse_document_type(content)
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _refusal(error, limits) from None
    if root.getroottree().docinfo.doctype:
        raise _document_type()
    if _deeper(limits.depth)(root):
        raise _depth(limits)
    return root


def local(element: etree._Element) -> str:
    """The element's name without its namespace; empty for what is no element."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace(element: etree._Element) -> str:
    """The element's namespace."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def place(element: etree._Element) -> str:
    """Where the element stands in its file."""
    return f"line {element.sourceline}"


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """The child elements of a name."""
    if element is not None:
        yield from element.iterchildren("{*}" + name)


def child(element: etree._Element | None, path: str) -> etree._Element | None:
    """The first element down a path of names: "calculation/notionalSchedule"; None where a step is not there."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next(element.iterchildren("{*}" + name), None)
    return element


def text(element: etree._Element | None, path: str) -> str:
    """The text down a path of names; empty where it is not there."""
    found = child(element, path)
    return (found.text or "").strip() if found is not None else ""


def descendant(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first element of a name at any depth."""
    if element is None:
        return None
    return next(element.iter("{*}" + name), None)


def _check_encoding(content: bytes) -> None:
    if content.startswith(UTF_16_MARKS):
        name = "utf-16"
    else:
        declared = ENCODING.match(content.removeprefix(codecs.BOM_UTF8))
        name = declared.group(1).decode() if declared else "utf-8"
    try:
        content.decode(name)
    except LookupError:
        raise Refused("XML_ENCODING", f"Its encoding {name} is not known.") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"It says {name.upper()}, but byte {error.start + 1} is none of it: nothing is guessed."
        raise Refused("XML_ENCODING", message, f"line {line}") from None


def _refuse_document_type(content: bytes) -> None:
    parser = DefusedXMLParser(target=_Prologue(), forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise _document_type() from None
    except _FirstElement:
        return
    except (SyntaxError, ValueError, LookupError):
        return  # the other parser says what and where


def _document_type() -> Refused:
    return Refused("XML_DTD_FORBIDDEN", "It has a document type, which is never accepted.", "line 1")


def _depth(limits: Limits) -> Refused:
    return Refused("XML_TOO_DEEP", f"Expected at most {limits.depth} levels of elements.")


def _deeper(depth: int) -> etree.XPath:
    if depth not in _too_deep:
        _too_deep[depth] = etree.XPath(f"boolean({'/*' * (depth + 1)})")
    return _too_deep[depth]


def _refusal(error: etree.XMLSyntaxError, limits: Limits) -> Refused:
    if "depth" in str(error).lower():
        return _depth(limits)
    line, column = error.position
    return Refused("XML_NOT_WELL_FORMED", f"It is not well-formed: {error.msg}", f"line {line}, column {column}")
