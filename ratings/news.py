"""Kinds of news about rating rules."""

RULE_SET_WAITING = "rule_set_waiting"
RULE_SET_DECIDED = "rule_set_decided"

LABELS = {RULE_SET_WAITING: "Rule set to approve", RULE_SET_DECIDED: "Rule set decided"}
FOR_ADMINISTRATORS = (RULE_SET_WAITING,)
