"""Files kept with a project: what may come in, what is refused and why, who sees it, how it goes out."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, NotFound, UnreadableFile
from lib.storage import content_storage, open_content, path_of
from projects.attachments.access import get_attachment, kept_attachments
from projects.attachments.models import Attachment
from projects.attachments.names import LONGEST_NAME, clean_name
from projects.models import Project
from projects.services import archive_project, attach_file, create_project, delete_attachment
from tests.projects.cast import sound_inputs
from tests.projects.workbooks import sound_workbook, with_parts

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8 " + bytes(20)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(60)

SignedIn = Callable[[User], Client]


def archive(**parts: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def office(main_part: str) -> bytes:
    types = f'<Types><Override PartName="/m.xml" ContentType="application/vnd.openxmlformats-officedocument.{main_part}"/></Types>'
    return with_parts(archive(x=b"x"), {"[Content_Types].xml": types.encode(), "m.xml": b"<m/>"})


def related(kind: str, target: str, *, external: bool = False, spelled: str = "") -> bytes:
    """A Word document whose text refers to another part, or to something elsewhere."""
    address = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{spelled or kind}"
    mode = ' TargetMode="External"' if external else ""
    relations = f'<Relationships><Relationship Id="r1" Type="{address}" Target="{target}"{mode}/></Relationships>'
    return with_parts(DOCX, {"word/_rels/document.xml.rels": relations.encode(), "word/code.bin": b"x"})


DOCX, PPTX = office("wordprocessingml.document.main+xml"), office("presentationml.presentation.main+xml")


@pytest.fixture
def project(sponsor: User) -> Project:
    """Sofia's."""
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def attach(project: Project, name: str, content: bytes) -> Attachment:
    return attach_file(by=project.owner, project=project, name=name, stream=BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpg", JPG, "image/jpeg"),
        ("a.webp", WEBP, "image/webp"),
        ("a.csv", "Jahr;Größe\n2029;1,5\n".encode("cp1252"), "text/csv; charset=utf-8"),
        ("a.txt", "Grüße, 世界\n".encode(), "text/plain; charset=utf-8"),
        ("a.txt", "Grüße".encode("utf-16"), "text/plain; charset=utf-8"),
        ("a.zip", archive(a=b"a"), "application/zip"),
        (
            "a.docx",
            related("hyperlink", "https://bank.example", external=True),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.pptx", PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.xlsx", sound_workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_may_come_in(project: Project, name: str, content: bytes, content_type: str) -> None:
    kept = attach(project, name, content)
    assert (kept.content_type, kept.size_bytes) == (content_type, len(content))
    with open_content(kept.content_hash) as stream:
        assert stream.read() == content
    entry = AuditEntry.objects.get(action="attachment.added")
    assert entry.after is not None
    assert (entry.actor, entry.after["content_hash"]) == (project.owner, kept.content_hash)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", EXE, "Expected one of pdf, docx"),
        ("a", PDF, "a name without an ending"),
        ("a.svg", b"<svg/>", "got .svg"),
        ("a.html", b"<p>", "got .html"),
        ("a.pdf", EXE, "Expected a PDF document by its name; its content is"),
        ("a.pdf", b"<html><script>alert(1)</script>", "Expected a PDF document by its name"),
        ("a.png", JPG, "Expected a PNG picture by its name; its content is that of a file .j"),
        ("a.docx", PPTX, "Expected a Word document by its name"),
        ("a.docx", archive(a=b"a"), "Expected a Word document by its name"),
        ("a.xlsx", office("spreadsheetml.sheet.macroEnabled.main+xml"), "contains macros"),
        ("a.docx", with_parts(DOCX, {"word/vbaProject.bin": b"x"}), "contains macros"),
        ("a.docx", related("vbaProject", "code.bin"), "contains macros"),
        ("a.docx", related("vbaProject", "code.bin", spelled="&#118;baProject"), "contains macros"),
        ("a.docx", related("oleObject", "embeddings/sheet.bin"), "object or a control of another program"),
        ("a.docx", related("control", "activeX1.xml"), "object or a control of another program"),
        ("a.docx", related("attachedTemplate", "https://elsewhere.example/t.dotm", external=True), "from elsewhere"),
        ("a.docx", with_parts(DOCX, {"word/_rels/document.xml.rels": b"<Relationships"}), "damaged"),
        ("a.txt", EXE, "Expected text by its name"),
        ("a.csv", b"\xff\xfe\x00\xd8", "Expected text by its name"),
        ("a.zip", archive(a=b"a")[:40], "damaged"),
        ("a.zip", archive(bomb=bytes(40_000_000)), "Unpacked, it would be too large"),
        ("a.txt", b"", "It is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_is_refused(project: Project, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        attach(project, name, content)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Windows\\lease.pdf", "lease.pdf"),
        ("lease\u202efdp.exe", "leasefdp.exe"),
        ("a\x00b\nc.pdf", "ab c.pdf"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ("nul.tar.zip", "_nul.tar.zip"),
        ("...", "file"),
        ("", "file"),
        (".pdf", "file.pdf"),
        ('a<b>"c|d?.pdf', "a_b__c_d_.pdf"),
        ("x" * 300 + ".pdf", "x" * (LONGEST_NAME - 4) + ".pdf"),
        ("Gr\u0075\u0308ße.pdf", "Gr\u00fcße.pdf"),
        ("lease.pdf.", "lease.pdf"),
    ],
)
def test_names_are_made_safe(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean
    assert clean_name(clean) == clean


def test_the_same_content_lies_there_once(project: Project) -> None:
    first, second = attach(project, "a.pdf", PDF), attach(project, "b.pdf", PDF)
    assert first.content_hash == second.content_hash
    folder = path_of(first.content_hash).rpartition("/")[0]
    assert content_storage().listdir(folder)[1] == [first.content_hash]


def test_limits_are_told(project: Project, settings: LazySettings) -> None:
    settings.ATLASNEXUS_ATTACHMENT_MB = 1
    with pytest.raises(UnreadableFile, match=r"Expected at most 1 MB a file, got 1\.1 MB"):
        attach(project, "a.txt", b"a" * 1_150_000)
    settings.ATLASNEXUS_ATTACHMENTS_COUNT = 1
    attach(project, "a.txt", b"a")
    with pytest.raises(UnreadableFile, match="at most 1 files"):
        attach(project, "b.txt", b"b")
    settings.ATLASNEXUS_ATTACHMENTS_COUNT, settings.ATLASNEXUS_ATTACHMENTS_MB = 9, 0
    with pytest.raises(UnreadableFile, match="at most 0 MB"):
        attach(project, "b.txt", b"b")


def test_types_are_a_setting(project: Project, settings: LazySettings) -> None:
    settings.ATLASNEXUS_ATTACHMENT_TYPES = ["pdf"]
    with pytest.raises(UnreadableFile, match=r"Expected one of pdf, got \.txt"):
        attach(project, "a.txt", b"a")


def test_who_may(project: Project, other_sponsor: User, internal: User, admin: User) -> None:
    kept = attach(project, "a.txt", b"a")
    assert get_attachment(internal, kept.code) == kept
    with pytest.raises(NotFound):
        get_attachment(other_sponsor, kept.code)
    for stranger, refusal in ((other_sponsor, NotFound), (internal, Forbidden)):
        with pytest.raises(refusal):
            attach_file(by=stranger, project=project, name="b.txt", stream=BytesIO(b"b"))
        with pytest.raises(refusal):
            delete_attachment(by=stranger, attachment=kept)
    delete_attachment(by=admin, attachment=kept)
    with pytest.raises(NotFound):
        get_attachment(admin, kept.code)


def test_deleting_hides_and_is_audited(sponsor: User, project: Project) -> None:
    kept = attach(project, "a.txt", b"a")
    delete_attachment(by=sponsor, attachment=kept)
    kept.refresh_from_db()
    assert kept.deleted_by == sponsor
    assert not kept_attachments(project).exists()
    assert AuditEntry.objects.filter(action="attachment.deleted", target_code=kept.code).exists()
    with open_content(kept.content_hash) as stream:
        assert stream.read() == b"a"
    with pytest.raises(NotFound):
        delete_attachment(by=sponsor, attachment=kept)


def test_an_archived_project_takes_no_files(sponsor: User, project: Project) -> None:
    archive_project(by=sponsor, project=project)
    with pytest.raises(Forbidden):
        attach(project, "a.txt", b"a")


def test_a_download_is_saved_and_never_run(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    kept = attach(project, 'quote"; filename=evil.txt', b"<script>alert(1)</script>")
    response = signed_in(sponsor).get(reverse("attachment-download", args=[kept.code]))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    headers = response.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, no-store"


def test_the_web_server_serves_no_content(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    kept = attach(project, "a.txt", b"secret")
    client = signed_in(sponsor)
    for path in (f"/static/{path_of(kept.content_hash)}", f"/static/../attachments/{path_of(kept.content_hash)}"):
        assert client.get(path).status_code == 404


def test_many_files_at_once_each_by_itself(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", EXE), SimpleUploadedFile("c.txt", b"c")]
    response = client.post(reverse("attachment-add", args=[project.code]), {"files": files})
    assert response.status_code == 422
    text = response.content.decode()
    assert "Expected a PDF document by its name" in text
    assert sorted(each.name for each in kept_attachments(project)) == ["a.pdf", "c.txt"]
    response = client.post(
        reverse("attachment-add", args=[project.code]), {"files": files[2:]}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert b"<html" not in response.content


def test_no_file_chosen_says_so(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    response = signed_in(sponsor).post(reverse("attachment-add", args=[project.code]))
    assert response.status_code == 422
    assert b"No file was chosen" in response.content


def test_content_that_is_gone_is_a_clear_404(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    kept = attach(project, "a.txt", b"to be lost")
    content_storage().delete(path_of(kept.content_hash))
    response = signed_in(sponsor).get(reverse("attachment-download", args=[kept.code]))
    assert response.status_code == 404
    assert b"missing in the storage" in response.content
