"""A panel taken as the universe's next dataset of its kind."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import save_checked
from strategies.access import Action, require_on
from strategies.frames import keep_frame
from strategies.models import Dataset, Universe
from strategies.queries import latest_dataset
from strategies.translate import DATE, IDENT, KEYS


@transaction.atomic
def take_dataset(
    *, by: User, universe: Universe, kind: str, rows: pa.Table, origin: str, further: dict[str, Any] | None = None
) -> Dataset:
    """The dataset in force from now on; `further` joins its summary."""
    require_on(by, universe.desk, Action.DATA)
    before = latest_dataset(universe, kind)
    dataset = Dataset(
        universe=universe,
        kind=kind,
        number=before.number + 1 if before else 1,
        file_hash=keep_frame(rows),
        summary={**_summary(rows), **(further or {})},
        origin=origin,
        made_by=by,
    )
    save_checked(dataset)
    after = {"dataset": str(dataset), "hash": dataset.file_hash, "origin": origin}
    audit.record(by=by, action="dataset.taken", target=dataset, after=after)
    return dataset


def _summary(rows: pa.Table) -> dict[str, Any]:
    import pyarrow.compute as pc

    return {
        "rows": rows.num_rows,
        "days": pc.count_distinct(rows[DATE]).as_py(),
        "names": pc.count_distinct(rows[IDENT]).as_py(),
        "first_date": str(pc.min(rows[DATE]).as_py()),
        "last_date": str(pc.max(rows[DATE]).as_py()),
        "fields": [name for name in rows.column_names if name not in KEYS],
    }
