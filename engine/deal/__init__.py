"""One financing: its levers, its numbers, its gates, and all there is to say about it. No space."""

from engine.deal.axes import AXES, AxisSpec, Layer
from engine.deal.choice import CLOSED, Choice
from engine.deal.detail import DealDetail, detail_of
from engine.deal.row import result_row
from engine.deal.setting import Scenario, Setting
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal

__all__ = [
    "AXES",
    "CLOSED",
    "AxisSpec",
    "Choice",
    "Deal",
    "DealDetail",
    "Layer",
    "Scenario",
    "Setting",
    "Structure",
    "detail_of",
    "price",
    "result_row",
]
