"""What can be imported here; the engine is prm.imports."""

from pipeline.importing.results import ResultImporter
from prm.imports.importer import register

register(ResultImporter())
