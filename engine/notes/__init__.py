"""Securitised notes: a pool, its behaviour, the notes it pays, and what each payment was for."""
