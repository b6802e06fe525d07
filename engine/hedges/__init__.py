"""Inflation swap strip and total return swap."""
