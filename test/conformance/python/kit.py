"""What the scenarios share: clients of Sworn, the texts that they expect, and a list of what to run."""

import itertools
import json
import os
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from agents import OpenAIProvider, RunConfig
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

BASE_URL = os.environ["SWORN_BASE_URL"]
TOKEN_URL = os.environ["SWORN_TOKEN_URL"]
TEXTS: dict[str, str] = json.loads(os.environ["SWORN_TEXTS"])

NOTE, ANSWER = TEXTS["note"], TEXTS["answer"]
MODEL = "gpt-test"
NUMBERS = itertools.count(1)


def token(**wish: str) -> str:
    """A fresh token of the development stack; one that has expired with `expired`."""
    with urllib.request.urlopen(f"{TOKEN_URL}?{urllib.parse.urlencode(wish)}") as answer:
        return answer.read().decode()


@dataclass
class Kit:
    """The clients of one scenario, and the exchanges that they were told of."""

    exchanges: list[str] = field(default_factory=list)
    # How the exchanges end on record, where it is not that all are completed.
    outcomes: list[str] | None = None
    # The session of exchanges of which no id is told: those of a connection, and those whose caller left before an answer.
    named: str = ""
    # How all of these end, where it does not matter how many there are.
    any_outcomes: str = ""

    def session(self) -> dict[str, str]:
        """The header that names the session of a scenario; all exchanges of it are looked up by that."""
        self.named = self.named or f"python-{next(NUMBERS)}"
        return {"x-sworn-session": self.named}

    def sync(self, api_key: str | Callable[[], str] = token, **options) -> OpenAI:
        def note(response) -> None:
            self.exchanges.append(response.headers.get("x-request-id", ""))

        http = DefaultHttpxClient(event_hooks={"response": [note]})
        options.setdefault("max_retries", 0)
        return OpenAI(base_url=BASE_URL, api_key=api_key, http_client=http, **options)

    def asynchronous(self, **options) -> AsyncOpenAI:
        async def note(response) -> None:
            self.exchanges.append(response.headers.get("x-request-id", ""))

        async def fresh() -> str:
            return token()

        http = DefaultAsyncHttpxClient(event_hooks={"response": [note]})
        options.setdefault("max_retries", 0)
        return AsyncOpenAI(base_url=BASE_URL, api_key=fresh, http_client=http, **options)

    def run_config(self, api: str, **options) -> RunConfig:
        provider = OpenAIProvider(openai_client=self.asynchronous(**options), use_responses=api == "responses")
        return RunConfig(model_provider=provider, tracing_disabled=True)


Scenario = Callable[[Kit], Awaitable[None]]
SCENARIOS: list[tuple[str, Scenario]] = []


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    """Puts a scenario on the list; it fails by what it raises."""

    def enlist(run: Scenario) -> Scenario:
        SCENARIOS.append((name, run))
        return run

    return enlist


def same(got: object, expected: object) -> None:
    assert got == expected, f"got {got!r}, expected {expected!r}"


def raises(error: type[BaseException], **expected: object):
    """A context that asks for an error with these attributes."""

    class Expecting:
        def __enter__(self) -> None:
            return None

        def __exit__(self, kind, thrown, trace) -> bool:
            assert thrown is not None, f"no {error.__name__} was raised"
            if not isinstance(thrown, error):
                return False
            same({name: getattr(thrown, name, None) for name in expected}, expected)
            return True

    return Expecting()
