"""The monthly priority of payments."""
