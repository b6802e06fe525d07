# The platform as an image: installed and compiled in the first stage, run by nobody in particular in the second.
FROM python:3.11-slim-bookworm AS built
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt /opt/atlasnexus/
RUN /opt/venv/bin/pip install --require-virtualenv -r /opt/atlasnexus/requirements.txt
COPY . /opt/atlasnexus
WORKDIR /opt/atlasnexus
# The kernels lie outside the data folder: a volume over that would hide them. numba keeps them by kind of processor, so a
# host of another kind compiles once more when it first starts. What else the settings make there is thrown away.
ENV NUMBA_CACHE_DIR=/opt/kernels
RUN ATLASNEXUS_DATA_DIR=/tmp/building /opt/venv/bin/python -m atlasnexus.prepare kernels \
    && ATLASNEXUS_DATA_DIR=/tmp/building /opt/venv/bin/python -m atlasnexus.prepare further \
    && rm -rf /tmp/building

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore for backups, of the same version as the server in docker-compose.yml.
# Tesseract for scans of confirmations.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends postgresql-client-15 tesseract-ocr gnupg \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/atlasnexus --create-home atlasnexus
COPY --from=built /opt/venv /opt/venv
COPY --from=built /opt/atlasnexus /opt/atlasnexus
COPY --from=built --chown=atlasnexus:atlasnexus /opt/kernels /opt/kernels
WORKDIR /opt/atlasnexus
ENV ATLASNEXUS_DATA_DIR=/var/lib/atlasnexus NUMBA_CACHE_DIR=/opt/kernels HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json PYTHONUNBUFFERED=1
VOLUME /var/lib/atlasnexus
USER atlasnexus
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=300s --retries=4 \
    CMD ["/opt/venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["/opt/venv/bin/python", "-m", "atlasnexus.supervisor", "serve"]
