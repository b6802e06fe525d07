"""Version 1: a module for each room."""
