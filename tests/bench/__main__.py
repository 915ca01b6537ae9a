import os
import sys

import django


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    django.setup()
    from tests.bench import imports, panel, run

    other = {"imports": imports.main, "panel": panel.main}
    return other.get(" ".join(sys.argv[1:]), run.main)()


sys.exit(main())
