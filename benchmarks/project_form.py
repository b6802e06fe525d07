"""How long the server takes for the figures of the detailed form as one types: `python benchmarks/project_form.py`."""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")

import django

django.setup()

from django.template.loader import render_to_string  # noqa: E402
from django.utils import timezone  # noqa: E402

from projects.demo import demo_document  # noqa: E402
from projects.forms.doors import DETAILED, filled, opened, typed_in  # noqa: E402
from projects.models import Project  # noqa: E402
from projects.views.form_page import figures_context  # noqa: E402

ROUNDS = 60
FRAGMENT = "projects/fragments/derived_figures.html"


def main() -> None:
    """Prints the median and the slowest twentieth of a round: fields read, figures derived, fragment written."""
    project = Project(title="Demo", inputs=demo_document(timezone.localdate())["inputs"])
    form = opened(DETAILED, project)
    typed = typed_in({name: str(form[name].value() or "") for name in form.fields})
    seconds = [round_seconds(typed, project) for _ in range(ROUNDS)]
    late = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"Figures of the detailed form: median {1000 * statistics.median(seconds):.0f} ms, 95% within {1000 * late:.0f} ms"
    )


def round_seconds(typed: dict[str, str], project: Project) -> float:
    """Seconds of processor time for one answer."""
    began = time.process_time()
    render_to_string(FRAGMENT, {**figures_context(filled(DETAILED, typed, project)), "is_swap": True})
    return time.process_time() - began


if __name__ == "__main__":
    main()
