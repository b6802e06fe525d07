from django.urls import path

from portfolios.models import LimitSet
from portfolios.views import bulk, deals, imports, notes, payments, pool, reports, risk, trades
from records.urls import version_urls

urlpatterns = [
    *version_urls(LimitSet, "clo/limits/"),
    path("clo/", deals.deals, name="clo-deals"),
    path("clo/<uuid:code>/", deals.deal, name="clo-deal"),
    path("clo/<uuid:code>/tests/<int:number>/", deals.test, name="clo-test"),
    path("clo/<uuid:code>/pool/", pool.pool, name="clo-pool"),
    path("clo/<uuid:code>/pool/edit/", bulk.bulk, name="clo-bulk"),
    path("clo/<uuid:code>/pool/export/", pool.pool_export, name="clo-pool-export"),
    path("clo/<uuid:code>/pool/<int:row>/", pool.asset, name="clo-asset"),
    path("clo/<uuid:code>/tapes/", imports.imports, name="clo-imports"),
    path("clo/tapes/<uuid:code>/", imports.tape_import, name="clo-import"),
    path("clo/<uuid:code>/trades/", trades.baskets, name="clo-baskets"),
    path("clo/<uuid:code>/notes/", notes.notes, name="clo-notes"),
    path("clo/trades/<uuid:code>/", trades.basket, name="clo-basket"),
    path("clo/trades/<uuid:code>/candidates/", trades.candidates, name="clo-candidates"),
    path("clo/<uuid:code>/payment/", payments.next_date, name="clo-payment-next"),
    path("clo/payments/<uuid:code>/", payments.payment, name="clo-payment"),
    path("clo/<uuid:code>/scenarios/", payments.scenarios, name="clo-scenarios"),
    path("clo/scenarios/<uuid:code>/", payments.scenario, name="clo-scenario"),
    path("clo/<uuid:code>/risk/", risk.risk, name="clo-risk"),
    path("clo/simulations/<uuid:code>/", risk.simulation, name="clo-simulation"),
    path("clo/<uuid:code>/report.xlsx", reports.report, {"form": "xlsx"}, name="clo-report"),
    path("clo/<uuid:code>/report.pdf", reports.report, {"form": "pdf"}, name="clo-paper"),
    path("clo/<uuid:code>/reports/", reports.saved_reports, name="clo-saved-reports"),
    path("clo/reports/<uuid:code>/", reports.saved_report, name="clo-saved-report"),
    path("clo/reports/<uuid:code>.xlsx", reports.saved_file, {"form": "xlsx"}, name="clo-saved-workbook"),
    path("clo/reports/<uuid:code>.pdf", reports.saved_file, {"form": "pdf"}, name="clo-saved-paper"),
    path("clo/<uuid:code>/trustee/", reports.trustee_files, name="clo-trustees"),
    path("clo/trustee/<uuid:code>/", reports.trustee_file, name="clo-trustee"),
]
