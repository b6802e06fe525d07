"""Reconciliation by the API, in the six parts that its source named."""

from api.v1.reconciliation import configuration, exceptions, governance, ingestion, reconciliation, reports

__all__ = ["configuration", "exceptions", "governance", "ingestion", "reconciliation", "reports"]
