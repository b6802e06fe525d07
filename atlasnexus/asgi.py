import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from atlasnexus.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")

_django = get_asgi_application()
# Every view is imported before the socket is served: no visitor waits for that.
_ = get_resolver().url_patterns
application = BodyLimit(_django, settings.ATLASNEXUS_REQUEST_MB)
