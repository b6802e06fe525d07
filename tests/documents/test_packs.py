"""A pack from the asking to the archive: made, made again, issued for good, superseded."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry, User
from documents import kinds, making, translate
from documents.archive import MANIFEST, SIGNATURE
from documents.errors import DocumentError
from documents.facts import PackFacts
from documents.kinds.kind import DocumentKind
from documents.models import DocumentState, Pack, PackDocument, PackStatus
from documents.news import PACK_FAILED, PACK_READY
from documents.sending import archive_of
from documents.services.issue_pack import issue_pack
from documents.services.regenerate_document import regenerate_document
from documents.services.retry_pack import retry_pack
from documents.services.withdraw_pack import withdraw_pack
from jobs.models import JobState, PartState
from jobs.work import work
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from lib.storage import content_of
from permutations.models import Run
from tests import world
from tests.documents.conftest import worked
from tests.financings.cast import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few")]
Ask = Callable[..., Pack]


def hashes(pack: Pack) -> dict[str, str]:
    return dict(pack.documents.values_list("filename", "content_hash"))


def test_a_draft_has_every_document_and_its_maker_is_told(draft: Pack, admin: User) -> None:
    rows = list(draft.documents.all())
    assert draft.state == JobState.DONE
    assert [row.state for row in rows] == [DocumentState.DONE] * len(rows)
    for row in rows:
        content = content_of(row.content_hash)
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (row.content_hash, row.size_bytes)
    told = admin.notifications.filter(kind=PACK_READY).get()
    assert draft.financing.project.title in told.title


def test_the_same_pack_asked_for_twice_is_one(draft: Pack, ask: Ask) -> None:
    assert ask() == draft
    assert ask(close_date=date(2027, 2, 28)) != draft


def test_another_pack_of_the_same_terms_has_the_same_bytes(draft: Pack, ask: Ask, admin: User) -> None:
    first = archive_of(draft)
    withdraw_pack(by=admin, pack=draft)
    again = worked(ask())
    assert again != draft
    assert archive_of(again) == first


def test_the_archive_is_what_its_manifest_says(issued: Pack, tiny: Run) -> None:
    content = archive_of(issued)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        said = json.loads(archive.read(MANIFEST))
        names = archive.namelist()
        for each in said["files"]:
            held = archive.read(each["file"])
            assert (hashlib.sha256(held).hexdigest(), len(held)) == (each["sha256"], each["size_bytes"])
        assert names == [*(each["file"] for each in said["files"]), MANIFEST, SIGNATURE]
        assert hashlib.sha256(archive.read(MANIFEST)).hexdigest() == issued.manifest_hash
    assert said["pack"]["number"] == issued.number
    assert said["run"] == {
        "code": str(tiny.code),
        "permutation": tiny.summary["best"]["index"],
        "finished_at": said["run"]["finished_at"],
    }
    assert said["snapshot"]["sha256"] == issued.financing.snapshot.content_hash
    assert said["financing"] == {"code": str(issued.financing.code), "sha256": issued.financing.content_hash}


def test_what_cannot_be_documented_is_refused(
    ask: Ask, tiny: Run, requested: Callable[..., Run], sponsor: User, other_sponsor: User
) -> None:
    with pytest.raises(Forbidden, match="administrators"):
        ask(by=sponsor)
    with pytest.raises(NotFound):
        ask(by=other_sponsor)
    with pytest.raises(NotFound, match="did not evaluate"):
        ask(financing=opened(tiny, 10**9))
    with pytest.raises(Invalid, match="No part of this run is finished"):
        ask(financing=opened(requested(), 0))
    with pytest.raises(Invalid, match="Expected a close between"):
        ask(close_date=date(1999, 12, 31))
    with pytest.raises(Invalid, match="organisation that sends"):
        ask(organisation=" ")


def test_a_lost_worker_costs_only_what_it_was_making(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second worker makes what is not made, and nothing else."""
    pack = ask()

    class Killed(BaseException):
        """The end of a process, which no handler sees."""

    kept = kinds.KINDS[-1]

    def killed(*_: object) -> bytes:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(making, "kind_of", lambda code: replace(kinds.kind_of(code), write=killed) if code == kept.code else kinds.kind_of(code))  # fmt: skip
        with pytest.raises(Killed):
            work(pack.code, "gone")
    before = {row.code: row.content_hash for row in pack.documents.filter(state=DocumentState.DONE)}
    assert pack.documents.filter(state=DocumentState.WORKING).count() == 1
    pack.parts.update(state=PartState.PENDING, claimed_by="")
    calls: list[str] = []

    def counted(code: str) -> DocumentKind:
        calls.append(code)
        return kinds.kind_of(code)

    monkeypatch.setattr(making, "kind_of", counted)
    pack = worked(pack)
    assert len(calls) == pack.documents.count() - len(before)
    assert {code: PackDocument.objects.get(code=code).content_hash for code in before} == before


