"""Where alerts are sent (警報の通知先). What opens a door there stands in the vault, never in the inventory."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from inventory.element import Element

MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$")]


class AlertMail(Element):
    """E-mail by the city's smarthost, over TLS."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    from_: MailAddress = Field(alias="from")
    smarthost: str = Field(pattern=r"^[A-Za-z0-9.-]+:[1-9][0-9]*$", description="host:port")
    user: str | None = Field(
        default=None, description="login at the smarthost, its password in the vault (alerts.smtp); default: none"
    )


class AlertWebhook(Element):
    """A NOC's own system: messages are posted there as Alertmanager's JSON, over TLS or to a relay on this machine."""

    url: str = Field(
        pattern=r"^(https://[^\s/]\S*|http://127\.0\.0\.1(:[0-9]+)?(/\S*)?)$",
        description="https, or a relay on 127.0.0.1",
    )
    token: bool = Field(default=False, description="a bearer token goes along, from the vault (alerts.webhook)")


class Alerting(Element):
    """Where alerts go beside the wall, and which."""

    lowest: Literal["critical", "warning", "info"] = Field(
        default="warning", description="the least severe alert that is sent"
    )
    mail: AlertMail | None = None
    webhook: AlertWebhook | None = None
