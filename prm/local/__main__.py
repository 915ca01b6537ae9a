"""`python -m prm.local`: see `--help`."""

import argparse
import sys
from pathlib import Path

from prm.local.binaries import LocalError
from prm.local.run import reset, run
from prm.local.state import default_state
from prm.local.up import Interrupted, up


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m prm.local", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    up_parser = commands.add_parser("up", help="run a command with PostgreSQL and Redis at hand")
    up_parser.add_argument("--fast", action="store_true", help="throwaway servers that give up durability: for tests")
    up_parser.add_argument("--state", type=Path, help="state folder (default: PRM_STATE, or var/)")
    up_parser.add_argument("command", nargs="+", metavar="COMMAND")
    run_parser = commands.add_parser("run", help="run the whole application")
    run_parser.add_argument("--reload", action="store_true", help="the web server reloads when the code changes")
    commands.add_parser("reset", help="delete the data")
    options = parser.parse_args(argv)
    try:
        match options.what:
            case "run":
                return run(default_state(), reload=options.reload)
            case "reset":
                return reset(default_state())
            case _:
                state = options.state.resolve() if options.state else default_state()
                return up(options.command, state, fast=options.fast)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"{error.filename} belongs to another user: start as that user, or delete it as root.", file=sys.stderr)
        return 1
    except Interrupted as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
