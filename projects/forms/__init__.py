"""The form of a project, and the doors it is filled in through."""

from projects.forms.fields import FigureField, Section, field_name
from projects.forms.quick import QuickProjectForm

__all__ = ["FigureField", "QuickProjectForm", "Section", "field_name"]
