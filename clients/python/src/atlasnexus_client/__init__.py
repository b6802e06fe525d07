"""Atlas Nexus from a program: `Client` for programs that wait, `AsyncClient` for event loops.

>>> from atlasnexus_client import Client
>>> with Client("https://atlas.example", "atlas_...") as client:  # doctest: +SKIP
...     run = client.start_run(project, levers=levers)
...     client.wait(run, bar=True)
...     frame = client.polars_results(run, sort=["rank"])
"""

from atlasnexus_client import errors, packs, shapes, webhooks
from atlasnexus_client.client import AsyncClient, Client
from atlasnexus_client.core import Left, Of, Upload, code_of, etag_of
from atlasnexus_client.plans import Retries

__all__ = [
    "AsyncClient",
    "Client",
    "Left",
    "Of",
    "Retries",
    "Upload",
    "code_of",
    "errors",
    "etag_of",
    "packs",
    "shapes",
    "webhooks",
]
