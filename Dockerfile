# One image for every role: `docker run IMAGE` is `pilot up`, `docker run IMAGE worker` is one worker.

FROM python:3.11-slim AS packages
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pilot
COPY requirements.txt ./
RUN /opt/pilot/bin/pip install --require-hashes -r requirements.txt

# The tool that builds our own package comes from the pinned development tools, and stays behind.
FROM packages AS wheel
COPY requirements-dev.txt ./
RUN python -m venv /opt/tools && /opt/tools/bin/pip install --require-hashes -r requirements-dev.txt
COPY pyproject.toml README.md app_manifest.yml ./
COPY bot ./bot
COPY investigator ./investigator
COPY templates ./templates
COPY sandbox ./sandbox
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM packages AS program
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    /opt/pilot/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:3.11-slim
# git: `pilot demo` serves a repository, and proposed patches are tried before they are shown. It is not pinned:
# Debian keeps only the newest build of a version, so that a pin soon fails.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 pilot \
    && useradd --system --uid 10001 --gid pilot --home-dir /data pilot \
    && install -d -o pilot -g pilot -m 0750 /data
COPY --from=program /opt/pilot /opt/pilot
ENV PATH=/opt/pilot/bin:$PATH PYTHONUNBUFFERED=1 PILOT_DATA_DIR=/data
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('PILOT_PORT', '8080') + '/healthz', timeout=4)"]
ENTRYPOINT ["pilot"]
CMD ["up"]
