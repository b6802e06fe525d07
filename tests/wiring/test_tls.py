"""What `check --deploy` says of servers on other machines that are spoken to in the clear, or could be anybody."""

from typing import Any

import pytest

from atlasnexus.tls import servers_under_tls

POSTGRESQL = "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, set()),
        ({"REDIS_URL": "redis://127.0.0.1:6379/0"}, set()),
        ({"REDIS_URL": "redis://cache.example:6379/0"}, {"atlas.W001"}),
        ({"REDIS_URL": "rediss://cache.example:6379/0"}, set()),
        ({"REDIS_URL": "rediss://cache.example:6379/0?ssl_cert_reqs=none"}, {"atlas.W005"}),
        ({"REDIS_URL": "redis://cache.example:6379/0", "ATLASNEXUS_PLAIN_HOSTS": ["cache.example"]}, set()),
        ({"DATABASES": {"default": {"ENGINE": POSTGRESQL, "HOST": "rows.example"}}}, {"atlas.W002"}),
        ({"DATABASES": {"default": {"ENGINE": POSTGRESQL, "HOST": "/run/postgresql"}}}, set()),
        (
            {"DATABASES": {"default": {"ENGINE": POSTGRESQL, "HOST": "rows.example", "OPTIONS": {"sslmode": "verify-full"}}}},
            set(),
        ),
        (
            {"DATABASES": {"default": {"ENGINE": POSTGRESQL, "HOST": "rows.example", "OPTIONS": {"sslmode": "require"}}}},
            {"atlas.W006"},
        ),
        ({"ATLASNEXUS_FILES_URL": "s3://files/atlas?endpoint=http://files.example:9000"}, {"atlas.W003"}),
        ({"ATLASNEXUS_FILES_URL": "s3://files/atlas?endpoint=http://127.0.0.1:9000"}, set()),
        ({"ATLASNEXUS_FILES_URL": "s3://files/atlas?endpoint=https://files.example"}, set()),
        ({"ATLASNEXUS_FILES_URL": "s3://files/atlas"}, set()),
        ({"ATLASNEXUS_FILES_URL": "mongodb+srv://files.example/atlas"}, set()),
        ({"ATLASNEXUS_FILES_URL": "mongodb+srv://files.example/atlas?tls=false"}, {"atlas.W003"}),
        ({"ATLASNEXUS_FILES_URL": "mongodb://files.example/atlas?tls=true&tlsInsecure=true"}, {"atlas.W007"}),
        ({"ATLASNEXUS_FILES_URL": "mongodb://files.example/atlas"}, {"atlas.W003"}),
        ({"ATLASNEXUS_FILES_URL": "mongodb://files.example/atlas?tls=true"}, set()),
        ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "mail.example"}, {"atlas.W004"}),
        (
            {
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "EMAIL_HOST": "mail.example",
                "EMAIL_USE_TLS": True,
            },
            set(),
        ),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_server_of_another_machine_is_warned_of_without_tls_or_certificate(
    changed: dict[str, Any], codes: set[str], settings: Any
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    for name, value in changed.items():
        setattr(settings, name, value)
    assert {each.id for each in servers_under_tls(None)} == codes
