"""A stock client with tokens that are bound to a key. Needs openai, PyJWT and cryptography; prints the answers that it had."""

import asyncio
import json
import os
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

sys.path.insert(0, str(Path(__file__).parent / "../../examples/dpop"))
from sworn_dpop import DpopAuth  # noqa: E402

BASE_URL = os.environ["BASE_URL"]
TOKEN_ENDPOINT = os.environ["TOKEN_ENDPOINT"]
dpop = DpopAuth()


def current_dpop_token() -> str:
    body = urllib.parse.urlencode(json.loads(os.environ["FORM"])).encode()
    headers = {"DPoP": dpop.proof("POST", TOKEN_ENDPOINT)}
    with urllib.request.urlopen(urllib.request.Request(TOKEN_ENDPOINT, body, headers)) as answer:
        return json.load(answer)["access_token"]


async def main() -> None:
    token = current_dpop_token()
    with OpenAI(base_url=BASE_URL, api_key=token, http_client=DefaultHttpxClient(auth=dpop)) as client:
        print(client.responses.create(model="gpt-test", input="hello").output_text)
    http_client = DefaultAsyncHttpxClient(auth=dpop)
    async with AsyncOpenAI(base_url=BASE_URL, api_key=token, http_client=http_client) as client:
        print((await client.responses.create(model="gpt-test", input="hello")).output_text)


asyncio.run(main())
