# Debian 13: its pg_dump matches PostgreSQL 17. Not Alpine: there are no musl wheels of what we stand on.
FROM python:3.11-slim-trixie AS packages
COPY requirements/prod.txt /prod.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /prod.txt

FROM python:3.11-slim-trixie
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp cadence \
    && install -d -o cadence -g cadence /state/media /state/template
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH \
    DJANGO_SETTINGS_MODULE=prm.settings.prod \
    PRM_STATE=/state \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY . .
RUN SECRET_KEY=unused ALLOWED_HOSTS=unused python manage.py collectstatic --noinput --verbosity=0
USER cadence
EXPOSE 8000
CMD ["gunicorn", "prm.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--access-logfile=-", "--no-control-socket"]
