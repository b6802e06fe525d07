"""Pages of packs: made, followed, read, issued, sent; their templates; the live model."""

from documents.views.files import (
    document,
    document_file,
    document_view,
    pack_archive,
    pack_manifest_file,
    signing_keys,
)
from documents.views.issuing import pack_issue, pack_withdraw
from documents.views.links import pack_link_make, pack_link_revoke, pack_shared, pack_shared_archive, pack_shared_file
from documents.views.listing import packs_list
from documents.views.live_model import live_model
from documents.views.packs import document_again, pack, pack_new, pack_retry, run_pack
from documents.views.templates import template_file, template_replace, template_restore, templates

__all__ = [
    "document",
    "document_again",
    "document_file",
    "document_view",
    "live_model",
    "pack",
    "pack_archive",
    "pack_issue",
    "pack_link_make",
    "pack_link_revoke",
    "pack_manifest_file",
    "pack_new",
    "pack_retry",
    "pack_shared",
    "pack_shared_archive",
    "pack_shared_file",
    "pack_withdraw",
    "packs_list",
    "run_pack",
    "signing_keys",
    "template_file",
    "template_replace",
    "template_restore",
    "templates",
]
