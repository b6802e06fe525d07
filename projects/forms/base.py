"""What both doors share: a title, the engine's fields, and the engine's problems told where they belong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from engine.basics.fields import FieldSpec
from engine.errors import Problem
from engine.project import ProjectInputs
from engine.project.inputs import Currency
from lib.figures import readers_format
from lib.text import has_unprintable
from projects import screen
from projects.forms.fields import FigureField, FormSection, Section, currency_of, field_name
from projects.models import TITLE_LENGTH, UNPRINTABLE_TITLE, Project
from projects.translate import FiguresSoFar, check_inputs, figures_so_far

LONGEST_TYPED = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be taken as it is: where it stands on the page, its name, and why."""

    field_id: str
    label: str
    sentence: str


class ProjectForm(forms.Form):
    """A project in the figures of one door.

    `sections()` for the page; after `is_valid()`: `payload` (also of a bad form: what a draft keeps), `inputs`,
    `warnings`, and `cleaned_data["title"]`, `cleaned_data["version"]`.
    """

    door: ClassVar[str]
    use_required_attribute = False
    title = forms.CharField(
        max_length=TITLE_LENGTH,
        error_messages={
            "required": "Title: expected a name for the project, got nothing.",
            "max_length": "Title: expected at most %(limit_value)d characters, got %(show_value)d.",
        },
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        project: Project | None = None,
        stored: Mapping[str, Any] | None = None,
        today: date | None = None,
        numbers: str | None = None,
    ) -> None:
        self.project = project
        self.numbers = numbers or readers_format()
        self.today = today or timezone.localdate()
        self.saved: dict[str, Any] = project.inputs if project else {}
        self.stored: dict[str, Any] = self.saved if stored is None else dict(stored)
        self.specs = self.specs_of(self.stored)
        self.payload: dict[str, Any] = {}
        self.values: dict[str, Any] = {}
        self.warnings: tuple[Problem, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self.inputs: ProjectInputs | None = None
        head = {"title": project.title, "version": project.version} if project else {}
        figures = {field_name(path): value for path, value in self.opening_values().items()}
        super().__init__(data, initial={**figures, **head})
        currencies = self._currencies()
        for path, spec in self.specs.items():
            self.fields[field_name(path)] = FigureField(spec, self.numbers, currencies.get(currency_of(spec), ""))

    def specs_of(self, stored: Mapping[str, Any]) -> dict[str, FieldSpec]:
        """The fields of this door by path, for a project that holds `stored`."""
        raise NotImplementedError

    def opening_values(self) -> dict[str, Any]:
        """What the fields show before anything is typed, by path."""
        raise NotImplementedError

    def make_payload(self, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """Inputs from the fields' values by path, and what is wrong with figures that only this door has."""
        raise NotImplementedError

    def path_of(self, place: str) -> str:
        """The path of the field where a problem at `place` is told."""
        return place

    def own_sections(self) -> Iterable[Section]:
        """The sections of this door, in the order a person fills them in."""
        raise NotImplementedError

    def sections(self) -> list[FormSection]:
        """The sections with the fields that this project has."""
        shown = {"title", *self.specs}
        return [
            FormSection(
                section.key,
                section.title,
                section.help,
                [self[field_name(name)] for name in section.names if name in shown],
            )
            for section in self.own_sections()
        ]

    def clean_title(self) -> str:
        title = str(self.cleaned_data["title"])
        if has_unprintable(title):
            raise forms.ValidationError(UNPRINTABLE_TITLE)
        return title

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        self.payload, own_problems = self.make_payload({path: cleaned.get(field_name(path)) for path in self.specs})
        checked = check_inputs(self.payload, today=self.today, previous=self.saved)
        for problem in (*own_problems, *(p for p in checked.problems if not self.is_repeated(p))):
            self._tell(problem)
        self.inputs, self.warnings, self.values = checked.inputs, checked.warnings, checked.values
        self.problems = (*own_problems, *checked.problems)
        self._tell_of_cuts()
        return cleaned

    def _tell_of_cuts(self) -> None:
        for name in self.fields:
            if len(str(self.data.get(self.add_prefix(name), ""))) > LONGEST_TYPED:
                label = self.fields[name].label or name.capitalize()
                self.add_error(
                    name,
                    f"{label}: expected at most {LONGEST_TYPED:,} characters. Only the first {LONGEST_TYPED:,} are kept; "
                    "the rest of what was typed is gone.",
                )

    def faults(self) -> list[Fault]:
        """The fields that cannot be taken as they are, in the order of the form, each with its first fault."""
        return [
            Fault(str(field.id_for_label), str(field.label), str(field.errors[0])) for field in self if field.errors
        ]

    def figures(self) -> FiguresSoFar | None:
        """What follows from the sound fields, typed or stored."""
        if self.is_bound:
            self.is_valid()
            return figures_so_far(self.values, self.problems)
        checked = check_inputs(self.stored, today=self.today, previous=self.saved)
        return figures_so_far(checked.values, checked.problems)

    def is_repeated(self, problem: Problem) -> bool:
        """True for a problem of the engine that a figure of this door has told already."""
        return False

    def _tell(self, problem: Problem) -> None:
        path = self.path_of(problem.place)
        spec = self.specs.get(path)
        if spec is None:
            self.add_error(None, problem.message)
            return
        name = field_name(path)
        field = self.fields[name]
        currency = field.currency if isinstance(field, FigureField) else ""
        typed = self.data.get(self.add_prefix(name), "")
        self.add_error(name, screen.sentence(spec, problem, typed, self.numbers, currency))

    def _currencies(self) -> dict[str, str]:
        """The codes that amounts are typed in, as far as the form says; a code that is none is told of elsewhere."""
        told = {name: str(self.data.get(self.add_prefix(name), "")) for name in ("currency", "capex_currency")}
        known = {name: code if code in set(Currency) else "" for name, code in told.items()}
        return {"project": known["currency"], "capex": known["capex_currency"] or known["currency"]}
