import json
from typing import Any

from django.core.management.base import BaseCommand

from ratings.market import FILE as MARKET_FILE
from ratings.market import market_document
from ratings.paths import DATA
from ratings.repo_seeding import FILE, repo_document
from ratings.seeding import seed_documents


class Command(BaseCommand):
    help = "Writes ratings/data/*.json again from ratings/reference."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, document in {**seed_documents(), FILE: repo_document(), MARKET_FILE: market_document()}.items():
            text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
            (DATA / name).write_text(f"{text}\n")
            self.stdout.write(f"ratings/data/{name}")
