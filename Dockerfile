# The worker. Runs as nobody in particular, on a root file system that may be read-only; it writes to /tmp alone, and little:
#   docker build -t my-joe-worker . && docker run --read-only --tmpfs /tmp --env-file production.env my-joe-worker

FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE ./
COPY scripts scripts
COPY supabase supabase
COPY distributions distributions
COPY src src
# The library's build compiles the kernels with Numba in an environment of its own; neither comes along.
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . ./distributions/myjoe \
  && python -m venv /app \
  && /app/bin/pip install --no-cache-dir --no-compile --find-links /wheels "$(echo /wheels/myjoe-*.whl)[worker,sentry]" \
  && /app/bin/python -m compileall -q /app/lib

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin myjoe
COPY --from=build /app /app
# Health, metrics and dashboard ask for no password: the port is for the platform's own network, never for the internet.
ENV PATH=/app/bin:$PATH \
  PYTHONUNBUFFERED=1 \
  PYTHONDONTWRITEBYTECODE=1 \
  MYJOE_ENV=production \
  MYJOE_HEALTH_ADDRESS=0.0.0.0:8080
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
# SIGTERM: claim no more, finish or hand back within MYJOE_GRACE_SECONDS. The exec form lets it arrive.
STOPSIGNAL SIGTERM
CMD ["myjoe", "worker", "run"]
