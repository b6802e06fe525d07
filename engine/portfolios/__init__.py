"""Collateral pools of a CLO: assets, tests, coverage, payments, defaults. Amounts that are paid are Decimals."""
