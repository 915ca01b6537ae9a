"""What can be imported here; the engine is prm.imports."""

from django.utils.translation import gettext_lazy

from partners import history
from pipeline.importing.deals import DealImporter
from pipeline.importing.figures import MetricValueImporter
from pipeline.importing.results import ResultImporter
from pipeline.importing.targets import TargetImporter
from prm.common import audit
from prm.imports.importer import register

audit.VERBS |= {
    "deal.imported": gettext_lazy("Deal imported"),
    "deal.import_undone": gettext_lazy("Import of the deal undone"),
    "target.imported": gettext_lazy("Targets imported"),
    "target.import_undone": gettext_lazy("Import of the targets undone"),
}
history.VERBS |= {
    "deal.imported": gettext_lazy("Deal imported: %(name)s"),
    "deal.import_undone": gettext_lazy("Import of a deal undone: %(name)s"),
    "target.imported": gettext_lazy("Targets imported: %(name)s"),
    "target.import_undone": gettext_lazy("Import of targets undone: %(name)s"),
}

register(ResultImporter())
register(DealImporter())
register(TargetImporter())
register(MetricValueImporter())
