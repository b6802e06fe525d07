from django.urls import path

from reconciliation.models import MappingTemplate, ReconciliationTerms
from reconciliation.views import breaks, causes, deliveries, documents, files, overview, packs, recipients, runs, setup
from records.urls import version_urls

urlpatterns = [
    *version_urls(MappingTemplate, "reconciliation/mappings/"),
    *version_urls(ReconciliationTerms, "reconciliation/terms/"),
    path("reconciliation/", overview.overview, name="recon"),
    path("reconciliation/files/", files.files, name="recon-files"),
    path("reconciliation/files/<uuid:code>/", files.file, name="recon-file"),
    path("reconciliation/files/<uuid:code>/content/", files.file_content, name="recon-file-content"),
    path("reconciliation/files/<uuid:code>/document/", documents.document, name="recon-document"),
    path("reconciliation/files/<uuid:code>/pages/<int:number>.png", documents.page_image, name="recon-page"),
    path("reconciliation/sources/", setup.sources, name="recon-sources"),
    path("reconciliation/sources/<uuid:code>/", setup.source, name="recon-source"),
    path("reconciliation/sources/<uuid:code>/channel/", setup.source_channel, name="recon-source-channel"),
    path("reconciliation/definitions/", setup.definitions, name="recon-definitions"),
    path("reconciliation/runs/new/", runs.run_new, name="recon-run-new"),
    path("reconciliation/runs/<uuid:code>/", runs.run, name="recon-run"),
    path("reconciliation/runs/<uuid:code>/groups/<int:number>/", runs.group, name="recon-group"),
    path("reconciliation/runs/<uuid:code>/export/<slug:kind>/", runs.run_export, name="recon-export"),
    path("reconciliation/decisions/<uuid:code>/take-back/", runs.decision_take_back, name="recon-decision-back"),
    path("reconciliation/breaks/", breaks.breaks, name="recon-breaks"),
    path("reconciliation/breaks/act/", breaks.breaks_act, name="recon-breaks-act"),
    path("reconciliation/packs/", packs.packs, name="recon-packs"),
    path("reconciliation/packs/new/", packs.pack_new, name="recon-pack-new"),
    path("reconciliation/packs/<uuid:code>/", packs.pack, name="recon-pack"),
    path("reconciliation/packs/<uuid:code>/content/", packs.pack_content, name="recon-pack-content"),
    path("reconciliation/deliveries/", deliveries.deliveries, name="recon-deliveries"),
    path("reconciliation/deliveries/<uuid:code>/", deliveries.delivery, name="recon-delivery"),
    path("reconciliation/deliveries/<uuid:code>/act/", deliveries.delivery_act, name="recon-delivery-act"),
    path(
        "reconciliation/deliveries/tries/<uuid:code>/content/",
        deliveries.delivery_content,
        name="recon-delivery-content",
    ),
    path("reconciliation/recipients/", recipients.recipients, name="recon-recipients"),
    path("reconciliation/recipients/<uuid:code>/end/", recipients.recipient_end, name="recon-recipient-end"),
    path("reconciliation/causes/", causes.causes, name="recon-causes"),
    path("reconciliation/breaks/<uuid:code>/", breaks.break_detail, name="recon-break"),
]
