"""Wiring only: settings, URLs, servers, health, template filters."""

VERSION = "0.1.0"
