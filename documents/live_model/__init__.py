"""A permutation as a workbook that computes: inputs, sizing, the monthly waterfall, cover, returns, by formula."""

from documents.live_model.build import ModelSource, write_live_model

__all__ = ["ModelSource", "write_live_model"]
