"""Responses over WebSocket and Realtime, with both packages."""

import asyncio

from agents import Agent, OpenAIProvider, RunConfig, Runner
from agents.realtime import RealtimeAgent, RealtimeRunner
from agent import clerk
from kit import ANSWER, BASE_URL, MODEL, NOTE, Kit, raises, same, scenario, token

REALTIME = "gpt-realtime"
SOCKET_URL = BASE_URL.replace("http", "ws", 1)


def texts(events: list) -> list[str]:
    """What the deltas of each response join to, and what ended it says."""
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    return [deltas, *(event.text for event in events if event.type == "response.output_text.done")]


@scenario("openai: Responses over WebSocket, two turns, sync")
async def responses_socket(kit: Kit) -> None:
    with kit.sync().responses.connect(extra_headers=kit.session()) as connection:
        for wish in ("Who was it?", "And then?"):
            connection.send({"type": "response.create", "model": MODEL, "input": wish})
            events = []
            for event in connection:
                events.append(event)
                if event.type == "response.completed":
                    break
            same(texts(events), [ANSWER, ANSWER])
            same(events[-1].response.output_text, ANSWER)
    kit.outcomes = ["completed"] * 2


@scenario("openai: Responses over WebSocket, async: what is refused is told, and the connection goes on")
async def responses_socket_refused(kit: Kit) -> None:
    steer = {"type": "response.steer", "response_id": "resp_0123456789abcdef", "input": "Stop."}
    create = {"type": "response.create", "model": MODEL}
    async with kit.asynchronous().responses.connect(extra_headers=kit.session()) as connection:
        for message, code in (
            ({**create, "input": "Say the forbidden word."}, "policy_denied"),
            ({**create, "input": "Deny: the bulk."}, "approval_denied"),
            (steer, "invalid_request"),
        ):
            await connection.send(message)
            event = await connection.recv()
            same((event.type, event.to_dict()["error"]["code"]), ("error", code))
        for lane in ("a", "b"):
            await connection.send({**create, "input": "Who was it?", "stream_id": lane})
        done = []
        async for event in connection:
            if event.type == "response.completed":
                done.append((event.to_dict().get("stream_id"), event.response.output_text))
            if len(done) == 2:
                break
    same([text for _, text in done], [ANSWER, ANSWER])
    # What is not of a known type is in no session.
    kit.outcomes = ["refused"] * 2 + ["completed"] * 2


@scenario("agents: a tool over WebSocket, streamed and not")
async def agent_socket(kit: Kit) -> None:
    for stream in (False, True):
        client = kit.asynchronous(default_headers=kit.session())
        provider = OpenAIProvider(openai_client=client, use_responses=True, use_responses_websocket=True)
        config = RunConfig(model_provider=provider, tracing_disabled=True)
        agent, filed = clerk()
        if stream:
            result = Runner.run_streamed(agent, "File the note.", run_config=config)
            async for _ in result.stream_events():
                pass
        else:
            result = await Runner.run(agent, "File the note.", run_config=config)
        same((result.final_output, filed), (ANSWER, [NOTE]))
        await provider.aclose()
    kit.outcomes = ["completed"] * 4


@scenario("openai: Realtime in text, sync and async")
async def realtime(kit: Kit) -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Who was it?"}]}
    with kit.sync().realtime.connect(model=REALTIME, extra_headers=kit.session()) as connection:
        connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        connection.conversation.item.create(item=item)
        connection.response.create()
        events = []
        for event in connection:
            events.append(event)
            if event.type == "response.done":
                break
    same(texts(events), [ANSWER, ANSWER])
    same(events[-1].response.output[0].content[0].text, ANSWER)
    async with kit.asynchronous().realtime.connect(model=REALTIME, extra_headers=kit.session()) as connection:
        denied = {**item, "content": [{"type": "input_text", "text": "Say the forbidden word."}]}
        await connection.conversation.item.create(item=denied)
        async for event in connection:
            if event.type == "error":
                break
        same(event.error.code, "policy_denied")
        await connection.response.create()
        async for event in connection:
            if event.type == "response.output_text.done":
                same(event.text, ANSWER)
            if event.type == "response.done":
                break
    # The opening is an exchange, and so is each event.
    kit.outcomes = ["completed"] * 4 + ["completed", "refused", "completed"]


@scenario("agents: a Realtime session in text")
async def realtime_agent(kit: Kit) -> None:
    runner = RealtimeRunner(
        RealtimeAgent(name="Reader", instructions="Answer."),
        config={"model_settings": {"model_name": REALTIME, "output_modalities": ["text"]}, "tracing_disabled": True},
    )
    options = {
        "url": f"{SOCKET_URL}/realtime?model={REALTIME}",
        "headers": {"Authorization": f"Bearer {token()}", **kit.session()},
    }
    said: list[str] = []
    async with await runner.run(model_config=options) as session:
        await session.send_message("Who was it?")
        async with asyncio.timeout(30):
            async for event in session:
                if event.type == "raw_model_event" and event.data.type == "raw_server_event":
                    data = event.data.data
                    if data["type"] == "response.output_text.done":
                        said.append(data["text"])
                    if data["type"] == "response.done":
                        break
    same(said, [ANSWER])
    kit.outcomes = None
    kit.any_outcomes = "completed"
