"""Downloads of one financing."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from documents.live_model import write_live_model
from documents.translate import model_source
from financings.access import get_financing
from financings.evaluation import Evaluation
from financings.models import Financing
from lib.errors import NotFound

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@require_safe
def live_model(request: PersonRequest, code: UUID) -> HttpResponse:
    """One financing as a workbook that computes."""
    return live_model_of(get_financing(request.user, code))


def live_model_of(financing: Financing) -> HttpResponse:
    """The workbook; NotFound where no debt can be sized."""
    source = model_source(Evaluation(financing))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.xlsx"
        try:
            write_live_model(path, source)
        except ArithmeticError:
            raise NotFound(f"{financing} raises no debt, so there is nothing to model.") from None
        content = path.read_bytes()
    name = f"{slugify(financing.project.title)[:60] or 'project'}-model-{financing.content_hash[:8]}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
