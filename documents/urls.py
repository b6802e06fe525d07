from django.urls import path

from documents import views

urlpatterns = [
    path("financings/<uuid:code>/model.xlsx", views.live_model, name="live-model"),
    path("financings/<uuid:code>/pack/", views.pack_new, name="pack-new"),
    path("runs/<uuid:code>/pack/", views.run_pack, name="run-pack"),
    path("packs/", views.packs_list, name="packs-list"),
    path("packs/<uuid:code>/", views.pack, name="pack"),
    path("packs/<uuid:code>/pack.zip", views.pack_archive, name="pack-archive"),
    path("packs/<uuid:code>/manifest.json", views.pack_manifest_file, name="pack-manifest"),
    path("packs/<uuid:code>/retry/", views.pack_retry, name="pack-retry"),
    path("packs/<uuid:code>/issue/", views.pack_issue, name="pack-issue"),
    path("packs/<uuid:code>/withdraw/", views.pack_withdraw, name="pack-withdraw"),
    path("packs/<uuid:code>/links/", views.pack_link_make, name="pack-link-make"),
    path("pack-links/<uuid:code>/revoke/", views.pack_link_revoke, name="pack-link-revoke"),
    path("documents/<uuid:code>/", views.document, name="document"),
    path("documents/<uuid:code>/file/", views.document_file, name="document-file"),
    path("documents/<uuid:code>/view/", views.document_view, name="document-view"),
    path("documents/<uuid:code>/again/", views.document_again, name="document-again"),
    path("signing-keys.pem", views.signing_keys, name="signing-keys"),
    path("document-templates/", views.templates, name="document-templates"),
    path("document-templates/<slug:kind>/file/", views.template_file, name="document-template-file"),
    path("document-templates/<slug:kind>/replace/", views.template_replace, name="document-template-replace"),
    path("document-templates/<slug:kind>/restore/", views.template_restore, name="document-template-restore"),
    path("shared/<str:code>/", views.pack_shared, name="pack-shared"),
    path("shared/<str:code>/pack.zip", views.pack_shared_archive, name="pack-shared-archive"),
    path("shared/<str:code>/<slug:document>/", views.pack_shared_file, name="pack-shared-file"),
]
