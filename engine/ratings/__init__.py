"""Rating scale and criteria, checks against them, and the stress grid."""

from engine.ratings.criteria import CRITERIA, CentralBankTerms, CriteriaRow, RuleSet
from engine.ratings.scale import LABELS, NOT_RATED, notch_of, rating_label

__all__ = ["CRITERIA", "LABELS", "NOT_RATED", "CentralBankTerms", "CriteriaRow", "RuleSet", "notch_of", "rating_label"]
