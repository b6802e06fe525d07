"""Land, grid connection and stamp duty: what is entered, and what follows from the size of the site.

Source: model book section 2; the source platform's figures by quality (reference in docs/model/02-inputs.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from engine.errors import Problem

Bands = tuple[tuple[float, float], ...]
STEEPEST_RATE = 0.25


class LocationQuality(StrEnum):
    """What kind of land the site stands on; it says how much a MW takes and what an acre costs."""

    RURAL = "rural"
    SUBURBAN = "suburban"
    URBAN = "urban"
    CUSTOM = "custom"


class GridQuality(StrEnum):
    """How good the grid is where the site stands; it says what the connection of a MW costs."""

    GOOD = "good"
    MEDIUM = "medium"
    POOR = "poor"
    CUSTOM = "custom"


class StampDutyBasis(StrEnum):
    """How stamp duty is found: a share of the purchase, an amount, or a jurisdiction's bands."""

    PERCENT = "percent"
    FIXED = "amount"
    BANDS = "bands"


class Acquisition(StrEnum):
    """What changes hands: the land itself, or the shares of the company that owns it."""

    ASSET = "asset"
    COMPANY = "company"


ACRES_PER_MW: Mapping[str, float] = {"rural": 1.5, "suburban": 1.5, "urban": 1.0}
PRICE_PER_ACRE_AMOUNT: Mapping[str, float] = {"rural": 100_000.0, "suburban": 300_000.0, "urban": 800_000.0}
GRID_PRICE_PER_MW_AMOUNT: Mapping[str, float] = {"good": 200_000.0, "medium": 400_000.0, "poor": 600_000.0}

# Places whose transfer taxes are on file, by code and name; the rates themselves are data of the caller.
TRANSFER_TAX_PLACES: dict[str, str] = {
    "GB-ENG": "England and Northern Ireland", "GB-SCT": "Scotland", "GB-WLS": "Wales",
    "IE": "Ireland", "NL": "Netherlands", "FR": "France, standard departments",
    "FR-RAISED": "France, departments that raised by 0.5 point", "FR-NEW": "France, building under five years, with VAT",
    "DE-BB": "Brandenburg", "DE-BE": "Berlin", "DE-BW": "Baden-Württemberg", "DE-BY": "Bayern", "DE-HB": "Bremen",
    "DE-HE": "Hessen", "DE-HH": "Hamburg", "DE-MV": "Mecklenburg-Vorpommern", "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen", "DE-RP": "Rheinland-Pfalz", "DE-SH": "Schleswig-Holstein", "DE-SL": "Saarland",
    "DE-SN": "Sachsen", "DE-ST": "Sachsen-Anhalt", "DE-TH": "Thüringen",
    "US-AK": "Alaska", "US-AL": "Alabama", "US-AR": "Arkansas", "US-AZ": "Arizona", "US-CA": "California, county",
    "US-CO": "Colorado", "US-CT": "Connecticut", "US-DC": "District of Columbia", "US-DE-HIGH": "Delaware, high",
    "US-DE-LOW": "Delaware, low", "US-FL": "Florida", "US-GA": "Georgia", "US-IA": "Iowa", "US-ID": "Idaho",
    "US-IL": "Illinois", "US-IL-COOK": "Illinois, Cook County", "US-IN": "Indiana", "US-LA": "Louisiana",
    "US-MI": "Michigan", "US-MS": "Mississippi", "US-NE": "Nebraska", "US-NV": "Nevada, county over 400,000 people",
    "US-OH": "Ohio", "US-TX": "Texas", "US-VA": "Virginia",
}  # fmt: skip
_COUNTRY_OF_PLACE = {"GB": "UK", "US": "US"}


@dataclass(frozen=True, slots=True)
class Land:
    """Land purchase, grid connection and stamp duty, worked out where they were not entered."""

    purchase_amount: float
    grid_amount: float
    stamp_duty_basis: StampDutyBasis
    stamp_duty_rate: float
    stamp_duty_fixed_amount: float | None
    stamp_duty_bands: Bands
    is_purchase_derived: bool
    is_grid_derived: bool

    @property
    def stamp_duty_amount(self) -> float:
        """Stamp duty on the purchase, on its basis."""
        if self.stamp_duty_basis is StampDutyBasis.FIXED:
            return self.stamp_duty_fixed_amount or 0.0
        if self.stamp_duty_basis is StampDutyBasis.BANDS:
            return banded_tax_amount(self.purchase_amount, self.stamp_duty_bands)
        return self.purchase_amount * self.stamp_duty_rate

    @property
    def total_amount(self) -> float:
        """Purchase, grid and stamp duty."""
        return self.purchase_amount + self.grid_amount + self.stamp_duty_amount


