"""Planned balances of amortisation classes: what the lesser principal of the pool at two speeds leaves of them.

Source: the schedule of a planned amortisation class (PAC) as agency prospectuses define it: on each date the smaller of the
principal that the pool pays at the two speeds of the collar, without defaults; as long as the pool pays at one speed
between them and the support classes last, the class is paid exactly this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import CalculationError
from engine.notes.collateral import PoolFlows, pool_flows
from engine.notes.terms import Behaviour, NoteStructure, PrepaymentKind

Floats = NDArray[np.float64]


def plans_of(structure: NoteStructure, flows: PoolFlows) -> dict[str, Floats]:
    """Planned balance of each planned class at the end of each period, by code.

    Of several, each plans with what those before it leave.
    """
    taken, found = np.zeros(flows.table.shape[0]), dict[str, Floats]()
    for each in structure.classes:
        if each.is_planned:
            kind = PrepaymentKind(str(each.plan_kind))
            least = np.minimum(*(_principal(flows, Behaviour(kind, at)) for at in (each.plan_low, each.plan_high)))
            found[each.code] = np.maximum(each.balance_amount - np.cumsum(np.maximum(least - taken, 0.0)), 0.0)
            taken += -np.diff(found[each.code], prepend=each.balance_amount)
    return found


def _principal(flows: PoolFlows, behaviour: Behaviour) -> Floats:
    """What the pool repays on each date at one speed."""
    if flows.pool is None:
        raise CalculationError("plans: a planned class needs the loans of the pool, not only its flows")
    periods, frequency = flows.table.shape[0], flows.frequency_months
    return pool_flows(flows.pool, behaviour, frequency, periods * frequency).principal
