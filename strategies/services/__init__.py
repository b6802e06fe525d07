"""The verbs of the room: each takes `by=`, checks access, saves, writes the trail, in one transaction."""
