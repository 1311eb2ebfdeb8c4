"""Times denoisers side by side. Run by tools/bench-peers, which prepares the files; its --help explains the options."""
import argparse
import json
import os
import pathlib
import sys

import report
from comparison import compare


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--spindrift", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--missing", type=pathlib.Path, required=True, help="lines NAME<tab>REASON")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    # Standard output is for the result alone; quantizers print progress there, some past Python's own stream.
    result_stream = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    missing = dict(line.split("\t", 1) for line in options.missing.read_text().splitlines())
    results = []
    for folder in options.folders:
        result = compare(folder, options.spindrift, options.threads, options.rounds, options.seconds, missing)
        results.append(result)
        if not options.json:
            print("\n".join(report.lines(result)), file=result_stream, flush=True)
    if options.json:
        print(json.dumps({"models": results}, sort_keys=True), file=result_stream, flush=True)


try:
    main()
except (RuntimeError, OSError) as error:
    sys.exit(f"bench-peers: {error}")
