"""What can be done with reconciliation, one verb a file."""
