"""The asset classes there are: data centres, and those that administrators added."""

from engine.errors import Problem
from lib.errors import Invalid
from projects.models import DATA_CENTRE, AssetClass


def asset_classes() -> dict[str, str]:
    """Name by code, data centres first."""
    return {DATA_CENTRE: "Data centres", **dict(AssetClass.objects.values_list("code", "name"))}


def asset_class_name(code: str) -> str:
    """The name of a class; its code where it has none."""
    return asset_classes().get(code, code)


def require_asset_class(code: str) -> None:
    """Raises Invalid unless the class is known."""
    known = asset_classes()
    if code not in known:
        message = f"Asset class: expected one of {', '.join(known)}, got {code!r}. Administrators add classes."
        raise Invalid([Problem("unknown_asset_class", "asset_class", message)])
