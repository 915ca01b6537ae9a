import os
import sys

import django


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    django.setup()
    from tests.bench import imports, run

    return imports.main() if sys.argv[1:] == ["imports"] else run.main()


sys.exit(main())
