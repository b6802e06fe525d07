import os

import django
from django.conf import settings
from django.urls import get_resolver

from atlasnexus.body_limit import BodyLimit
from atlasnexus.handlers import Application, PageHandler, StreamHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")

django.setup(set_prefix=False)
# Every view is imported before the socket is served: no visitor waits for that.
_ = get_resolver().url_patterns
application = BodyLimit(Application(PageHandler(), StreamHandler()), settings.ATLASNEXUS_REQUEST_MB)
