"""Points the trace exporter of the OpenAI Agents SDK at Sworn. Copy it into your application; it needs openai-agents.

    from sworn_tracing import trace_to_sworn
    trace_to_sworn("http://127.0.0.1:8400/v1", current_oidc_token)  # a plain function, not async
"""

import inspect
from collections.abc import Callable

from agents import set_trace_processors
from agents.tracing.processors import BackendSpanExporter, BatchTraceProcessor


class SwornExporter(BackendSpanExporter):
    """Asks for the token before each export, so that it may be one that is replaced every few minutes."""

    def __init__(self, base_url: str, token: Callable[[], str]) -> None:
        super().__init__(endpoint=f"{base_url.rstrip('/')}/traces/ingest")
        self._token = token

    @property
    def api_key(self) -> str:
        return self._token()


def trace_to_sworn(base_url: str, token: Callable[[], str]) -> None:
    """Sends all traces of this process to Sworn, and no more to OpenAI's own address.

    base_url is as the client has it, with /v1; token gives an OIDC access token and is called in a thread of the SDK.
    """
    if inspect.iscoroutinefunction(token):
        raise TypeError("token has to be a plain function: the SDK exports in a thread, also as the program ends")
    set_trace_processors([BatchTraceProcessor(SwornExporter(base_url, token))])
