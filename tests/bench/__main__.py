import os
import sys

import django


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    django.setup()
    from tests.bench import decks, imports, panel, run

    other = {"decks": decks.main, "imports": imports.main, "panel": panel.main}
    return other.get(" ".join(sys.argv[1:]), run.main)()


sys.exit(main())
