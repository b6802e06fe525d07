"""Settings: safe on an empty machine, every default replaceable from the environment (docs/operations.md)."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from atlasnexus import logs
from lib.cores import usable_cores
from lib.datadir import ensure_data_dir, redis_socket, secret_key, signing_key
from lib.file_storages import private_storage
from lib.kernel_cache import kernel_cache_dir

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))

# Storage
ATLASNEXUS_DATA_DIR = ensure_data_dir(Path(env.str("ATLASNEXUS_DATA_DIR", default=str(BASE_DIR / ".var"))))
os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_cache_dir(ATLASNEXUS_DATA_DIR)))
# Its list of fonts: a service's home may be read-only.
os.environ.setdefault("MPLCONFIGDIR", str(ATLASNEXUS_DATA_DIR / "matplotlib"))

# Safety
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(ATLASNEXUS_DATA_DIR)
ATLASNEXUS_SIGNING_KEY = env.str("ATLASNEXUS_SIGNING_KEY", default="") or signing_key(ATLASNEXUS_DATA_DIR)
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("ATLASNEXUS_HTTPS", default=False)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("ATLASNEXUS_HSTS_SECONDS", default=3600) if HTTPS else 0
# Subdomains and browsers' preload lists are for the owner of the whole domain to decide, at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
ATLASNEXUS_BEHIND_PROXY = env.bool("ATLASNEXUS_BEHIND_PROXY", default=False)
if ATLASNEXUS_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from within, without TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    # By its name a browser takes it from this host alone, by TLS and for all its addresses.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_FAILURE_VIEW = "atlasnexus.errors.csrf_failure"
# Everything from this host. Charts and heat maps set style attributes; style sheets and scripts are files only.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

INSTALLED_APPS = [
    "atlasnexus.apps.AtlasAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "axes",
    "jobs",
    "notifications",
    "tables",
    "projects",
    "records",
    "ratings",
    "financings",
    "reconciliation",
    "permutations",
    "documents",
    "portfolios",
    "securitisation",
    "strategies",
    "operations",
    "rest_framework",
    "drf_spectacular",
    "api",
    "atlasnexus.apps.PlatformConfig",
]

MIDDLEWARE = [
    "atlasnexus.middleware.RequestLogMiddleware",
    "atlasnexus.middleware.LegibleAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "atlasnexus.middleware.ContentSecurityPolicyMiddleware",
    "accounts.origin.origin_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "atlasnexus.middleware.CompressedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "atlasnexus.middleware.PreferencesMiddleware",
    "accounts.middleware.OneTimePasswordMiddleware",
    "atlasnexus.forms_once.FormOnceMiddleware",
    "atlasnexus.middleware.AtlasErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "atlasnexus.urls"
ASGI_APPLICATION = "atlasnexus.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "notifications.context.bell",
            ],
            "libraries": {
                "figures": "atlasnexus.templatetags.figures",
                "house": "atlasnexus.templatetags.house",
            },
        },
    }
]

# Rows
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{ATLASNEXUS_DATA_DIR}/atlasnexus.sqlite3")}
# Opening a connection costs more than most pages ask of it.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A writer takes its lock at once and waits for others instead of failing half way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queues and progress. RESP 2 is fixed: replies have another shape in RESP 3.
REDIS_URL = env.str("REDIS_URL", default="") or f"unix://{redis_socket(ATLASNEXUS_DATA_DIR)}"
REDIS_PROTOCOL = 2
if "protocol=" not in REDIS_URL:
    REDIS_URL += f"{'&' if '?' in REDIS_URL else '?'}protocol={REDIS_PROTOCOL}"
# Entries are JSON: whoever reaches Redis puts in no program.
_queue = {
    "URL": REDIS_URL,
    "SERIALIZER": "rq.serializers.JSONSerializer",
    "DEFAULT_TIMEOUT": 24 * 60 * 60,
    "DEFAULT_RESULT_TTL": 60 * 60,
}
# A worker takes from each queue in turn: no kind of job keeps the others waiting.
RQ_QUEUES = {"default": _queue, "tasks": _queue, "packs": _queue, "runs": _queue}
RQ = {"COMMIT_MODE": "on_db_commit", "WORKER_CLASS": "atlasnexus.worker.WarmWorker"}
# Python answers one request at a time on each; more than a few wait for the database only.
ATLASNEXUS_WEB_PROCESSES = max(1, env.int("ATLASNEXUS_WEB_PROCESSES", default=min(usable_cores(), 4)))
ATLASNEXUS_WORKERS = max(1, env.int("ATLASNEXUS_WORKERS", default=usable_cores()))
ATLASNEXUS_WORKER_NICENESS = min(max(env.int("ATLASNEXUS_WORKER_NICENESS", default=5), 0), 19)
# A folder whose subfolders are sources of reconciliation; none by default.
ATLASNEXUS_WATCHED_FOLDER = env.str("ATLASNEXUS_WATCHED_FOLDER", default="")
ATLASNEXUS_OUTGOING_FOLDER = env.str("ATLASNEXUS_OUTGOING_FOLDER", default="")
# Of channels: a folder with the passwords and keys of theirs, and nothing else; hosts of the own network they may lead to.
ATLASNEXUS_SECRETS_FOLDER = env.str("ATLASNEXUS_SECRETS_FOLDER", default="")
ATLASNEXUS_CHANNEL_HOSTS = env.list("ATLASNEXUS_CHANNEL_HOSTS", default=[])
ATLASNEXUS_RUN_BUDGET = env.int("ATLASNEXUS_RUN_BUDGET", default=2_000_000)
ATLASNEXUS_STALE_SECONDS = env.int("ATLASNEXUS_STALE_SECONDS", default=20)
ATLASNEXUS_DUCKDB_MEMORY = env.str("ATLASNEXUS_DUCKDB_MEMORY", default="512MB")
ATLASNEXUS_DUCKDB_THREADS = env.int("ATLASNEXUS_DUCKDB_THREADS", default=2)
# What somebody waits for: how long a query over results may take, how many one web process answers at once.
ATLASNEXUS_QUERY_SECONDS = env.float("ATLASNEXUS_QUERY_SECONDS", default=10.0)
ATLASNEXUS_QUERIES_AT_ONCE = env.int("ATLASNEXUS_QUERIES_AT_ONCE", default=2)
# Workbooks and Parquet files that one web process makes at the same time.
ATLASNEXUS_EXPORTS_AT_ONCE = env.int("ATLASNEXUS_EXPORTS_AT_ONCE", default=2)
# CSV and Arrow that it sends row by row at the same time.
ATLASNEXUS_STREAMS_AT_ONCE = env.int("ATLASNEXUS_STREAMS_AT_ONCE", default=4)

# The API. Without a project's own defaults nothing of Django REST framework opens.
ATLASNEXUS_API_REQUESTS_A_MINUTE = env.int("ATLASNEXUS_API_REQUESTS_A_MINUTE", default=600)
# Hosts of the own network that webhooks may lead to; every other must be reachable by everybody, by HTTPS.
ATLASNEXUS_WEBHOOK_HOSTS = env.list("ATLASNEXUS_WEBHOOK_HOSTS", default=[])
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_SCHEMA_CLASS": "api.schema.RoomSchema",
    "EXCEPTION_HANDLER": "api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Atlas Nexus",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobState": "jobs.models.JobState",
        "OrganisationRole": "accounts.models.OrganisationRole",
        "ProjectStatus": "projects.models.Status",
        "SubmissionStatus": "projects.models.SubmissionStatus",
        "VersionStatus": "records.models.Status",
        "PackStatus": "documents.models.PackStatus",
        "DocumentState": "documents.models.DocumentState",
        "EvidenceState": "financings.models.EvidenceState",
        "ChannelKind": "reconciliation.models.ChannelKind",
        "KindEnum": "strategies.models.DatasetKind",
        "ExportFormat": "reconciliation.models.ExportFormat",
        "FormatEnum": "reconciliation.models.Format",
        "Encryption": "reconciliation.models.Encryption",
        "WhatEnum": "reconciliation.models.What",
        "Delivered": "reconciliation.models.Delivered",
        "DeliveryWay": "reconciliation.models.Way",
        "BreakState": "reconciliation.models.BreakState",
        "ReceivedFileState": "reconciliation.models.FileState",
        "RoleEnum": "accounts.models.Role",
        "SourceRole": "reconciliation.models.Role",
        "StrategyState": "strategies.models.State",
        "PanelImportState": "strategies.models.ImportState",
        "TapeState": "portfolios.models.ImportState",
        "BasketState": "portfolios.models.BasketState",
        "PoolPurpose": "portfolios.models.Purpose",
        "FilePurpose": "projects.attachments.models.Purpose",
    },
}

# E-mail: files in the data folder until a server is named. Mails link to the site by its public address.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail:")
EMAIL_CONFIG["EMAIL_FILE_PATH"] = EMAIL_CONFIG.get("EMAIL_FILE_PATH") or str(ATLASNEXUS_DATA_DIR / "mail")
globals().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="Atlas Nexus <noreply@localhost>")
ATLASNEXUS_URL_IS_GIVEN = "ATLASNEXUS_URL" in os.environ
ATLASNEXUS_URL = env.str("ATLASNEXUS_URL", default=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}")

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.ApprovedUserBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ATLASNEXUS_ADMIN_OTP = env.str("ATLASNEXUS_ADMIN_OTP", default="required")
if ATLASNEXUS_ADMIN_OTP not in {"required", "optional"}:
    raise ImproperlyConfigured(f"ATLASNEXUS_ADMIN_OTP is required or optional, not {ATLASNEXUS_ADMIN_OTP!r}")

# Registration, sign-in, passwords (django-allauth)
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.NewEmailForm",
    "change_password": "accounts.forms.NewPasswordForm",
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordForm",
    "signup": "accounts.forms.RegistrationForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.adapters.OneTimePasswordAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.forms.EnrolForm",
    "authenticate": "accounts.forms.OneTimeCodeForm",
    "reauthenticate": "accounts.forms.ConfirmCodeForm",
    "add_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
    "authenticate_webauthn": "accounts.forms.PasskeySecondStepForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "accounts.forms.ConfirmPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Atlas Nexus"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
# Nobody without a confirmed e-mail has a session; an e-mail being changed must not stand in the way.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_ADAPTER = "accounts.adapters.SessionsAdapter"

# Lock-out of those who guess (django-axes)
ATLASNEXUS_FAILURES_BY_ACCOUNT = 5  # from one address: who guesses elsewhere keeps nobody out
ATLASNEXUS_FAILURES_BY_ADDRESS = 20
ATLASNEXUS_FAILURES_BY_ACCOUNT_ANYWHERE = 100
AXES_HANDLER = "accounts.lockout.Handler"
AXES_FAILURE_LIMIT = ATLASNEXUS_FAILURES_BY_ACCOUNT
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.lockout.respond"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Counters of rate limits and used one-time codes. In the database: seen by every web process, without Redis too. Nobody may
# push them out by asking much: the sweep of `atlasnexus.counters` takes what has expired, not the limit here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# Language and time
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "atlasnexus.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = ensure_data_dir(ATLASNEXUS_DATA_DIR / "static")
WHITENOISE_USE_FINDERS = DEBUG
# Where files lie that people bring or take: the data folder, or a MongoDB database by its URL (GridFS).
ATLASNEXUS_FILES_URL = env.str("ATLASNEXUS_FILES_URL", default="")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(ATLASNEXUS_DATA_DIR)},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "atlasnexus.static_files.NamedOnceStorage"
    },
    # Served by views that check access, never by the web server: outside the static files.
    "attachments": private_storage("attachments", ATLASNEXUS_FILES_URL, ATLASNEXUS_DATA_DIR),
    "documents": private_storage("documents", ATLASNEXUS_FILES_URL, ATLASNEXUS_DATA_DIR),
}
if ATLASNEXUS_FILES_URL:
    # Workers read and write the runs' files on their own disks; what is finished is kept there too.
    STORAGES["runs"] = private_storage("runs", ATLASNEXUS_FILES_URL, ATLASNEXUS_DATA_DIR)

# A part of the rules, each cell with its provenance and source, is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# Files from outside
ATLASNEXUS_REQUEST_MB = env.int("ATLASNEXUS_REQUEST_MB", default=100)
ATLASNEXUS_WORKBOOK_MB = env.int("ATLASNEXUS_WORKBOOK_MB", default=10)
ATLASNEXUS_ATTACHMENT_MB = env.int("ATLASNEXUS_ATTACHMENT_MB", default=25)
ATLASNEXUS_ATTACHMENTS_MB = env.int("ATLASNEXUS_ATTACHMENTS_MB", default=250)
ATLASNEXUS_TEMPLATE_MB = env.int("ATLASNEXUS_TEMPLATE_MB", default=10)
ATLASNEXUS_LINK_DAYS = env.int("ATLASNEXUS_LINK_DAYS", default=14)
# A language model beside the planner of the strategy roles: the dotted path of what makes its adapter; none by default.
ATLASNEXUS_ROLE_ADAPTER = env.str("ATLASNEXUS_ROLE_ADAPTER", default="")
ATLASNEXUS_ATTACHMENTS_COUNT = env.int("ATLASNEXUS_ATTACHMENTS_COUNT", default=200)
ATLASNEXUS_ATTACHMENT_TYPES = env.list(
    "ATLASNEXUS_ATTACHMENT_TYPES",
    default=["pdf", "docx", "xlsx", "pptx", "png", "jpg", "jpeg", "webp", "csv", "txt", "zip"],
)

# Where the watcher puts a backup every six hours; nowhere while none is named.
ATLASNEXUS_BACKUP_DIR = env.str("ATLASNEXUS_BACKUP_DIR", default="")
ATLASNEXUS_BACKUP_DAYS = env.int("ATLASNEXUS_BACKUP_DAYS", default=30)

# Other machines that may be spoken to without TLS: those of a network of the platform alone.
ATLASNEXUS_PLAIN_HOSTS = env.list("ATLASNEXUS_PLAIN_HOSTS", default=[])

# So many refusals of one person within an hour are told to administrators.
ATLASNEXUS_REFUSALS_AN_HOUR = env.int("ATLASNEXUS_REFUSALS_AN_HOUR", default=100)

# For how many days an account counts as in the hands of whoever made or changed it (accounts.four_eyes); 0: not at all.
ATLASNEXUS_FOUR_EYES_DAYS = env.int("ATLASNEXUS_FOUR_EYES_DAYS", default=7)

# For how many days personal data are kept, by kind (docs/privacy.md); 0: for good.
ATLASNEXUS_KEPT_DAYS = {
    "SIGN_IN": env.int("ATLASNEXUS_SIGN_IN_DAYS", default=30),
    "SESSION": env.int("ATLASNEXUS_SESSION_DAYS", default=30),
    "TOKEN": env.int("ATLASNEXUS_TOKEN_DAYS", default=365),
    "REGISTRATION": env.int("ATLASNEXUS_REGISTRATION_DAYS", default=90),
    "NOTIFICATION": env.int("ATLASNEXUS_NOTIFICATION_DAYS", default=365),
    "DELIVERY": env.int("ATLASNEXUS_DELIVERY_DAYS", default=90),
    "ADMIN_LOG": env.int("ATLASNEXUS_ADMIN_LOG_DAYS", default=365),
    "AUDIT_ADDRESS": env.int("ATLASNEXUS_AUDIT_ADDRESS_DAYS", default=730),
}

# What monitoring reads. Each web process counts in a file of its own there.
ATLASNEXUS_METRICS_DIR = str(ensure_data_dir(ATLASNEXUS_DATA_DIR / "metrics"))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = ATLASNEXUS_METRICS_DIR
ATLASNEXUS_METRICS_TOKEN = env.str("ATLASNEXUS_METRICS_TOKEN", default="")

# Logs
LOGGING = logs.configure(env.str("LOG_LEVEL", default="INFO"), env.str("LOG_FORMAT", default="plain"))
