"""Verbs of financings, one a file."""
