"""Downloads of one permutation."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from documents.live_model import write_live_model
from documents.translate import model_source
from lib.errors import NotFound
from permutations.access import get_run

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@require_safe
def live_model(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """One permutation as a workbook that computes; NotFound where no debt can be sized."""
    run = get_run(request.user, code)
    source = model_source(run, index)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.xlsx"
        try:
            write_live_model(path, source)
        except ArithmeticError:
            raise NotFound(f"Permutation {index:,} raises no debt, so there is nothing to model.") from None
        content = path.read_bytes()
    name = f"model-{str(run.code)[:8]}-{index}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
