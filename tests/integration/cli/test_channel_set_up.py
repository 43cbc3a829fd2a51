"""Setting a channel up when not all goes well at once: what failed leaves nothing behind, what is odd is told."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.test_channel import Companies, companies, done, refused

__all__ = ["companies"]


def rewritten(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_set_up_that_failed_leaves_the_directories_free(companies: Companies) -> None:
    acme, share = companies.acme, companies.acme.folder.parent / "share"
    (share.parent / "blocked").write_text("a file", encoding="utf-8")
    rewritten(acme.file, f"receive: {{directory: {share}/back}}", f"receive: {{directory: {share.parent}/blocked/in}}")
    assert "receive:" in refused(acme, "apply", acme.file)
    rewritten(acme.file, f"{share.parent}/blocked/in", f"{share}/back")
    done(acme, "apply", acme.file)


def test_a_synchronization_that_was_not_made_for_another_ones_sake_leaves_its_directories_free(
    companies: Companies,
) -> None:
    acme = companies.acme
    text = acme.file.read_text(encoding="utf-8")
    _, _, one = text.partition("synchronizations:\n")
    other = one.replace("Acme and Beta", "Acme and Gamma").replace("/share/", "/share/gamma/")
    acme.file.write_text(text + other.replace("/share/gamma/back", "/acme/backbone.yaml/in"), encoding="utf-8")
    refused(acme, "apply", acme.file)
    acme.file.write_text(text, encoding="utf-8")
    done(acme, "apply", acme.file)
