from django.urls import path

from securitisation.views import comparison, editor, hedges, papers, pools, runs, sizes, structures, tapes, taps

urlpatterns = [
    path("notes/", structures.structures, name="structures"),
    path("notes/new/", structures.structure_new, name="structure-new"),
    path("notes/compare/", comparison.structures_compare, name="structures-compare"),
    path("notes/<uuid:code>/", structures.structure, name="structure"),
    path("notes/<uuid:code>/edit/", editor.structure_edit, name="structure-edit"),
    path("notes/<uuid:code>/size/", sizes.structure_size, name="structure-size"),
    path("notes/<uuid:code>/hedges/", structures.structure_hedges, name="structure-hedges"),
    path("notes/<uuid:code>/series/", taps.structure_tap, name="structure-tap"),
    path("notes/<uuid:code>/changes/", structures.changes, name="structure-changes"),
    path("notes/<uuid:code>/run/", runs.run_new, name="notes-run-new"),
    path("notes/runs/<uuid:code>/", runs.run, name="notes-run"),
    path("notes/runs/<uuid:code>/hedges/", hedges.run_hedges, name="notes-hedges"),
    path("notes/runs/<uuid:code>/payments/", runs.payments, name="notes-payments"),
    path("notes/runs/<uuid:code>/waterfall.xlsx", runs.workbook, name="notes-workbook"),
    path("notes/runs/<uuid:code>/payments/report.pdf", papers.report_paper, name="notes-investor-paper"),
    path("notes/runs/<uuid:code>/payments/report.xlsx", papers.report_workbook, name="notes-investor-workbook"),
    path("notes/runs/<uuid:code>/papers/", papers.papers, name="notes-papers"),
    path("notes/packs/<uuid:code>/", papers.pack, name="notes-pack"),
    path("notes/packs/<uuid:code>/issue/", papers.pack_issue, name="notes-pack-issue"),
    path("notes/packs/<uuid:code>/withdraw/", papers.pack_withdraw, name="notes-pack-withdraw"),
    path("notes/packs/<uuid:code>/links/", papers.pack_link_make, name="notes-pack-link-make"),
    path("notes/packs/<uuid:code>/pack.zip", papers.pack_archive, name="notes-pack-archive"),
    path("notes/packs/<uuid:code>/files/<int:number>/", papers.pack_file, name="notes-pack-file"),
    path("notes/pools/<uuid:code>/", pools.pool, name="loan-pool"),
    path("notes/tapes/", tapes.tapes, name="loan-tapes"),
    path("notes/tapes/<uuid:code>/", tapes.tape, name="loan-tape"),
]
