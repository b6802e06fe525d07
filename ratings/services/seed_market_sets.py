from ratings.market import load_market_document
from ratings.models import MarketSet
from records.services import install_missing


def seed_market_sets() -> list[MarketSet]:
    """The seeded version, added where it is not there yet."""
    return install_missing(model=MarketSet, documents=[load_market_document()])
