"""Runs every scenario, and tells of each in a line of JSON. Started by main.ts, which has the server's side of it."""

import asyncio
import json
import logging
import sys
import traceback

import agent  # noqa: F401
import files  # noqa: F401
import leaving  # noqa: F401
import openai
import sdk  # noqa: F401
import sockets  # noqa: F401
from agents import version
from kit import SCENARIOS, Kit


def tell(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def main() -> None:
    # It tells of errors that the scenarios expect.
    logging.getLogger("openai.agents").setLevel(logging.CRITICAL)
    tell(python=sys.version.split()[0], openai=openai.VERSION, agents=version.__version__)
    for name, run in SCENARIOS:
        kit = Kit()
        try:
            await run(kit)
            fault = ""
        except Exception:
            fault = traceback.format_exc()
        outcomes = kit.outcomes or ["completed"] * len(kit.exchanges)
        told = {"exchanges": kit.exchanges, "outcomes": outcomes, "session": kit.named, "any": kit.any_outcomes}
        tell(name=name, fault=fault, **told)


asyncio.run(main())
