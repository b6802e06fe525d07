"""Wiring only: settings, URLs, servers, health, template filters."""

import gc

VERSION = "0.1.0"

# The start makes a million objects that stay: to look for rubbish at every 700th takes a fifth of it.
gc.set_threshold(50_000, 10, 10)