def worked_without(broken: str, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """The pack worked on while one kind of document cannot be made."""

    def refuse(*_: object) -> bytes:
        raise DocumentError("The chart has no figures.")

    with monkeypatch.context() as patch:
        patch.setattr(making, "kind_of", lambda code: replace(kinds.kind_of(code), write=refuse) if code == broken else kinds.kind_of(code))  # fmt: skip
        return worked(pack)


def test_one_failure_keeps_the_others_and_says_why(ask: Ask, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = kinds.KINDS[-1].code
    pack = worked_without(broken, ask(), monkeypatch)
    assert pack.state == JobState.DONE
    failed = pack.documents.filter(state=DocumentState.FAILED)
    assert {(row.kind, row.error) for row in failed} == {(broken, "The chart has no figures.")}
    assert not pack.documents.exclude(kind=broken).exclude(state=DocumentState.DONE).exists()
    assert failed[0].title in admin.notifications.get(kind=PACK_FAILED).body
    with pytest.raises(Invalid, match="still missing"):
        issue_pack(by=admin, pack=pack)
    pack = worked(retry_pack(by=admin, pack=pack, enqueue=False))
    assert not pack.documents.exclude(state=DocumentState.DONE).exists()


def test_one_document_is_made_again_and_comes_out_the_same(draft: Pack, admin: User) -> None:
    before, row = hashes(draft), draft.documents.get(position=0)
    regenerate_document(by=admin, document=row, enqueue=False)
    with pytest.raises(Invalid, match="is being made"):
        regenerate_document(by=admin, document=row, enqueue=False)
    assert hashes(worked(draft)) == before


def test_figures_of_another_engine_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    pack, real = ask(), translate.pack_facts

    def other_figures(*args: Any) -> PackFacts:
        facts = real(*args)
        return replace(facts, row={**facts.row, "day_one_value": facts.row["day_one_value"] * 1.01})

    monkeypatch.setattr(making, "pack_facts", other_figures)
    work(pack.code)
    pack = Pack.objects.get(id=pack.pk)
    assert pack.state == JobState.FAILED
    assert "run the project again" in pack.error


def test_an_issue_gives_a_number_and_fixes_everything(issued: Pack, sponsor: User) -> None:
    assert issued.status == PackStatus.ISSUED
    assert issued.number.endswith("-0001")
    assert len(issued.manifest_hash) == 64
    assert (AuditEntry.objects.get(action="pack.issued").after or {})["number"] == issued.number
    assert issued.number in sponsor.notifications.get(kind=PACK_READY).title
    row = issued.documents.get(position=0)
    for change in (
        lambda: Pack.objects.filter(id=issued.pk).update(confidentiality="Public"),
        lambda: Pack.objects.filter(id=issued.pk)._raw_delete("default"),
        lambda: PackDocument.objects.filter(pk=row.pk).update(content_hash="0" * 64),
        lambda: PackDocument.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            change()
    with pytest.raises(AppendOnlyError):
        issued.delete()


def test_an_issued_pack_is_neither_remade_nor_withdrawn(issued: Pack, admin: User) -> None:
    with pytest.raises(Invalid, match="stay as they are"):
        regenerate_document(by=admin, document=issued.documents.get(position=0))
    with pytest.raises(Invalid, match="Expected a draft"):
        withdraw_pack(by=admin, pack=issued)
    with pytest.raises(Invalid, match="stay as they are"):
        issue_pack(by=admin, pack=issued)


def test_numbers_follow_without_a_gap_and_the_newer_supersedes(issued: Pack, ask: Ask, admin: User) -> None:
    other = worked(ask(close_date=world.coming(6)))
    third = worked(ask(close_date=world.coming(9)))
    asked = issue_pack(by=admin, pack=other, enqueue=False)
    with pytest.raises(Invalid, match="is being issued"):
        issue_pack(by=admin, pack=third)
    assert Pack.objects.get(id=issued.pk).successor is None
    later = worked(asked)
    assert (later.supersedes, later.number[-4:]) == (issued, "0002")
    earlier = Pack.objects.get(id=issued.pk)
    assert (earlier.successor, earlier.standing) == (later, "superseded")
    assert worked(issue_pack(by=admin, pack=third, enqueue=False)).number[-4:] == "0003"


def test_an_issue_that_cannot_be_made_is_withdrawn_and_frees_the_next(
    issued: Pack, ask: Ask, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = issue_pack(by=admin, pack=worked(ask(close_date=world.coming(6))), enqueue=False)
    with pytest.raises(Invalid, match="Expected a draft or an issue that failed"):
        withdraw_pack(by=admin, pack=stuck)
    stuck = worked_without(kinds.KINDS[-1].code, stuck, monkeypatch)
    assert (stuck.status, stuck.is_withdrawable) == (PackStatus.ISSUING, True)
    withdrawn = withdraw_pack(by=admin, pack=stuck)
    assert (withdrawn.status, withdrawn.number[-4:]) == (PackStatus.WITHDRAWN, "0002")
    third = worked(issue_pack(by=admin, pack=worked(ask(close_date=world.coming(9))), enqueue=False))
    assert (third.status, third.number[-4:], third.supersedes) == (PackStatus.ISSUED, "0003", issued)


def test_a_pack_is_named_by_what_it_is_about(draft: Pack) -> None:
    """Its code is nowhere in its name: lists, links and the administration show the name."""
    assert str(draft) == f"Pack: {draft.title} (draft)"
    assert draft.financing.project.title in str(draft)
    draft.number = "AN-2026-0007"
    assert str(draft).startswith("AN-2026-0007: ")
