"""What a number of the platform counts: one list of units for fields, levers and results."""

from enum import StrEnum


class Unit(StrEnum):
    """What a number counts. A share of a whole and a rate a year are fractions, a factor is a plain number."""

    NONE = ""
    AMOUNT = "amount"
    AMOUNT_PER_MW = "amount_per_mw"
    AMOUNT_PER_MWH = "amount_per_mwh"
    AMOUNT_PER_KW_YEAR = "amount_per_kw_year"
    AMOUNT_PER_ACRE = "amount_per_acre"
    SHARE = "share"
    RATE = "rate"
    TIMES = "times"
    FACTOR = "factor"
    BPS = "bps"
    MW = "mw"
    ACRES_PER_MW = "acres_per_mw"
    YEARS = "years"
    MONTHS = "months"
    COUNT = "count"
    CODE = "code"
    FLAG = "flag"
    NAME = "name"
