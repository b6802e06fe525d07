"""Kinds of news about accounts."""

ACCOUNT_WAITING = "account_waiting"
ACCOUNT_APPROVED = "account_approved"
ENDS_SOON = "token_ends"

LABELS = {
    ACCOUNT_WAITING: "Registration to decide",
    ACCOUNT_APPROVED: "Account approved",
    ENDS_SOON: "Token that ends soon",
}
FOR_ADMINISTRATORS = (ACCOUNT_WAITING,)
