"""The engine's own words for warnings of contracts, where the organisation has none (domain 3.7)."""

from __future__ import annotations

from models.messages.templates import MailTemplate

OF_CONTRACTS = MailTemplate.model_validate(
    {
        "slug": "contract",
        "name": "contract",
        "texts": {
            "en": {
                "subject": "{{ contract.name }}: "
                "{% if contract.days %}{{ contract.days }} days left{% else %}{{ contract.remaining }} of"
                " {{ contract.total }} terms left{% if contract.channel %} for {{ contract.channel }}{% endif %}{% endif %}",
                "body": "The contract {{ contract.name }} ({{ contract.slug }}) of {{ contract.customer }} has"
                " {{ contract.remaining }} of {{ contract.total }} terms left"
                "{% if contract.channel %} for {{ contract.channel }}{% endif %}.\n"
                "Its last day is {{ contract.end }}"
                "{% if contract.days %}: {{ contract.days }} days are left{% endif %}.\n",
            },
            "de": {
                "subject": "{{ contract.name }}: "
                "{% if contract.days %}noch {{ contract.days }} Tage{% else %}noch {{ contract.remaining }} von"
                " {{ contract.total }} Einheiten{% if contract.channel %} für {{ contract.channel }}{% endif %}{% endif %}",
                "body": "Der Vertrag {{ contract.name }} ({{ contract.slug }}) von {{ contract.customer }} hat noch"
                " {{ contract.remaining }} von {{ contract.total }} Einheiten"
                "{% if contract.channel %} für {{ contract.channel }}{% endif %}.\n"
                "Sein letzter Tag ist {{ contract.end }}"
                "{% if contract.days %}: noch {{ contract.days }} Tage{% endif %}.\n",
            },
        },
    }
)
