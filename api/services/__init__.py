"""Verbs of the API's own rows, one a file."""
