"""The `openai` package through Sworn."""

import asyncio
import json
from typing import Literal

import openai
from kit import ANSWER, MODEL, NOTE, Kit, raises, same, scenario, token
from pydantic import BaseModel

# One white pixel.
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="
)
LINK = "https://pictures.example.org/scan.png"
FILE_NOTE = {
    "name": "file_note",
    "description": "Files a note.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"note": {"type": "string"}},
        "required": ["note"],
        "additionalProperties": False,
    },
}
HELLO = {"model": MODEL, "input": "Who was it?"}


class Visit(BaseModel):
    summary: str
    visits: int
    urgency: Literal["routine", "urgent"]


def talk(text: str) -> dict:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}]}


@scenario("openai: Responses, whole and streamed, sync")
async def responses_sync(kit: Kit) -> None:
    client = kit.sync()
    same(client.responses.create(**HELLO).output_text, ANSWER)
    with client.responses.stream(**HELLO) as stream:
        events = list(stream)
        same(stream.get_final_response().output_text, ANSWER)
    same("".join(event.delta for event in events if event.type == "response.output_text.delta"), ANSWER)


@scenario("openai: Responses, whole and streamed, async")
async def responses_async(kit: Kit) -> None:
    client = kit.asynchronous()
    same((await client.responses.create(**HELLO)).output_text, ANSWER)
    text = ""
    async for event in await client.responses.create(**HELLO, stream=True):
        if event.type == "response.output_text.delta":
            text += event.delta
        if event.type == "response.output_text.done":
            same(event.text, ANSWER)
    same(text, ANSWER)


@scenario("openai: Chat Completions, whole and streamed")
async def chat(kit: Kit) -> None:
    client = kit.sync()
    same(client.chat.completions.create(**talk("Who was it?")).choices[0].message.content, ANSWER)
    chunks = client.chat.completions.create(**talk("Who was it?"), stream=True)
    same("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), ANSWER)


@scenario("openai: structured output, parsed and streamed, both APIs")
async def structured(kit: Kit) -> None:
    client = kit.sync()
    expected = Visit(summary=NOTE, visits=3, urgency="routine")
    asked = {"model": MODEL, "input": "Give me structured output.", "text_format": Visit}
    same(client.responses.parse(**asked).output_parsed, expected)
    with client.responses.stream(**asked) as stream:
        stream.until_done()
        same(stream.get_final_response().output_parsed, expected)
    talked = {**talk("Give me structured output."), "response_format": Visit}
    same(client.chat.completions.parse(**talked).choices[0].message.parsed, expected)
    with client.chat.completions.stream(**talked) as stream:
        stream.until_done()
        same(stream.get_final_completion().choices[0].message.parsed, expected)


@scenario("openai: parallel tool calls, whole and streamed, both APIs")
async def tools(kit: Kit) -> None:
    client = kit.sync()
    expected = [{"note": NOTE}, {"note": "MRN [MRN]"}]
    asked = {"model": MODEL, "input": "File two notes.", "tools": [{"type": "function", **FILE_NOTE}]}
    with client.responses.stream(**asked) as stream:
        stream.until_done()
        streamed = stream.get_final_response()
    for response in (client.responses.create(**asked), streamed):
        same([json.loads(item.arguments) for item in response.output], expected)
    talked = {**talk("File two notes."), "tools": [{"type": "function", "function": FILE_NOTE}]}
    with client.chat.completions.stream(**talked) as stream:
        stream.until_done()
        chunks = stream.get_final_completion()
    for completion in (client.chat.completions.create(**talked), chunks):
        calls = completion.choices[0].message.tool_calls or []
        same([json.loads(call.function.arguments) for call in calls], expected)


@scenario("openai: pictures in a request, both APIs")
async def pictures(kit: Kit) -> None:
    client = kit.sync()
    images = [{"type": "input_image", "image_url": url, "detail": "auto"} for url in (PICTURE, LINK)]
    content = [{"type": "input_text", "text": "What is it?"}, *images]
    same(client.responses.create(model=MODEL, input=[{"role": "user", "content": content}]).output_text, ANSWER)
    links = [{"type": "image_url", "image_url": {"url": url}} for url in (PICTURE, LINK)]
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, *links]}]
    same(client.chat.completions.create(model=MODEL, messages=messages).choices[0].message.content, ANSWER)


@scenario("openai: embeddings, as numbers and as the base64 that it asks for by itself")
async def embeddings(kit: Kit) -> None:
    client = kit.sync()
    for options in ({}, {"encoding_format": "float"}):
        answer = client.embeddings.create(model=MODEL, input=["one note", "another"], **options)
        same([item.embedding for item in answer.data], [[0.25, -0.5, 0.125]] * 2)


