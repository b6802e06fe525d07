"""Versioned data: its tables, its life from draft to retired, exchange, pages and second approval; knows no room."""
