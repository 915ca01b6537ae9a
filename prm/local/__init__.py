"""The embedded PostgreSQL and Redis, and the one command that runs everything on one machine."""
