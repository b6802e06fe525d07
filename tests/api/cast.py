"""Programs of the cast: each calls with a token of its person."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.test import Client

from accounts.models import Scope, User
from accounts.services import issue_token

ROOT = "/api/v1/"


class Program:
    """Calls the API with one person's token."""

    def __init__(self, user: User | None, scopes: Collection[str] = tuple(Scope.values)) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {}
        if user:
            _, text = issue_token(by=user, name="Tests", scopes=scopes, days=1)
            self.headers["Authorization"] = f"Bearer {text}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response; keywords are headers, with _ for -."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        given: dict[str, Any] = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        address = path if path.startswith("/") else ROOT + path
        return getattr(self.client, method)(address, headers={**self.headers, **told}, **given)

    def get(self, path: str, **headers: str) -> Any:
        return self("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("post", path, {} if body is None else body, **headers)


def codes(response: Any) -> set[str]:
    """The codes of a refusal's problems."""
    return {each["code"] for each in response.json()["problems"]}
