"""Systematic strategies: panels, signals, portfolios, backtests, limits. Arrays in, arrays out."""
