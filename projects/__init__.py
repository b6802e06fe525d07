"""Projects: what a sponsor enters, the snapshots runs are computed from, and who may see them."""
