"""How each unit is written: its mark beside a field, the words it may be typed with, its format in a workbook."""

from dataclasses import dataclass

from engine.basics.units import Unit

__all__ = ["UNITS", "Unit", "UnitWords", "beside", "is_percent", "mark", "words_of"]

SHEET_GENERAL = "General"


@dataclass(frozen=True, slots=True)
class UnitWords:
    """One unit in words. Fractions are written in percent: `percent` says which.

    `typed` are the endings a person may write after the number. `is_grouped` is true where thousands are common, so
    that they are written apart and `1,250` is no riddle. `sheet` is the format of a computed figure in a workbook.
    """

    mark: str = ""
    typed: tuple[str, ...] = ()
    is_percent: bool = False
    is_money: bool = False
    is_grouped: bool = True
    sheet: str = SHEET_GENERAL


_PERCENT = ("%", "percent", "per cent")
UNITS: dict[Unit, UnitWords] = {
    Unit.NONE: UnitWords(),
    Unit.AMOUNT: UnitWords(is_money=True, sheet="#,##0"),
    Unit.AMOUNT_PER_MW: UnitWords("per MW", ("per mw", "/mw"), is_money=True, sheet="#,##0"),
    Unit.AMOUNT_PER_MWH: UnitWords("per MWh", ("per mwh", "/mwh"), is_money=True, sheet="#,##0.00"),
    Unit.AMOUNT_PER_KW_YEAR: UnitWords(
        "per kW and year", ("per kw and year", "per kw year", "/kw/year"), is_money=True, sheet="#,##0.00"
    ),
    Unit.AMOUNT_PER_ACRE: UnitWords("per acre", ("per acre", "/acre"), is_money=True, sheet="#,##0"),
    Unit.SHARE: UnitWords("%", _PERCENT, is_percent=True, is_grouped=False, sheet="0.0%"),
    Unit.RATE: UnitWords("%", _PERCENT, is_percent=True, is_grouped=False, sheet="0.00%"),
    Unit.TIMES: UnitWords("x", ("x",), is_grouped=False, sheet='0.00"x"'),
    Unit.FACTOR: UnitWords(is_grouped=False, sheet="0.000000"),
    Unit.BPS: UnitWords("bps", ("bps", "bp"), sheet="0"),
    Unit.MW: UnitWords("MW", ("mw",), sheet="0.00"),
    Unit.ACRES_PER_MW: UnitWords("acres per MW", ("acres per mw", "acres/mw"), is_grouped=False, sheet="0.00"),
    Unit.YEARS: UnitWords("years", ("years", "year", "y"), sheet="0.0"),
    Unit.MONTHS: UnitWords("months", ("months", "month"), sheet="0"),
    Unit.COUNT: UnitWords(sheet="#,##0"),
    Unit.CODE: UnitWords(),
    Unit.FLAG: UnitWords(),
    Unit.NAME: UnitWords(),
}


def words_of(unit: str) -> UnitWords:
    """How a unit is written; ValueError for what is no unit."""
    return UNITS[Unit(unit)]


def is_percent(unit: str) -> bool:
    """True for fractions, which are shown and typed in percent."""
    return words_of(unit).is_percent


def mark(unit: str) -> str:
    """The unit beside a typed number."""
    return words_of(unit).mark


def beside(text: str, unit_mark: str) -> str:
    """A number and its unit's mark: `95%`, `1 year`, `3 months`.

    >>> beside("95", "%"), beside("1", "years"), beside("3", "months"), beside("7", "")
    ('95%', '1 year', '3 months', '7')
    """
    if unit_mark == "%":
        return f"{text}%"
    shown = unit_mark.removesuffix("s") if text == "1" and unit_mark in {"years", "months"} else unit_mark
    return f"{text} {shown}".strip()
