"""The `openai-agents` package through Sworn."""

import json

import openai
from agents import Agent, Runner, function_tool
from kit import ANSWER, MODEL, NOTE, Kit, raises, same, scenario
from pydantic import BaseModel
from sdk import LINK, PICTURE

APIS = ("responses", "chat")


class Visit(BaseModel):
    summary: str
    visits: int
    urgency: str


def clerk() -> tuple[Agent, list[str]]:
    """An agent that files notes with a tool of its own, and the notes that the tool got."""
    filed: list[str] = []

    @function_tool
    def file_note(note: str) -> str:
        """Files a note."""
        filed.append(note)
        return f"filed as number {len(filed)}"

    return Agent(name="Clerk", instructions="File what you are told.", model=MODEL, tools=[file_note]), filed


async def run(kit: Kit, agent: Agent, wish, api: str, stream: bool):
    config = kit.run_config(api)
    if not stream:
        return await Runner.run(agent, wish, run_config=config)
    result = Runner.run_streamed(agent, wish, run_config=config)
    async for _ in result.stream_events():
        pass
    return result


def modes():
    return [(api, stream) for api in APIS for stream in (False, True)]


@scenario("agents: a tool gets masked arguments, and the answer is masked")
async def tool(kit: Kit) -> None:
    for api, stream in modes():
        agent, filed = clerk()
        same((await run(kit, agent, "File the note.", api, stream)).final_output, ANSWER)
        same(filed, [NOTE])


@scenario("agents: two tools at once")
async def parallel(kit: Kit) -> None:
    for api, stream in modes():
        agent, filed = clerk()
        same((await run(kit, agent, "File two notes.", api, stream)).final_output, ANSWER)
        same(sorted(filed), sorted([NOTE, "MRN [MRN]"]))


@scenario("agents: a handoff")
async def handoff(kit: Kit) -> None:
    nurse = Agent(name="Nurse", instructions="You are the nurse.", model=MODEL)
    desk = Agent(name="Desk", instructions="You are the desk.", model=MODEL, handoffs=[nurse])
    for api, stream in modes():
        result = await run(kit, desk, "Who was it?", api, stream)
        same((result.last_agent.name, result.final_output), ("Nurse", ANSWER))


@scenario("agents: structured output")
async def structured(kit: Kit) -> None:
    agent = Agent(name="Clerk", model=MODEL, output_type=Visit)
    for api, stream in modes():
        result = await run(kit, agent, "Give me structured output.", api, stream)
        same(result.final_output, Visit(summary=NOTE, visits=3, urgency="routine"))


@scenario("agents: pictures")
async def pictures(kit: Kit) -> None:
    images = [{"type": "input_image", "image_url": url, "detail": "auto"} for url in (PICTURE, LINK)]
    content = [{"type": "input_text", "text": "What is it?"}, *images]
    for api, stream in modes():
        agent = Agent(name="Reader", model=MODEL)
        result = await run(kit, agent, [{"role": "user", "content": content}], api, stream)
        same(result.final_output, ANSWER)


@scenario("agents: a run that goes on by previous_response_id")
async def continued(kit: Kit) -> None:
    config = kit.run_config("responses")
    agent = Agent(name="Reader", model=MODEL)
    first = await Runner.run(agent, "Who was it?", run_config=config)
    again = await Runner.run(
        agent, "And then?", run_config=config, previous_response_id=first.last_response_id
    )
    same(again.final_output, ANSWER)


@scenario("agents: the events of a stream are masked like its answer")
async def events(kit: Kit) -> None:
    agent, _ = clerk()
    result = Runner.run_streamed(agent, "File the note.", run_config=kit.run_config("responses"))
    arguments, text = "", ""
    async for event in result.stream_events():
        if event.type != "raw_response_event":
            continue
        if event.data.type == "response.function_call_arguments.delta":
            arguments += event.data.delta
        if event.data.type == "response.output_text.delta":
            text += event.data.delta
    same((json.loads(arguments), text), ({"note": NOTE}, ANSWER))


@scenario("agents: what policy denies, a reviewer denies, and a reviewer approves")
async def refused(kit: Kit) -> None:
    agent = Agent(name="Reader", model=MODEL)
    for api in APIS:
        with raises(openai.PermissionDeniedError, status_code=403, code="policy_denied"):
            await run(kit, agent, "Say the forbidden word.", api, False)
        with raises(openai.PermissionDeniedError, status_code=403, code="approval_denied"):
            await run(kit, agent, "Deny: the bulk.", api, False)
        with raises(openai.APIError, code="approval_denied", type="policy_denied"):
            await run(kit, agent, "Deny: the bulk.", api, True)
        same((await run(kit, agent, "Approve: the bulk.", api, True)).final_output, ANSWER)
    kit.outcomes = (["refused"] * 3 + ["completed"]) * 2


@scenario("agents: a stream that is cut raises, and a broken connection is tried again")
async def broken(kit: Kit) -> None:
    agent = Agent(name="Reader", model=MODEL)
    for api in APIS:
        with raises(openai.APIError, code="upstream_disconnected"):
            await run(kit, agent, "Be cut in mid-stream.", api, True)
    config = kit.run_config("responses", max_retries=1)
    same((await Runner.run(agent, "Be cut once, agent.", run_config=config)).final_output, ANSWER)
    kit.outcomes = ["upstream failed"] * 3 + ["completed"]


@scenario("agents: a run that is cancelled in mid-stream")
async def cancelled(kit: Kit) -> None:
    agent = Agent(name="Reader", model=MODEL)
    result = Runner.run_streamed(agent, "Say it slowly.", run_config=kit.run_config("responses"))
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            result.cancel()
    kit.outcomes = ["client gone"]
