"""`python -m tests.benchmarks [NAME …] [--rounds N] [--seconds S] [--peer NAME=COMMAND …]`: prints one table.

Exit status 1 when a limit was missed. The machine's noise is part of every figure: more rounds tell more.
"""

import argparse
import shlex
import sys

from tests.benchmarks import history, live_log, long_list, oci_profiles, provisioning, registry, startup
from tests.benchmarks.table import Row, print_table

NAMES = ("startup", "list", "plan", "log", "history", "oci", "registry")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(NAMES)}; all by default")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds; medians are printed")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the log is flooded")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="another program to start")
    options = parser.parse_args()
    wanted = options.names or NAMES
    peers = {name: shlex.split(command) for name, _, command in (peer.partition("=") for peer in options.peer)}
    rows: list[Row] = []
    if "startup" in wanted:
        rows += startup.run(options.rounds, peers)
    if "list" in wanted:
        rows += long_list.run(max(options.rounds // 2, 1))
    if "plan" in wanted:
        rows += provisioning.run(max(options.rounds // 2, 1))
    if "log" in wanted:
        rows += live_log.run(options.seconds)
    if "history" in wanted:
        rows += history.run(options.rounds)
    if "oci" in wanted:
        rows += oci_profiles.run()
    if "registry" in wanted:
        rows += registry.run(max(options.rounds // 2, 1))
    print_table(rows)
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
