"""What workers do of a strategy: one module a task."""
