"""Kinds of news about packs."""

PACK_READY = "pack_ready"
PACK_FAILED = "pack_failed"

LABELS = {PACK_READY: "Pack ready", PACK_FAILED: "Pack failed"}
