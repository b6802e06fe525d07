"""Settings of the tests: a data folder of their own, a clock far from UTC, quick passwords, static files as they lie."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from lib.datadir import ensure_data_dir
from lib.kernel_cache import kernel_cache_dir

# Set for every process the tests start, so that servers and workers share the folder of their test process.
if "ATLASNEXUS_TEST_DIR" not in os.environ:
    os.environ["ATLASNEXUS_TEST_DIR"] = tempfile.mkdtemp(prefix="atlas-")
    atexit.register(shutil.rmtree, os.environ["ATLASNEXUS_TEST_DIR"], ignore_errors=True)
_folder = os.environ["ATLASNEXUS_TEST_DIR"]
_repository = Path(__file__).resolve().parent.parent
os.environ["ATLASNEXUS_DATA_DIR"] = f"{_folder}/{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
os.environ["SECRET_KEY"] = "for-tests-only-and-long-enough-to-satisfy-the-deployment-checks"  # noqa: S105
os.environ.pop("REDIS_URL", None)  # never somebody's real queue
os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_cache_dir(_repository / ".var")))
os.environ.setdefault("MPLCONFIGDIR", str(_repository / ".var" / "matplotlib"))

from atlasnexus.settings import *  # noqa: E402, F403
from atlasnexus.settings import ATLASNEXUS_DATA_DIR, DATABASES, STORAGES  # noqa: E402

TIME_ZONE = "Pacific/Auckland"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: servers and workers of the browser tests read the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(ATLASNEXUS_DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
if os.environ.get("ATLASNEXUS_TEST_DATABASE"):  # a server or worker started by a test
    DATABASES["default"]["NAME"] = os.environ["ATLASNEXUS_TEST_DATABASE"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 3600  # a browser asks once for each; no file changes under a test
ATLASNEXUS_WORKER_NICENESS = 1  # told from none, and hardly slower beside the tests
# A test asks more in a minute than a program, and rows of several tests bear the same key.
ATLASNEXUS_API_REQUESTS_A_MINUTE = ATLASNEXUS_REFUSALS_AN_HOUR = 100_000
if not os.environ.get("ATLASNEXUS_TEST_DATABASE"):
    # A platform that a test starts clears the counts of the one before it: those of the test's own process are apart.
    ATLASNEXUS_METRICS_DIR = str(ensure_data_dir(ATLASNEXUS_DATA_DIR / "metrics-of-tests"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = ATLASNEXUS_METRICS_DIR
