"""Error texts in the language of the account: a client that reads them as logic is wrong.

Only German is spoken besides English, and only what a synchronization meets; the keys in
``errors`` are never translated, as in Jira.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GERMAN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (
            r"Field '(.+)' cannot be set\. It is not on the appropriate screen, or unknown\.",
            r"Das Feld '\1' kann nicht festgelegt werden. Es befindet sich nicht auf dem entsprechenden Bildschirm oder ist unbekannt.",
        ),
        (r"You must specify a summary of the issue\.", "Sie müssen eine Zusammenfassung des Vorgangs angeben."),
        (r"(.+) is required\.", r"\1 ist erforderlich."),
        (
            r"Issue does not exist or you do not have permission to see it\.",
            "Der Vorgang existiert nicht oder Sie haben keine Berechtigung, ihn anzuzeigen.",
        ),
        (r"Issue Does Not Exist", "Vorgang existiert nicht"),
        (
            r"The entered text is too long\. It exceeds the allowed limit of (.+) characters\.",
            r"Der eingegebene Text ist zu lang. Er überschreitet das zulässige Limit von \1 Zeichen.",
        ),
        (r"The label '(.+)' contains spaces which is invalid\.", r"Das Stichwort '\1' enthält ungültige Leerzeichen."),
        (r"Comment body can not be empty!", "Der Kommentartext darf nicht leer sein!"),
        (r"User '(.+)' does not exist\.", r"Der Benutzer '\1' existiert nicht."),
        (r"(You do not have .*)", "Sie haben keine Berechtigung für diesen Vorgang."),
    )
)
LANGUAGES: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {"de": GERMAN}


def translate(text: str, locale: str) -> str:
    """The text in the language of a locale such as ``de_DE``; unknown texts stay English."""
    for pattern, translated in LANGUAGES.get(locale.partition("_")[0], ()):
        if pattern.fullmatch(text):
            return pattern.sub(translated, text)
    return text
