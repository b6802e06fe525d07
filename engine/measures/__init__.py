"""Returns, coverage and average life."""
