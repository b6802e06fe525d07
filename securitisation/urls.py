from django.urls import path

from securitisation.views import editor, pools, runs, structures, tapes, taps

urlpatterns = [
    path("notes/", structures.structures, name="structures"),
    path("notes/new/", structures.structure_new, name="structure-new"),
    path("notes/<uuid:code>/", structures.structure, name="structure"),
    path("notes/<uuid:code>/edit/", editor.structure_edit, name="structure-edit"),
    path("notes/<uuid:code>/hedges/", structures.structure_hedges, name="structure-hedges"),
    path("notes/<uuid:code>/series/", taps.structure_tap, name="structure-tap"),
    path("notes/<uuid:code>/changes/", structures.changes, name="structure-changes"),
    path("notes/<uuid:code>/run/", runs.run_new, name="notes-run-new"),
    path("notes/runs/<uuid:code>/", runs.run, name="notes-run"),
    path("notes/runs/<uuid:code>/payments/", runs.payments, name="notes-payments"),
    path("notes/runs/<uuid:code>/waterfall.xlsx", runs.workbook, name="notes-workbook"),
    path("notes/pools/<uuid:code>/", pools.pool, name="loan-pool"),
    path("notes/tapes/", tapes.tapes, name="loan-tapes"),
    path("notes/tapes/<uuid:code>/", tapes.tape, name="loan-tape"),
]
