"""How the agencies' published tables read a structure, beside the platform's own criteria.

S&P reads the lowest year's DSCR in the row of the operations-phase business assessment (1 strongest, 12 weakest);
Moody's reads the average DSCR in the row of the project's risk. Both are shown, neither decides a gate.
Source: model book section 10; tables in the rule set, row by row with their provenance.
"""

from __future__ import annotations

from dataclasses import dataclass

DSCR_READINGS = ("minimum", "average")


@dataclass(frozen=True, slots=True)
class AgencyBand:
    """One cell of a table: the category a DSCR in [low, high) earns; None is open."""

    agency: str
    reading: str
    row: str
    category: str
    low: float | None
    high: float | None

    def holds(self, dscr: float) -> bool:
        """True if the DSCR falls in this band, lower bound included."""
        return (self.low is None or dscr >= self.low) and (self.high is None or dscr < self.high)


@dataclass(frozen=True, slots=True)
class AgencyReading:
    """What one row of an agency's table says of a structure."""

    agency: str
    reading: str
    row: str
    dscr: float
    category: str


def agency_readings(
    bands: tuple[AgencyBand, ...], dscr_minimum: float, dscr_average: float
) -> tuple[AgencyReading, ...]:
    """Every row's category for a structure, in the order of the tables; rows that say nothing are left out."""
    values = {"minimum": dscr_minimum, "average": dscr_average}
    return tuple(
        AgencyReading(band.agency, band.reading, band.row, values[band.reading], band.category)
        for band in bands
        if band.holds(values[band.reading])
    )
