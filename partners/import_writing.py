"""Entries of the vendor's lists that a file brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from partners.catalogue import free_key
from prm.imports.fields import NEW_CHOICE
from prm.imports.importer import Writer
from prm.imports.journal import Journal


class CatalogueWriter(Writer):
    """Turns choices into the keys of the lists' entries, by field; one that is to be added is added."""

    def __init__(self, journal: Journal, by: Any, catalogues: Mapping[str, Any]) -> None:
        super().__init__(journal, by)
        self.catalogues = catalogues
        self.keys = {name: dict(model.objects.values_list("key", "pk")) for name, model in catalogues.items()}

    def entry(self, name: str, key: str) -> int:
        known = self.keys[name]
        if key not in known:
            model, text = self.catalogues[name], key.removeprefix(NEW_CHOICE)[:80]
            last = model.objects.aggregate(last=Max("order"))["last"] or 0
            made = model(key=free_key(text, known), name=text, order=last + 1, **self.more(name, key))
            self.journal.create([made], [None])
            known[key] = known[made.key] = made.pk
        return known[key]

    def more(self, name: str, key: str) -> dict[str, Any]:
        """What else a new entry gets."""
        return {}
