"""The API: one thin module a room over the same verbs that pages call."""
