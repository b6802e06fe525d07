"""What monitoring reads: requests as they are counted by every web process, and how jobs, workers and stores stand now."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable
from shutil import disk_usage

import django_rq
from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from redis import RedisError

from accounts.addresses import client_address
from api.models import Delivery, DeliveryState
from atlasnexus.backup import newest_backup_at
from jobs.models import Job, Part, PartState
from jobs.queue import living_workers
from jobs.watching import RECOVERY, looks
from notifications.models import Notification

LOOPBACK = {"127.0.0.1", "::1"}
REQUESTS = Counter("atlas_requests", "Requests answered.", ("view", "method", "status"))
SECONDS = Histogram(
    "atlas_request_seconds", "How long answers took.", ("view",), buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
)


def count_request(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    """Nothing; the answer is counted under the name of its view: addresses would be without end, and tell of things."""
    match = request.resolver_match
    view = (match.view_name if match else "") or "none"
    REQUESTS.labels(view, request.method, response.status_code).inc()
    SECONDS.labels(view).observe(time.perf_counter() - began)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text form, for this machine and for holders of ATLASNEXUS_METRICS_TOKEN."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    MultiProcessCollector(registry, settings.ATLASNEXUS_METRICS_DIR)  # type: ignore[no-untyped-call]
    registry.register(Standing())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Standing:
    """Jobs, workers, queues and stores as they stand when asked."""

    def collect(self) -> Iterable[Metric]:
        """Each metric with its values; one that cannot be had is left out."""
        for measure in (_jobs, _parts, _waiting, _queues, _disk, _backup, _watcher):
            try:
                yield from measure()
            except (RedisError, OSError):
                continue


def _jobs() -> Iterable[Metric]:
    found = GaugeMetricFamily("atlas_jobs", "Jobs by kind and state.", labels=("kind", "state"))
    for kind, state, count in Job.objects.order_by().values_list("kind", "state").annotate(Count("pk")):
        found.add_metric([kind, state], count)
    yield found


def _parts() -> Iterable[Metric]:
    found = GaugeMetricFamily("atlas_parts", "Parts of jobs by state.", labels=("state",))
    for state, count in Part.objects.order_by().values_list("state").annotate(Count("pk")):
        found.add_metric([state], count)
    yield found
    oldest = Part.objects.filter(state=PartState.CLAIMED).aggregate(at=Min("heartbeat_at"))["at"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    yield GaugeMetricFamily(
        "atlas_oldest_heartbeat_seconds", "Age of the oldest sign of life of a worker at a part.", age
    )


def _waiting() -> Iterable[Metric]:
    mails = Notification.objects.filter(mail_due_at__isnull=False, sent_at=None).count()
    yield GaugeMetricFamily("atlas_mails_waiting", "Mails that are not sent.", mails)
    deliveries = Delivery.objects.filter(state=DeliveryState.WAITING).count()
    yield GaugeMetricFamily("atlas_webhooks_waiting", "Deliveries that did not arrive yet.", deliveries)


def _queues() -> Iterable[Metric]:
    found = GaugeMetricFamily("atlas_queue_depth", "Entries that wait in a queue.", labels=("queue",))
    for name in settings.RQ_QUEUES:
        found.add_metric([name], django_rq.get_queue(name).count)
    yield found
    yield GaugeMetricFamily(
        "atlas_workers", "Workers that live.", len(living_workers(django_rq.get_connection("default")))
    )


def _disk() -> Iterable[Metric]:
    free = disk_usage(settings.ATLASNEXUS_DATA_DIR).free
    yield GaugeMetricFamily("atlas_disk_free_bytes", "Room left where the data folder is.", free)


def _backup() -> Iterable[Metric]:
    """Nothing while no folder is named for backups or none was made yet: there is no time to tell."""
    made_at = newest_backup_at()
    if made_at is not None:
        yield GaugeMetricFamily("atlas_newest_backup_timestamp_seconds", "When the newest backup was made.", made_at)


def _watcher() -> Iterable[Metric]:
    looked_at = next((each.looked_at for each in looks() if each.name == RECOVERY), None)
    if looked_at is not None:
        yield GaugeMetricFamily(
            "atlas_watcher_looked_timestamp_seconds", "When the watcher last looked after jobs.", looked_at.timestamp()
        )


def _may_read(request: HttpRequest) -> bool:
    token = settings.ATLASNEXUS_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return client_address(request) in LOOPBACK or bool(token and hmac.compare_digest(given.encode(), token.encode()))
