"""Who is told of an alert: as the inventory names it, the wall alone where it names nobody.

Secrets stand in files of their own beside `alertmanager.yml`, which only names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.servers.vault import VaultError, read_vault
from inventory.alerting import Alerting, AlertMail, AlertWebhook
from inventory.text import Text
from monitoring.prometheus.rule import literal
from monitoring.prometheus.words import SEVERITIES

SECRETS = "secrets/"
"""Folder of the files that only their owner may read."""
_MAIL, _HOOK = "alerts.smtp", "alerts.webhook"
"""Names in the vault."""
_TEXT = (
    "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n"
    '{{ .StartsAt.Local.Format "2006-01-02 15:04" }}  {{ .Annotations.runbook_url }}\n'
    "{{ .Annotations.summary_en }}\n\n{{ end }}"
)


def secret_files(alerting: Alerting | None, vault: Path, password_file: Path | None) -> dict[str, str]:
    """Path in the rendered folder → secret, for each that sending needs. The vault is opened only if there is one.

    Raises:
        VaultError: a secret is not there.
    """
    mail, hook = (alerting.mail, alerting.webhook) if alerting else (None, None)
    needed = [*([_MAIL] if mail and mail.user else []), *([_HOOK] if hook and hook.token else [])]
    if not needed:
        return {}
    found = read_vault(vault, password_file)
    missing = ", ".join(name for name in needed if name not in found)
    if missing:
        raise VaultError(
            Text(f"{vault} lacks secrets: {missing}.", f"{vault} に次のシークレットがありません: {missing}。"),
            Text("Enter them: sanso secrets edit", "sanso secrets edit で登録してください。"),
        )
    return {f"{SECRETS}{name}": found[name] for name in needed}


def receivers(alerting: Alerting | None, city: str, folder: str) -> list[dict[str, Any]]:
    """One a severity, the most severe first. `city`: its title. `folder`: where the secrets' files stand."""
    ranks = list(SEVERITIES)
    told = ranks[: ranks.index(alerting.lowest) + 1] if alerting else []
    return [
        {"name": severity, **(_ways(alerting, city, severity, folder) if alerting and severity in told else {})}
        for severity in ranks
    ]


def _ways(alerting: Alerting, city: str, severity: str, folder: str) -> dict[str, Any]:
    mail, hook = alerting.mail, alerting.webhook
    return {
        **({"email_configs": [_mail(mail, city, severity, folder)]} if mail else {}),
        **({"webhook_configs": [_hook(hook, folder)]} if hook else {}),
    }


def _mail(mail: AlertMail, city: str, severity: str, folder: str) -> dict[str, Any]:
    login = {"auth_username": mail.user, "auth_password_file": str(Path(folder) / _MAIL)} if mail.user else {}
    first = "{{ (index .Alerts 0).Annotations.summary }}"
    over = '{{ if eq .Status "resolved" }}復旧: {{ end }}'
    return {
        "to": ", ".join(mail.to),
        "from": mail.from_,
        "smarthost": mail.smarthost,
        **login,
        "require_tls": True,
        "send_resolved": True,
        "headers": {"Subject": f"[{SEVERITIES[severity]}] {literal(city)} {over}{first}"},
        "html": "",
        "text": _TEXT,
    }


def _hook(hook: AlertWebhook, folder: str) -> dict[str, Any]:
    login = {"http_config": {"authorization": {"credentials_file": str(Path(folder) / _HOOK)}}} if hook.token else {}
    return {"url": hook.url, "send_resolved": True, **login}
