"""Two books compared: records of trades, positions and cash paired first and compared second, and what differs.

Records in, verdicts out; who received them and in which format is the room's business.
"""
