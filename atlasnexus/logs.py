"""Logs: one line an event on standard error, plain for people or JSON for machines."""

import logging
from typing import Any, Literal

import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, style: Literal["plain", "json"]) -> dict[str, Any]:
    """Django's LOGGING; structlog's own events take the same way out."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _last_steps(style),
                "foreign_pre_chain": SHARED,
            }
        },
        "filters": {"routes": {"()": "atlasnexus.logs.RouteForAddress"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            "django.request": {"filters": ["routes"]},
            "django.security.csrf": {"filters": ["routes"]},
            # Its news is on the audit trail.
            "axes": {"level": "ERROR"},
            # What a channel did is told once, by the channel.
            "paramiko": {"level": "WARNING"},
        },
    }


class RouteForAddress(logging.Filter):
    """Writes the pattern where Django would write the address: some addresses open what they name."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            match = request.resolver_match
            route = f"/{match.route}" if match else "an address of no page"
            record.args = tuple(route if each == request.path else each for each in record.args)
        return True


def _last_steps(style: str) -> list[Processor]:
    bare = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "json":
        return [bare, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    return [bare, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
