"""Pages of CLO deals."""
