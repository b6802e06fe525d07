"""The form of a project, and the two doors it is filled in through."""

from projects.forms.base import ProjectForm
from projects.forms.detailed import DetailedProjectForm
from projects.forms.fields import FigureField, Section, field_name
from projects.forms.quick import QuickProjectForm

__all__ = ["DetailedProjectForm", "FigureField", "ProjectForm", "QuickProjectForm", "Section", "field_name"]
