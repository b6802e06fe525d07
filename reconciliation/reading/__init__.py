"""Files from outside, read into records or refused with place and code; no rows, no network."""
