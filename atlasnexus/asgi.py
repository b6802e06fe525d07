import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from atlasnexus.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")

application = BodyLimit(get_asgi_application(), settings.ATLASNEXUS_REQUEST_MB)
