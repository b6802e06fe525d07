"""Sizing, schedules and construction interest of senior and mezzanine debt."""
