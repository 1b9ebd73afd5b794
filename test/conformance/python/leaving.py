"""Who gives up, and who tries again, with both packages."""

import asyncio

import openai
from agents import Agent, Runner
from kit import ANSWER, MODEL, Kit, raises, same, scenario


@scenario("openai: a caller who leaves before there is an answer, and while it is held")
async def before(kit: Kit) -> None:
    client = kit.asynchronous()
    for wish in ("Begin late.", "Nobody decides on the bulk."):
        asking = asyncio.create_task(
            client.responses.create(model=MODEL, input=wish, extra_headers=kit.session())
        )
        await asyncio.sleep(1)
        asking.cancel()
        with raises(asyncio.CancelledError):
            await asking
    kit.outcomes = ["client gone"] * 2


@scenario("openai: a client that times out, and does not try again")
async def times_out(kit: Kit) -> None:
    client = kit.sync(timeout=1.0)
    with raises(openai.APITimeoutError):
        client.responses.create(model=MODEL, input="Begin late.", extra_headers=kit.session())
    kit.outcomes = ["client gone"]


@scenario("openai: retries are asked for afresh on both APIs, async and streamed")
async def retries(kit: Kit) -> None:
    client = kit.asynchronous(max_retries=2)
    talk = [{"role": "user", "content": "Fail once, chat."}]
    text = ""
    async for chunk in await client.chat.completions.create(model=MODEL, messages=talk, stream=True):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    same(text, ANSWER)
    text = ""
    async for event in await client.responses.create(model=MODEL, input="Fail once, please.", stream=True):
        text += event.delta if event.type == "response.output_text.delta" else ""
    same(text, ANSWER)
    kit.outcomes = ["upstream failed", "completed"] * 2


@scenario("agents: a run whose task is cancelled before there is an answer")
async def agent_cancelled(kit: Kit) -> None:
    config = kit.run_config("responses", default_headers=kit.session())
    running = asyncio.create_task(
        Runner.run(Agent(name="Reader", model=MODEL), "Begin late.", run_config=config)
    )
    await asyncio.sleep(1)
    running.cancel()
    with raises(asyncio.CancelledError):
        await running
    kit.outcomes = ["client gone"]


@scenario("agents: every kind of chaos, tried again until there is an answer")
async def chaos(kit: Kit) -> None:
    for api in ("responses", "chat"):
        config = kit.run_config(api, max_retries=2)
        agent = Agent(name="Reader", model=MODEL)
        for kind in ("limited", "dropped", "cut"):
            wish = f"Be {kind} once, {api} agent."
            same((await Runner.run(agent, wish, run_config=config)).final_output, ANSWER)
        # The provider has worked on it, so that the SDK is told not to ask again.
        with raises(openai.InternalServerError, status_code=502, code="upstream_unreadable"):
            await Runner.run(agent, f"Be malformed once, {api} agent.", run_config=config)
    kit.outcomes = (["upstream failed", "completed"] * 3 + ["upstream failed"]) * 2
