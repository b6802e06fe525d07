"""What a number format tells: whether a number is a date, and what the signs printed beside it make of it.

A format may print a per cent sign or a million that is no part of the value: `0.00"%"` shows 0.95 as 0.95%.
"""

import re

__all__ = ["BUILT_IN", "printed_ending", "shows_date", "shows_percent"]

_DATES = dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd")
# The codes of formats that files name by number alone, as far as they tell something.
BUILT_IN: dict[int, str] = {**_DATES, 9: "0%", 10: "0.00%"}
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_NOT_CODE = re.compile(r'"[^"]*"|\[(?![hms]+\])[^\]]*\]|\\.|_.|\*.')
_SCALED = re.compile(r"[0#?],+(?![0#?])")


def shows_date(code: str) -> bool:
    """True for a format that shows a date or a time."""
    return any(sign in _signs(code) for sign in "ydh")


def shows_percent(code: str) -> bool:
    """True for a format that shows a fraction in percent, as it should."""
    return "%" in _signs(code)


def printed_ending(code: str, value: float) -> str:
    """The words a format prints after a number, where they may change what is read: `%`, `m`.

    >>> printed_ending('0.00"%"', 0.95)
    '%'
    """
    section = _section_for(code, value)
    if shows_percent(section) or _SCALED.search(_NOT_CODE.sub("", section)):
        return ""  # the value is what it says
    last = max((section.rfind(digit) for digit in "0#?"), default=-1)
    return "".join(quoted or escaped for quoted, escaped in _LITERAL.findall(section[last + 1 :])).strip()


def _section_for(code: str, value: float) -> str:
    """The part of a format for numbers of this sign."""
    sections: list[str] = [found for found in _SECTION.findall(code) if found] or [""]
    if value < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _signs(code: str) -> str:
    return _NOT_CODE.sub("", code).lower()