def banded_tax_amount(price_amount: float, bands: Sequence[tuple[float, float]]) -> float:
    """Tax where each slice of the price bears its own rate; bands are (from, rate), ascending.

    >>> banded_tax_amount(2_000_000, ((0, 0), (150_000, 0.02), (250_000, 0.05)))
    89500.0
    """
    ends = [*(start for start, _ in bands[1:]), float("inf")]
    pieces = zip(bands, ends, strict=False)
    slices = (max(min(price_amount, end) - start, 0.0) * rate for (start, rate), end in pieces)
    return sum(slices, 0.0)


def land_of(values: Mapping[str, Any], gross_facility_mw: float) -> Land:
    """The land of the fields under `land`: an amount entered holds, an empty one follows from the MW.

    48 MW on urban land at 1.0 acre a MW and 800,000 an acre cost 38.4m; with a good grid 9.6m to connect.
    """
    acres_per_mw, price = purchase_figures(values)
    derived_purchase = _product(gross_facility_mw, acres_per_mw, price)
    derived_grid = _product(gross_facility_mw, grid_figure(values))
    purchase, grid = values["purchase_amount"], values["grid_amount"]
    is_purchase_derived = purchase is None and derived_purchase is not None
    is_grid_derived = grid is None and derived_grid is not None
    return Land(
        purchase_amount=(derived_purchase if purchase is None else purchase) or 0.0,
        grid_amount=(derived_grid if grid is None else grid) or 0.0,
        stamp_duty_basis=_basis(values),
        stamp_duty_rate=values["stamp_duty_rate"],
        stamp_duty_fixed_amount=values["stamp_duty_fixed_amount"],
        stamp_duty_bands=tuple(tuple(band) for band in values["stamp_duty_bands"] or ()),
        is_purchase_derived=is_purchase_derived,
        is_grid_derived=is_grid_derived,
    )


def purchase_figures(values: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Acres a MW and price an acre: as entered, else those of the location quality, else None."""
    quality = values["location_quality"]
    return (
        values["acres_per_mw"] or ACRES_PER_MW.get(quality),
        values["price_per_acre_amount"] or PRICE_PER_ACRE_AMOUNT.get(quality),
    )


def grid_figure(values: Mapping[str, Any]) -> float | None:
    """Grid connection a MW: as entered, else that of the grid quality, else None."""
    entered: float | None = values["grid_price_per_mw_amount"]
    return entered or GRID_PRICE_PER_MW_AMOUNT.get(values["grid_quality"])


def land_problems(values: Mapping[str, Any], country: str, is_home_currency: bool) -> list[Problem]:
    """What is wrong between the fields under `land`, each sound by itself."""
    basis = values["stamp_duty_basis"]
    if basis == StampDutyBasis.FIXED and values["stamp_duty_fixed_amount"] is None:
        message = "Stamp duty, fixed: enter the amount, or choose another basis."
        return [Problem("missing", "land.stamp_duty_fixed_amount", message)]
    if basis != StampDutyBasis.BANDS:
        return []
    if not is_home_currency:
        message = "Stamp duty basis: bands are in the place's own currency; enter a percentage or an amount."
        return [Problem("currency_mismatch", "land.stamp_duty_basis", message)]
    return _bands_problems(values, country)


def _bands_problems(values: Mapping[str, Any], country: str) -> list[Problem]:
    place = values["stamp_duty_jurisdiction"]
    if place is None:
        message = "Stamp duty jurisdiction: choose the place whose bands apply, or enter a percentage."
        return [Problem("missing", "land.stamp_duty_jurisdiction", message)]
    home = _COUNTRY_OF_PLACE.get(place.partition("-")[0], "EU")
    if home != country:
        message = f"Stamp duty jurisdiction: expected a place in the {country}, got {TRANSFER_TAX_PLACES[place]}."
        return [Problem("jurisdiction_mismatch", "land.stamp_duty_jurisdiction", message)]
    return _band_shape_problems(values["stamp_duty_bands"] or ())


def _band_shape_problems(bands: Sequence[Sequence[float]]) -> list[Problem]:
    starts = [start for start, _ in bands]
    is_sound = (
        bool(starts)
        and starts[0] == 0
        and all(low < high for low, high in pairwise(starts))
        and all(0 <= rate <= STEEPEST_RATE for _, rate in bands)
    )
    message = f"Stamp duty bands: expected bands from 0 upwards with rates of 0 to {STEEPEST_RATE:.0%}."
    return [] if is_sound else [Problem("not_bands", "land.stamp_duty_bands", message)]


def _basis(values: Mapping[str, Any]) -> StampDutyBasis:
    if values["stamp_duty_basis"] is not None:
        return StampDutyBasis(values["stamp_duty_basis"])
    return StampDutyBasis.PERCENT if values["stamp_duty_fixed_amount"] is None else StampDutyBasis.FIXED


def _product(*factors: float | None) -> float | None:
    result = 1.0
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return result
