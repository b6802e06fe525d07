"""Starts what the platform is made of, keeps it running, and leaves nothing behind."""
