"""What packs add to the house."""

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.models import Role
from documents import finding, news, panels
from documents.making import register_kind
from documents.models import DocumentTemplate, Pack, PackLink
from documents.shared_packs import register_packs
from lib import navigation, personal, slots
from lib.finding import find_by
from lib.panels import show
from notifications import kinds

WORDS = {
    "pack.cancelled": "Pack cancelled",
    "pack.document_made_again": "Pack document made again",
    "pack.issue_asked": "Pack issue asked",
    "pack.issued": "Pack issued",
    "pack.requested": "Pack requested",
    "pack.retried": "Pack retried",
    "pack.withdrawn": "Pack withdrawn",
    "pack_link.made": "Pack link made",
    "pack_link.opened": "Pack link opened",
    "pack_link.revoked": "Pack link revoked",
    "template.replaced": "Template replaced",
    "template.restored": "Template restored",
}


def join() -> None:
    """The room's lines, panels, fragments, words, and what it holds of people, are known from now on."""
    find_by("Packs", finding.packs, 40)
    kinds.declare(news.LABELS)
    audit.declare(WORDS)
    personal.hold(Pack, by=("requested_by", "issued_by"), also=("issued_at",))
    personal.hold(DocumentTemplate, also=("filename", "content_hash"))
    personal.hold(PackLink)
    personal.mention(PackLink, "recipient")
    register_kind()
    register_packs()
    show_at("documents.Pack", "pack")
    navigation.add(navigation.Entry("packs", "Packs", "packs-list", 30))
    for role in (Role.SPONSOR, Role.INTERNAL, Role.ADMIN):
        show(panels.packs_to_issue if role == Role.ADMIN else panels.issued_packs, (role,), 40)
    slots.fill("run.actions", "documents/fragments/run_actions.html")
    slots.fill("financing.actions", "documents/fragments/financing_actions.html")
    slots.fill("project.body", "documents/fragments/packs_slot.html", order=20)
