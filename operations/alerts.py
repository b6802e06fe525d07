"""When somebody should look: one table, from which the page, the API and Prometheus' rules take the same numbers.

`manage.py alert_rules` writes the rules; a test holds that deploy/prometheus has what it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GIBIBYTE = 1024**3
HEAD = """# What somebody should look at. Each rule leads to its section of docs/operations.md.
# Written by `manage.py alert_rules`, from operations/alerts.py: change the numbers there.
groups:
  - name: atlasnexus
    rules:
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """A measure beyond its limit for a while. `measure` names what the page knows itself; empty: only Prometheus does."""

    name: str
    query: str  # of Prometheus
    sign: str  # "<", ">" or "==": how the query stands to the limit when somebody should look
    limit: float
    minutes: int
    severity: str
    summary: str
    section: str  # of docs/operations.md
    measure: str = ""

    @property
    def section_title(self) -> str:
        """The section's heading."""
        return self.section.replace("-", " ").capitalize()

    def is_crossed(self, value: float | None) -> bool:
        """True where the value is beyond the limit; nothing known is beyond none."""
        if value is None:
            return False
        return {"<": value < self.limit, ">": value > self.limit, "==": value == self.limit}[self.sign]

    def rule(self) -> str:
        """The alert as Prometheus' rule."""
        return (
            f"      - alert: {self.name}\n"
            f"        expr: {self.query} {self.sign} {self.limit:.10g}\n"
            f"        for: {self.minutes}m\n"
            f"        labels: {{severity: {self.severity}}}\n"
            f"        annotations:\n"
            f"          summary: {self.summary}\n"
            f"          runbook: docs/operations.md#{self.section}\n"
        )


ALERTS = (
    Alert(
        "AtlasDown", 'up{job="atlasnexus"}', "==", 0, 1, "page", "The platform does not answer.", "the-platform-is-down"
    ),
    Alert(
        "AtlasErrors",
        'sum(rate(atlas_requests_total{status=~"5.."}[5m])) / sum(rate(atlas_requests_total[5m]))',
        *(">", 0.01, 5, "page", "More than 1% of answers are errors of ours.", "answers-are-errors"),
    ),
    Alert(
        "AtlasSlow",
        "histogram_quantile(0.95, sum by (le) (rate(atlas_request_seconds_bucket[5m])))",
        *(">", 2, 5, "warn", "One answer in twenty takes more than 2 seconds.", "answers-are-slow"),
    ),
    Alert(
        "AtlasCpuBusy",
        '1 - avg by (instance) (rate(node_cpu_seconds_total{job="node",mode="idle"}[5m]))',
        *(">", 0.8, 5, "warn", "The processors of {{ $labels.instance }} have been more than 80% busy for 5 minutes."),
        "answers-are-slow",
        "processor_ratio",
    ),
    Alert(
        "AtlasMemoryShort",
        '1 - node_memory_MemAvailable_bytes{job="node"} / node_memory_MemTotal_bytes{job="node"}',
        *(">", 0.85, 5, "warn", "More than 85% of the memory of {{ $labels.instance }} is in use.", "memory-is-short"),
        "memory_ratio",
    ),
    Alert(
        "AtlasQueueLong",
        "sum(atlas_queue_depth)",
        *(">", 10_000, 1, "warn", "More than 10,000 entries wait in the queues.", "jobs-wait", "queue_depth"),
    ),
    Alert("AtlasNoWorkers", "atlas_workers", "==", 0, 2, "page", "No worker lives.", "jobs-wait", "workers"),
    Alert(
        "AtlasWorkerSilent",
        "atlas_oldest_heartbeat_seconds",
        *(">", 60, 2, "warn"),
        "A part of a job has had no sign of life for over a minute, and nobody has taken it over.",
        "jobs-wait",
        "oldest_heartbeat_seconds",
    ),
    Alert(
        "AtlasWatcherSilent",
        "time() - atlas_watcher_looked_timestamp_seconds",
        *(">", 300, 1, "page", "The watcher has looked at nothing for five minutes.", "jobs-wait"),
        "watcher_seconds",
    ),
    Alert(
        "AtlasOddPerson",
        "increase(atlas_odd_people_total[1h])",
        *(">", 0, 1, "warn", "Somebody was refused unusually often within an hour.", "somebody-is-refused-often"),
    ),
    Alert(
        "AtlasDiskShort",
        "atlas_disk_free_bytes",
        *("<", 2 * GIBIBYTE, 5, "page"),
        "Less than 2 GB are free where the data folder is; below 256 MB nothing is written.",
        "the-disk-is-nearly-full",
        "disk_free_bytes",
    ),
    Alert(
        "AtlasMailsWait",
        "atlas_mails_waiting",
        *(">", 0, 30, "warn", "Mails have not been sent for half an hour.", "mails-do-not-leave", "mails_overdue"),
    ),
    Alert(
        "AtlasBackupOld",
        "time() - atlas_newest_backup_timestamp_seconds",
        *(">", 8 * 3600, 5, "page", "The newest backup is older than eight hours; one is due every six."),
        "the-backup-is-old",
        "backup_seconds",
    ),
)


def limit_of(measure: str) -> float:
    """The limit of a measure."""
    return next(each.limit for each in ALERTS if each.measure == measure)


def crossed(values: Mapping[str, float | None]) -> list[Alert]:
    """The alerts whose measure is beyond its limit now, however long it has been so."""
    return [each for each in ALERTS if each.measure and each.is_crossed(values.get(each.measure))]


def rules_text() -> str:
    """Prometheus' file of rules."""
    return HEAD + "".join(each.rule() for each in ALERTS)
