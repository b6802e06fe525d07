"""From fields and a template to a file's bytes, the same bytes for the same fields."""
