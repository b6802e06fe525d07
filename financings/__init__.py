"""The room of one financing: what it is named by, its page, its stress, simulations, evidence and compliance report."""
