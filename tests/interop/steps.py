"""What every Python client is taken through, whichever it is."""

import json
from collections.abc import Awaitable, Callable
from typing import Any


class Answer:
    """A tool's answer, whatever the client calls its parts."""

    def __init__(self, is_error: bool, text: str, structured: Any) -> None:
        self.is_error, self.text, self.structured = is_error, text, structured

    def value(self) -> Any:
        """Its structured content, which its text repeats."""
        assert not self.is_error, self.text
        assert json.loads(self.text) == self.structured
        return self.structured


async def steps(
    tools: list[tuple[str, dict[str, Any]]],
    call: Callable[[str, dict[str, Any]], Awaitable[Answer]],
) -> None:
    """Takes a client through it: `tools` are names and input schemas, `call` calls one."""
    names = [name for name, _ in tools]
    for name in ["list_controls", "find_tools", "run_read_tool", "run_write_tool"]:
        assert name in names, f"{name} is not listed"
    assert all(schema["type"] == "object" for _, schema in tools)

    frameworks = (await call("list_frameworks", {})).value()
    assert any(framework["id"] == "soc2" for framework in frameworks["items"])

    query = "questions about the trust center that visitors ask often"
    found = (await call("find_tools", {"query": query})).value()
    assert any(tool["name"] == "list_trust_center_faqs" for tool in found["items"]), found
    run = {"tool": "list_trust_center_faqs", "arguments": {"slugId": "quillmere"}}
    assert (await call("run_read_tool", run)).value()["count"] > 0

    assert (await call("terminate_panel_account", {"user": "baker"})).value()["changed"] is False
    refused = await call("terminate_panel_account", {"user": "baker", "confirm": "yes"})
    assert refused.is_error and "nothing was changed" in refused.text, refused.text

    async def accounts() -> list[str]:
        listed = (await call("list_panel_accounts", {})).value()
        return [account["user"] for account in listed["items"]]

    assert "baker" in await accounts(), "a preview changes nothing"
    (await call("terminate_panel_account", {"user": "baker", "confirm": "baker"})).value()
    assert "baker" not in await accounts(), "what was confirmed is done"


async def refused(attempt: Callable[[], Awaitable[Any]]) -> None:
    """An attempt without a good token has to fail."""
    try:
        await attempt()
    except BaseException as error:  # groups of errors among them
        text = repr(error)
        inner = getattr(error, "exceptions", ())
        text += "".join(repr(one) for one in inner)
        assert "401" in text or "Unauthorized" in text or "unauthorized" in text, text
        return
    raise AssertionError("a wrong token was let in")
