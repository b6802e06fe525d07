"""Templates that a user may replace: they see plain fields, and reach nothing else."""

from __future__ import annotations

from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from atlasnexus.lib import figures


def template_environment() -> ImmutableSandboxedEnvironment:
    """Jinja in a sandbox: every field is escaped, a field that does not exist is an error, figures are filters."""
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    environment.filters.update({name: getattr(figures, name) for name in figures.__all__})
    return environment


def filled(template: str, fields: dict[str, Any]) -> str:
    """The template with the fields in it; raises jinja2.TemplateError for a template that asks for what is not there."""
    return template_environment().from_string(template).render(fields)
