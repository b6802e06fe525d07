"""Checks the ZIP of a pack against its own manifest."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.signatures import keys_in
from documents.verification import Verdict, check_pack

PUBLISHED = "/signing-keys.pem"


class Command(BaseCommand):
    """Needs no database: whoever holds a pack can check it with this platform's code."""

    help = "Compares every file of a pack's ZIP with the manifest in it. Exits with 1 where something differs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", type=Path, help="The ZIP of a pack.")
        parser.add_argument(
            "--keys",
            type=Path,
            help=f"The portal's public keys, from its {PUBLISHED}: the signature must be by one of them.",
        )
        parser.add_argument("--manifest-sha256", default="", help="What the manifest's own SHA-256 is to be.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = check_pack(options["pack"].read_bytes(), options["manifest_sha256"])
            keys = keys_in(options["keys"].read_bytes()) if options["keys"] else []
        except OSError as error:
            raise CommandError(f"{error.filename}: cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{options['keys']}: {error}.") from error
        for line in found.lines:
            self.stdout.write(line)
        problems = [*found.problems, *_unknown(found, keys)]
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(_authentic(found, keys, options["manifest_sha256"]))
        self.stdout.write(f"The pack is what its manifest says. Manifest SHA-256 {found.manifest_sha256}")


def _unknown(found: Verdict, keys: list[str]) -> Iterator[str]:
    """What is wrong with the signature, given the keys that one is to be by."""
    if keys and not found.signer:
        yield "Not authenticated: no signature, so anybody may have made it. Drafts are not signed."
    elif keys and found.signer not in keys:
        yield f"Not authenticated: signed by {found.signer}, which is none of the keys given."


def _authentic(found: Verdict, keys: list[str], manifest_sha256: str) -> str:
    """Whether it is beyond doubt whose the pack is."""
    if keys:
        return f"Signed    by {found.signer}, a key of those given"
    if manifest_sha256:
        return "Manifest  of the hash given"
    if found.signer:
        return (
            f"Not authenticated: signed by {found.signer}; give --keys with what the portal publishes at {PUBLISHED}."
        )
    return "Not authenticated: no signature. Drafts are not signed."
