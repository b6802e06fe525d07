"""Kinds of news about runs."""

RUN_FINISHED = "run_finished"
RUN_FAILED = "run_failed"

LABELS = {RUN_FINISHED: "Run finished", RUN_FAILED: "Run failed"}
