from django.urls import include, path

from projects.views import arrange, asset_class, compare, detail, drafts, form, history, lifecycle, review
from projects.views import list as shelf

urlpatterns = [
    path("", include("projects.file_urls")),
    path("projects/", shelf.projects_list, name="projects-list"),
    path("projects/arrange/", arrange.arrange, name="projects-arrange"),
    path("projects/new/", form.project_new, name="project-new"),
    path("projects/figures/", form.project_figures, name="project-figures"),
    path("projects/draft/", drafts.project_draft, name="project-draft"),
    path("projects/drafts/<uuid:code>/discard/", drafts.draft_discard, name="draft-discard"),
    path("projects/<uuid:code>/", detail.project_detail, name="project-detail"),
    path("projects/<uuid:code>/submit/", review.project_submit, name="project-submit"),
    path("submissions/<uuid:code>/", review.submission_detail, name="submission-detail"),
    path("submissions/<uuid:code>/withdraw/", review.submission_withdraw, name="submission-withdraw"),
    path("submissions/<uuid:code>/comment/", review.submission_comment, name="submission-comment"),
    path("comments/<uuid:code>/settle/", review.comment_settle, name="submission-comment-settle"),
    path("projects/<uuid:code>/history/", history.project_history, name="project-history"),
    path("projects/<uuid:code>/saved/<int:number>/", history.project_saved, name="project-saved"),
    path("projects/<uuid:code>/edit/", form.project_edit, name="project-edit"),
    path("projects/<uuid:code>/draft/", drafts.project_draft_state, name="project-draft-state"),
    path("projects/<uuid:code>/asset-class/", asset_class.project_asset_class, name="project-asset-class"),
    path("projects/<uuid:code>/move/", arrange.project_move, name="project-move"),
    path("projects/<uuid:code>/compare/", compare.project_compare, name="project-compare"),
    path("projects/<uuid:code>/duplicate/", lifecycle.project_duplicate, name="project-duplicate"),
    *(
        path(f"projects/<uuid:code>/{change}/", lifecycle.project_status, {"change": change}, name=f"project-{change}")
        for change in lifecycle.CHANGES
    ),
    path("series/new/", arrange.series_new, name="series-new"),
    path("series/<uuid:code>/rename/", arrange.series_rename, name="series-rename"),
    path("series/<uuid:code>/delete/", arrange.series_delete, name="series-delete"),
    path("series/<uuid:code>/move/", arrange.series_move, name="series-move"),
]
