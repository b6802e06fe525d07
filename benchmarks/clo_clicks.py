"""How long a hypothetical trade takes at the page: `python benchmarks/clo_clicks.py`.

A hundred clicks on *Add and try* on the demo deal of 200 assets, in a data folder that is gone afterwards: each is the post,
the redirect it answers with, and the page with every test before and after. The basket grows by a trade a click.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

CLICKS = 100
AIM_SECONDS = 0.3


def main() -> None:
    """Prints the median and the 95th percentile, by the clock and of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ATLASNEXUS_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "atlasnexus.settings"}
        clock, processor = click_seconds()
    for name, seconds in (("by the clock", clock), ("processor time", processor)):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        print(f"A trade tried at the page, {name}: p50 {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * p95:.0f} ms, "
              f"aim {1000 * AIM_SECONDS:.0f} ms ({len(seconds)} clicks)")  # fmt: skip


def click_seconds() -> tuple[list[float], list[float]]:
    """Seconds of each click, by the clock and of this process, after one that is not counted."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from accounts.models import Role, User
    from portfolios.access import MANAGER
    from portfolios.demo import ensure_demo_deal
    from portfolios.models import Basket
    from portfolios.queries import latest_pool
    from portfolios.services.baskets import make_basket

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    person = User.objects.create_user(
        "manager@example.com", full_name="Mona Manager", role=Role.INTERNAL, further_roles=[MANAGER], is_approved=True
    )
    deal = ensure_demo_deal(person)
    pool = latest_pool(deal)
    assert pool is not None
    rows = pool.content["assets"]
    basket = make_basket(by=person, deal=deal, name="Clicks")
    client = Client()
    client.force_login(person)
    at = reverse("clo-basket", args=[basket.code])
    clock, processor = [], []
    for click in range(CLICKS + 1):
        side, row = ("sell", "buy")[click % 2], rows[click // 2]
        typed = {"do": "add", "side": side, "asset": row["blkrockid"], "par": "1,000", "price": "99.5"}
        began, used = time.perf_counter(), time.process_time()
        page = client.post(at, typed, follow=True, secure=True)
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
        assert b"Every test before and after" in page.content, page.redirect_chain
        if not click:  # the first loads templates and caches
            Basket.objects.filter(pk=basket.pk).update(trades=[])
    assert len(Basket.objects.get(pk=basket.pk).trades) == CLICKS
    return clock[1:], processor[1:]


if __name__ == "__main__":
    main()
