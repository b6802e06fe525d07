"""Pages of projects, one module a page."""
