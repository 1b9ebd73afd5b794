"""Files, in requests and at the provider, with both packages."""

import base64

import openai
from agent import APIS, run
from agents import Agent, CodeInterpreterTool, FileSearchTool, Runner
from kit import ANSWER, MODEL, Kit, raises, same, scenario

# Read like any prompt, whatever it is called.
NOTE_FILE = f"data:text/plain;base64,{base64.b64encode(b'Seen on the ward.').decode()}"
FORBIDDEN_FILE = f"data:text/plain;base64,{base64.b64encode(b'The forbidden word.').decode()}"
SHARED, SHARED_STORE, OTHER = "file-shared0123456789", "vs_shared0123456789", "file-other0123456789"
REFUSED = {"status_code": 403, "code": "policy_denied", "param": "files"}


def asked(part: dict) -> list:
    return [{"role": "user", "content": [{"type": "input_text", "text": "Who was it?"}, part]}]


@scenario("openai: files in a request, as data and by id, on both APIs")
async def files(kit: Kit) -> None:
    client = kit.sync()
    for part in ({"filename": "note.txt", "file_data": NOTE_FILE}, {"file_id": SHARED}):
        response = client.responses.create(model=MODEL, input=asked({"type": "input_file", **part}))
        same(response.output_text, ANSWER)
        content = [{"type": "text", "text": "Who was it?"}, {"type": "file", "file": part}]
        completion = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
        same(completion.choices[0].message.content, ANSWER)
    with raises(openai.PermissionDeniedError, code="policy_denied"):
        forbidden = {"type": "input_file", "filename": "note.txt", "file_data": FORBIDDEN_FILE}
        client.responses.create(model=MODEL, input=asked(forbidden))
    with raises(openai.PermissionDeniedError, **REFUSED):
        client.responses.create(model=MODEL, input=asked({"type": "input_file", "file_id": OTHER}))
    with raises(openai.PermissionDeniedError, **REFUSED):
        client.responses.create(model=MODEL, input=asked({"type": "input_image", "file_id": OTHER}))
    kit.outcomes = ["completed"] * 4 + ["refused"] * 3


@scenario("openai: a file is stored, read back masked, and deleted")
async def stored(kit: Kit) -> None:
    client = kit.sync()
    made = client.files.create(file=("note.txt", b"SSN 078-05-1120"), purpose="user_data")
    same(client.files.content(made.id).text, "SSN [US_SSN]")
    same(client.files.retrieve(made.id).id, made.id)
    assert client.files.delete(made.id).deleted
    with raises(openai.PermissionDeniedError, code="policy_denied"):
        client.files.create(file=("note.txt", b"The forbidden word."), purpose="user_data")
    kit.outcomes = ["completed"] * 4 + ["refused"]


@scenario("agents: files, as data and by id")
async def agent_files(kit: Kit) -> None:
    agent = Agent(name="Reader", model=MODEL)
    for api in APIS:
        for stream in (False, True):
            for part in ({"filename": "note.txt", "file_data": NOTE_FILE}, {"file_id": SHARED}):
                # Chat Completions of the SDK takes files as data alone.
                if api == "chat" and "file_id" in part:
                    continue
                result = await run(kit, agent, asked({"type": "input_file", **part}), api, stream)
                same(result.final_output, ANSWER)
    with raises(openai.PermissionDeniedError, **REFUSED):
        await run(kit, agent, asked({"type": "input_file", "file_id": OTHER}), "responses", False)
    kit.outcomes = ["completed"] * 6 + ["refused"]


@scenario("agents: hosted tools over the stores and files that policy lists")
async def hosted(kit: Kit) -> None:
    def reader(*tools) -> Agent:
        return Agent(name="Reader", model=MODEL, tools=list(tools))

    container = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": [SHARED]}}
    for tool in (FileSearchTool([SHARED_STORE]), CodeInterpreterTool(container)):
        result = await Runner.run(reader(tool), "Who was it?", run_config=kit.run_config("responses"))
        same(result.final_output, ANSWER)
    with raises(openai.PermissionDeniedError, **REFUSED):
        stores = FileSearchTool([SHARED_STORE, "vs_secret0123456789"])
        await Runner.run(reader(stores), "Who was it?", run_config=kit.run_config("responses"))
    kit.outcomes = ["completed"] * 2 + ["refused"]
