"""CLO portfolios: a module for each resource; their addresses are in `api.urls`."""

from api.v1.portfolios.compliance import TestDetail, TestHistory, TestRunDetail, TestRuns
from api.v1.portfolios.deals import LIMIT_SETS, DealAfterDefault, DealDetail, DealPools, Deals, PoolDetail
from api.v1.portfolios.edits import ApplyEdits, TryEdits
from api.v1.portfolios.notes import Notes
from api.v1.portfolios.payments import NextPayment, PaymentDetail, Payments
from api.v1.portfolios.reports import Report, SavedReports, TrusteeReports
from api.v1.portfolios.scenarios import CashScenarioDetail, CashScenarioOutcome, CashScenarios
from api.v1.portfolios.simulations import PoolSimulationDetail, PoolSimulations
from api.v1.portfolios.tapes import TapeApply, TapeCells, TapeDetail, TapeDiscard, TapeLeaveOut, TapeMapping, Tapes
from api.v1.portfolios.trades import (
    BasketApprove,
    BasketBook,
    BasketChanges,
    BasketDetail,
    BasketReject,
    Baskets,
    BasketSearch,
    BasketSubmit,
    TryTrades,
)

__all__ = [
    "LIMIT_SETS",
    "ApplyEdits",
    "BasketApprove",
    "BasketBook",
    "BasketChanges",
    "BasketDetail",
    "BasketReject",
    "BasketSearch",
    "BasketSubmit",
    "Baskets",
    "CashScenarioDetail",
    "CashScenarioOutcome",
    "CashScenarios",
    "DealAfterDefault",
    "DealDetail",
    "DealPools",
    "Deals",
    "NextPayment",
    "Notes",
    "PaymentDetail",
    "Payments",
    "PoolDetail",
    "PoolSimulationDetail",
    "PoolSimulations",
    "Report",
    "SavedReports",
    "TapeApply",
    "TapeCells",
    "TapeDetail",
    "TapeDiscard",
    "TapeLeaveOut",
    "TapeMapping",
    "Tapes",
    "TestDetail",
    "TestHistory",
    "TestRunDetail",
    "TestRuns",
    "TrusteeReports",
    "TryEdits",
    "TryTrades",
]
