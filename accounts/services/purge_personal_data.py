from accounts.audit import record
from lib import personal


def purge_personal_data() -> dict[str, int]:
    """How many rows of each model were too old and are forgotten; on the trail where any were."""
    counts = {label: each.forget() for label, each in personal.ageing().items()}
    gone = {label: count for label, count in counts.items() if count}
    if gone:
        record(by=None, action="personal_data.purged", target=None, after=gone)
    return gone
