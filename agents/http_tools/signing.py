"""How a request shows the company's system who it comes from."""

import base64

from agents.models.http_tools import HttpTool


def sign_in_headers(tool: HttpTool) -> dict[str, str]:
    """The header that carries the tool's secret. Raises `ConfigurationError` when it cannot be opened any more."""
    match tool.auth:
        case HttpTool.Auth.BEARER:
            return {"Authorization": f"Bearer {tool.secret}"}
        case HttpTool.Auth.HEADER:
            return {tool.auth_name: tool.secret}
        case HttpTool.Auth.BASIC:
            pair = base64.b64encode(f"{tool.auth_name}:{tool.secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
    return {}
