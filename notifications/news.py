"""Kinds of news about accounts."""

ACCOUNT_WAITING = "account_waiting"
ACCOUNT_APPROVED = "account_approved"

LABELS = {ACCOUNT_WAITING: "Registration to decide", ACCOUNT_APPROVED: "Account approved"}
FOR_ADMINISTRATORS = (ACCOUNT_WAITING,)
