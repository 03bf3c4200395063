"""`python -m ocm_tui.simulator`: the simulated servers alone."""

import argparse
import sys

from ocm_tui.core.errors import OcmError
from ocm_tui.simulator.command import add_arguments, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="ocm_tui.simulator", description="Simulated servers on loopback.")
    add_arguments(parser)
    try:
        return run(parser.parse_args())
    except OcmError as error:
        sys.stderr.write(f"{error}. {error.hint}\n" if error.hint else f"{error}\n")
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())
