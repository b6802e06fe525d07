import json
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engine.reconciliation.margin import Margin, margin_change


class Command(BaseCommand):
    help = "Explains a margin call's change: two JSON files of components (amounts) and positions (lots by contract)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prior", type=Path)
        parser.add_argument("current", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        found = margin_change(_margin(options["prior"]), _margin(options["current"]))
        share = "" if found.change_ratio is None else f" ({found.change_ratio:+.4%})"
        self.stdout.write(f"Change {found.delta:+,}{share}, {'significant' if found.is_significant else 'small'}")
        for name, amount in found.by_component.items():
            self.stdout.write(f"  {name:<24} {amount:>+16,}")
        self.stdout.write(f"Driver: {found.driver}")


def _margin(path: Path) -> Margin:
    try:
        said = json.loads(path.read_text(), parse_float=Decimal, parse_int=Decimal)
        return Margin(dict(said["components"]), dict(said.get("positions", {})))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path}: expected an object with components and positions: {error}") from error
