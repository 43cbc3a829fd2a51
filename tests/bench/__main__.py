"""Runs the benchmarks and writes docs/explanation/benchmarks.md: `python -m tests.bench [PART …]`."""

from __future__ import annotations

import argparse
import asyncio

from tests.bench import calls, exchange, hints, information, kills, throughput
from tests.bench.page import write_section

PARTS = ("calls", "throughput", "workers", "hints", "information", "exchange", "kills")


def options() -> argparse.Namespace:
    """What is asked for; the defaults take about a quarter of an hour."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all of them without it")
    parser.add_argument("--issues", type=int, nargs="+", default=[500, 2000], help="sizes of the throughput part")
    parser.add_argument("--latencies", type=float, nargs="+", default=[0.02, 0.1], help="seconds added per call")
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many rounds")
    parser.add_argument("--kills", type=int, default=60, help="300 is the long run")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


async def run_part(part: str, asked: argparse.Namespace) -> list[str]:
    """The lines of one section."""
    match part:
        case "calls":
            return await calls.table()
        case "throughput":
            return await throughput.throughput(asked.issues, asked.latencies, asked.rounds)
        case "hints":
            return await hints.table(300)
        case "information":
            return await information.table()
        case "exchange":
            return await exchange.table()
        case "workers":
            return await throughput.scaling(max(asked.issues), asked.rounds)
        case _:
            return await kills.table(asked.kills, asked.seed)


def main() -> None:
    asked = options()
    for part in asked.parts or PARTS:
        lines = asyncio.run(run_part(part, asked))
        write_section(part, lines)
        print("\n".join([part, *lines]))  # noqa: T201  whoever waits wants to see


if __name__ == "__main__":
    main()
