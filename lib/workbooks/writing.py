"""Workbooks to outside: text stays text, whatever it begins with, so that nothing typed becomes a formula or a link."""

from typing import Any

from xlsxwriter.workbook import Workbook

__all__ = ["new_workbook"]

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def new_workbook(out: Any, **options: Any) -> Workbook:
    """A workbook to write into a file or a stream; closing it, or leaving its `with`, writes it."""
    return Workbook(out, {"in_memory": not isinstance(out, str), **options, **_SAFE})
