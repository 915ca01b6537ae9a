"""Sent inside the schema and the transaction in which a new vendor is filled: `vendor`, `admin_email`."""

from django.dispatch import Signal

vendor_provisioned = Signal()
