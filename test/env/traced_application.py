"""The same application as traced-application.ts, in Python. Needs openai-agents; prints the exchanges that it had."""

import asyncio
import os
import sys
from pathlib import Path

import httpx2
from agents import Agent, Runner, function_tool, handoff, set_default_openai_client, trace
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

sys.path.insert(0, str(Path(__file__).parent / "../../examples/tracing"))
from sworn_tracing import trace_to_sworn  # noqa: E402

BASE_URL = os.environ["BASE_URL"]
exchanges: list[str] = []


async def note(response: httpx2.Response) -> None:
    exchanges.append(response.headers["x-request-id"])


def current_token() -> str:
    return os.environ["TOKEN"]


async def token_for_calls() -> str:
    return current_token()


@function_tool
def look_up_weight(patient: str) -> str:
    """Looks a weight up."""
    return f"The weight of {patient} is 70 kg."


nurse = Agent(name="Nurse", instructions="You are the nurse.", model="gpt-test", tools=[look_up_weight])
# As the SDK for JavaScript calls it.
to_nurse = handoff(nurse, tool_name_override="transfer_to_Nurse")
desk = Agent(name="Desk", instructions="You are the desk.", model="gpt-test", handoffs=[to_nurse])
clerk = Agent(name="Clerk", instructions="You are the clerk.", model="gpt-test")


async def main() -> None:
    try:
        trace_to_sworn(BASE_URL, token_for_calls)
        raise AssertionError("an async function was taken")
    except TypeError:
        trace_to_sworn(BASE_URL, current_token)
    client = AsyncOpenAI(
        base_url=BASE_URL,
        api_key=token_for_calls,
        http_client=DefaultAsyncHttpxClient(event_hooks={"response": [note]}),
    )
    set_default_openai_client(client, use_for_tracing=False)
    # Two runs that have nothing in common but the trace around them.
    with trace("Round of Maria Beispiel"):
        await asyncio.gather(Runner.run(desk, "How heavy is she?"), Runner.run(clerk, "Write the bill."))
    print("\n".join(exchanges), end="")


asyncio.run(main())