@scenario("openai: models")
async def models(kit: Kit) -> None:
    assert len(kit.sync().models.list().data) > 0


@scenario("openai: retries a rate limit and a broken connection; each attempt is on record")
async def retries(kit: Kit) -> None:
    client = kit.sync(max_retries=1)
    same(client.responses.create(model=MODEL, input="Be limited once.").output_text, ANSWER)
    same(client.chat.completions.create(**talk("Be cut once.")).choices[0].message.content, ANSWER)
    kit.outcomes = ["upstream failed", "completed"] * 2


@scenario("openai: errors of the provider, streamed and not")
async def provider_errors(kit: Kit) -> None:
    client = kit.sync()
    for stream in (False, True):
        with raises(openai.InternalServerError, status_code=500, code="chaos_drop"):
            client.responses.create(model=MODEL, input="Always fail.", stream=stream)
        with raises(openai.InternalServerError, status_code=502, code="upstream_unreadable"):
            client.chat.completions.create(**talk("Be malformed."), stream=stream)
    kit.outcomes = ["upstream failed"] * 4


@scenario("openai: a stream that is cut ends with an error, on both APIs")
async def cut(kit: Kit) -> None:
    client = kit.sync()
    for begin in (
        lambda: client.responses.create(model=MODEL, input="Be cut in mid-stream.", stream=True),
        lambda: client.chat.completions.create(**talk("Be cut in mid-stream."), stream=True),
    ):
        with raises(openai.APIError, code="upstream_disconnected"):
            list(begin())
    kit.outcomes = ["upstream failed"] * 2


@scenario("openai: what policy denies, and what nobody allows")
async def denied(kit: Kit) -> None:
    client = kit.sync()
    with raises(openai.PermissionDeniedError, status_code=403, code="policy_denied", type="policy_denied"):
        client.responses.create(model=MODEL, input="Say the forbidden word.")
    with raises(openai.PermissionDeniedError, status_code=403, code="no_policy"):
        client.responses.create(model="other-model", input="Who was it?")
    with raises(openai.PermissionDeniedError, status_code=403, code="route_not_allowed"):
        client.beta.assistants.list()
    with raises(openai.NotFoundError, status_code=404, code="unknown_route"):
        client.get("/graphs", cast_to=object)
    with raises(openai.BadRequestError, status_code=400, code="invalid_request", param="input"):
        client.embeddings.create(model=MODEL, input=[1, 2, 3])
    kit.outcomes = ["refused"] * 5


@scenario("openai: what a reviewer approves, and what they deny, streamed and not")
async def held(kit: Kit) -> None:
    client = kit.sync()
    for wish in ("Approve: the bulk.", "Approve, too: the bulk."):
        with client.responses.stream(model=MODEL, input=wish) as stream:
            stream.until_done()
            same(stream.get_final_response().output_text, ANSWER)
    same(client.chat.completions.create(**talk("Approve: the bulk.")).choices[0].message.content, ANSWER)
    with raises(openai.PermissionDeniedError, status_code=403, code="approval_denied"):
        client.responses.create(model=MODEL, input="Deny: the bulk.")
    # Its headers are sent early here, so that the refusal is an event of a stream that has begun.
    with raises(openai.APIError, code="approval_denied", type="policy_denied"):
        list(client.chat.completions.create(**talk("Deny: the bulk."), stream=True))
    kit.outcomes = ["completed"] * 3 + ["refused"] * 2


@scenario("openai: a key that is no token, a token for another audience, and an expired one that is made anew")
async def tokens(kit: Kit) -> None:
    for wrong in ("sk-1234", token(audience="other")):
        with raises(openai.AuthenticationError, status_code=401):
            kit.sync(wrong).responses.create(**HELLO)
    stale = [token(expired="yes")]
    client = kit.sync(lambda: stale.pop() if stale else token(), max_retries=1)
    same(client.responses.create(**HELLO).output_text, ANSWER)
    kit.outcomes = ["refused"] * 3 + ["completed"]


@scenario("openai: a caller who leaves in mid-stream, sync and async")
async def leaving(kit: Kit) -> None:
    with kit.sync().responses.create(model=MODEL, input="Say it slowly.", stream=True) as stream:
        next(event for event in stream if event.type == "response.output_text.delta")
    begun = asyncio.Event()

    async def read() -> None:
        async for event in await kit.asynchronous().responses.create(
            model=MODEL, input="Say it slowly.", stream=True
        ):
            if event.type == "response.output_text.delta":
                begun.set()

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with raises(asyncio.CancelledError):
        await reading
    kit.outcomes = ["client gone"] * 2
