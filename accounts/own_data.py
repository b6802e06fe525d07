"""What the platform holds of a person, as one archive: each kind of row as JSON and as CSV."""

import csv
import json
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import User
from lib import personal
from lib.text import safe_cell

ABOUT = """\
What this platform held of {person} ({email}) on {when} (UTC).

Each kind of row is here twice, as JSON and as CSV: all rows that are yours, and those that name you; `named_in` says by
which fields. Passwords, secrets of one-time passwords and texts of tokens are not among them: the platform keeps none of
them in a form that could be read, or gives them to nobody. Contents of files are taken away where they are: on the pages
of projects, packs and tapes. Lines of the audit trail stay for good; what stays of other rows when an account is erased is
in the platform's documentation (privacy).

{files}
"""


def archive_of(person: User) -> tuple[IO[bytes], dict[str, int]]:
    """The archive as an open file at its beginning, and how many rows of each kind it holds."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    counts: dict[str, int] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for holding in personal.holdings():
            rows = holding.rows(person)
            if (first := next(rows, None)) is not None:
                counts[holding.name] = _json_file(archive, holding.name, chain([first], rows))
                _csv_file(archive, holding, person)
        archive.writestr("README.txt", _about(person, counts))
    file.seek(0)
    return file, counts


def _json_file(archive: ZipFile, name: str, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with archive.open(f"{name}.json", "w") as raw, TextIOWrapper(raw, "utf-8") as file:
        file.write("[")
        for row in rows:
            file.write(",\n" if count else "\n")
            json.dump(row, file, cls=DjangoJSONEncoder, ensure_ascii=False)
            count += 1
        file.write("\n]\n")
    return count


def _csv_file(archive: ZipFile, holding: personal.Holding, person: User) -> None:
    columns = [*holding.fields, "named_in"] if holding.by else holding.fields
    with archive.open(f"{holding.name}.csv", "w") as raw, TextIOWrapper(raw, "utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(columns)
        lines.writerows([_cell(row.get(column)) for column in columns] for row in holding.rows(person))


def _cell(value: Any) -> Any:
    is_nested = isinstance(value, dict | list)
    return safe_cell(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False) if is_nested else value)


def _about(person: User, counts: dict[str, int]) -> str:
    lines = [f"{name}: {count}" for name, count in sorted(counts.items())]
    return ABOUT.format(
        person=person, email=person.email, when=f"{timezone.now():%Y-%m-%d %H:%M}", files="\n".join(lines)
    )
