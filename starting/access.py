"""access.json: where everything is and how to get in, for a person or a script that goes on from the demo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from desk.identity import create_token, identify
from desk.organisation.file import OrganisationFile
from models.messages.reference import AgentBody, Role
from servers.ports import LOCALHOST
from starting.data_folder import write_private
from starting.failures import Unusable
from starting.stack import Stack


async def write_access(stack: Stack) -> dict[Role, str]:
    """Write the file (mode 0600) and return a token for each role; those of an earlier start are kept if they hold."""
    agents = role_agents(stack.file)
    tokens = await _tokens(stack, agents)
    settings = stack.settings
    content = {
        "data": str(stack.folder.path),
        "api": {
            "host": LOCALHOST,
            "port": settings.api_port,
            "url": f"{stack.api}/api/v1",
            "docs": f"{stack.api}/docs",
            "openapi": f"{stack.api}/openapi.json",
        },
        "temporal": {
            "host": LOCALHOST,
            "port": settings.temporal_port,
            "address": settings.temporal_address,
            "namespace": settings.temporal_namespace,
        },
        "temporal_ui": {"host": LOCALHOST, "port": settings.temporal_ui_port, "url": settings.temporal_ui},
        "imap": {"host": LOCALHOST, "port": settings.imap_port, "tls": "none"},
        "smtp": {"host": LOCALHOST, "port": settings.smtp_port, "tls": "none"},
        "tokens": {role.value: token for role, token in tokens.items()},
        "agents": {role.value: slug for role, slug in agents.items()},
        "mail_accounts": [
            {"address": address, "user": address, "password": password}
            for address, password in sorted(stack.mail_users.items())
        ],
    }
    write_private(stack.folder.access, json.dumps(content, indent=2) + "\n")
    return tokens


def role_agents(file: OrganisationFile) -> dict[Role, str]:
    """For each role the organisation's first agent whose main role it is, else the first who has it."""
    agents = [agent for _, agent in file.having(AgentBody)]
    chosen: dict[Role, str] = {}
    for role in Role:
        having = [agent for agent in agents if role in agent.roles]
        if not having:
            raise Unusable(f"the demo's organisation has nobody in the role {role.value}: add an agent who holds it.")
        chosen[role] = next((agent for agent in having if agent.roles[0] == role), having[0]).slug
    return chosen


async def _tokens(stack: Stack, agents: Mapping[Role, str]) -> dict[Role, str]:
    kept = _kept_tokens(stack)
    tokens: dict[Role, str] = {}
    async with stack.house.database.write() as session:
        for role, agent in agents.items():
            token = kept.get(role.value, "")
            identity = await identify(session, token) if token else None
            if identity is None or identity.slug != agent or role not in identity.roles:
                token = await create_token(session, agent, role, actor="demo", now=datetime.now(UTC))
            tokens[role] = token
    return tokens


def _kept_tokens(stack: Stack) -> dict[str, str]:
    try:
        content: Any = json.loads(stack.folder.access.read_text())
        tokens = content["tokens"]
        return {role: token for role, token in tokens.items() if isinstance(token, str)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # made anew below: the file is ours to write
