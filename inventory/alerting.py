"""Where alerts are sent (警報の通知先). What opens a door there stands in the vault, never in the inventory."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from inventory.element import Element


def _somebody(found: tuple[str, ...]) -> tuple[str, ...]:
    if not found:
        msg = "at least one address"
        raise ValueError(msg)
    return found


MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$")]
MailAddresses = Annotated[tuple[MailAddress, ...], AfterValidator(_somebody)]
Smarthost = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+:[1-9][0-9]*$")]
WebhookUrl = Annotated[str, StringConstraints(pattern=r"^(https://[^\s/]\S*|http://127\.0\.0\.1(:[0-9]+)?(/\S*)?)$")]


class AlertMail(Element):
    """E-mail by the city's smarthost, over TLS."""

    to: MailAddresses
    from_: MailAddress = Field(alias="from")
    smarthost: Smarthost
    user: str | None = Field(
        default=None, description="login at the smarthost, its password in the vault (alerts.smtp); default: none"
    )


class AlertWebhook(Element):
    """A NOC's own system: messages are posted there as Alertmanager's JSON, over TLS or to a relay on this machine."""

    url: WebhookUrl
    token: bool = Field(default=False, description="a bearer token goes along, from the vault (alerts.webhook)")


class Alerting(Element):
    """Where alerts go beside the wall, and which."""

    lowest: Literal["critical", "warning", "info"] = Field(
        default="warning", description="the least severe alert that is sent"
    )
    mail: AlertMail | None = None
    webhook: AlertWebhook | None = None
