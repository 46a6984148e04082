# One image for `serve`, `worker` and every other command: docker build -t paperlark .
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /opt/paperlark
COPY requirements-postgres.lock ./
RUN pip install --require-hashes -r requirements-postgres.lock
COPY pyproject.toml README.md LICENSE ./
COPY crawler crawler
COPY storage storage
COPY digests digests
COPY jobs jobs
RUN pip install --no-build-isolation --no-deps . && useradd --create-home --uid 1000 paperlark && mkdir /data && chown paperlark /data
USER paperlark
# The settings, a store on SQLite, the digests: all that is to be kept.
VOLUME /data
WORKDIR /data
ENTRYPOINT ["paperlark"]
CMD ["serve"]
