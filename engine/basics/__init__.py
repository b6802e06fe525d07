"""Fields, index paths and compounding shared by every other room of the engine."""
