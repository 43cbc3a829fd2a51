"""Setting a channel up when not all goes well at once: what failed leaves nothing behind, what is odd is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.cli.companies import MAPPED
from tests.integration.cli.test_channel import Companies, companies, done, refused, shown

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


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: Acme and Beta", 'name: "Acme\\x1b[2J and Beta"', "name"),
        ("first: {connection", 'description: "\\x1b[2J"\n    first: {connection', "description"),
        ("High, high", 'High, "\\x1b[2J"', "alias"),
    ],
)
def test_what_no_partner_could_be_told_is_refused_in_a_sentence(
    companies: Companies, old: str, new: str, told: str
) -> None:
    rewritten(companies.acme.file, old, new)
    assert told in refused(companies.acme, "apply", companies.acme.file)


def test_a_message_that_no_partner_could_be_told_is_refused_in_a_sentence(companies: Companies) -> None:
    assert "--message" in refused(companies.acme, "apply", companies.acme.file, "--message", "a\x1bb")
    assert "--message" in refused(companies.acme, "apply", companies.acme.file, "--message", "a" * 20_001)
    companies.confirm()
    companies.exchange()
    assert "UPDATE REQUIRED" in done(companies.beta, "status")
    assert "--message" in refused(companies.beta, "decline", "INT-1", "--message", "a\x1bb")


def test_the_file_tells_the_description_as_it_is_when_it_is_written(companies: Companies) -> None:
    acme = companies.acme
    done(acme, "apply", acme.file)
    rewritten(acme.file, "    first: {connection", "    description: Bugs of pumps\n    first: {connection")
    done(acme, "apply", acme.file)
    file = acme.folder / "handshake.asc"
    done(acme, "channel", "offer", "INT-1", file)
    assert "Bugs of pumps" in done(acme, "channel", "read", file)


def test_until_it_is_answered_a_channel_is_shown_with_how_long_its_file_is_valid(companies: Companies) -> None:
    acme = companies.acme
    done(acme, "apply", acme.file)
    done(acme, "channel", "offer", "INT-1", acme.folder / "handshake.asc", "--days", "3")
    told = done(acme, "channel", "show", "INT-1")
    assert re.search(r"Handshake file   valid until \S+ \S+ UTC$", told, re.MULTILINE)
    assert shown(acme)["fileValidUntil"] is not None


def test_encryption_can_be_chosen_until_the_file_is_answered(companies: Companies) -> None:
    acme, beta = companies.acme, companies.beta
    done(acme, "apply", acme.file)
    former, file = acme.folder / "former.asc", acme.folder / "handshake.asc"
    done(acme, "channel", "offer", "INT-1", former)
    rewritten(acme.file, "    channel:\n", "    channel:\n      encryption: false\n")
    done(acme, "apply", acme.file)
    assert shown(acme)["encrypted"] is False
    done(acme, "channel", "offer", "INT-1", file)
    assert "signed only" in done(acme, "channel", "read", file)
    rewritten(beta.file, "    channel:\n", "    channel:\n      encryption: false\n")
    companies.hand_over()
    done(beta, "apply", beta.file)
    companies.exchange()
    assert shown(acme)["stage"] == "known"
    rewritten(beta.file, "encryption: false", "encryption: true")
    assert "encryption" in refused(beta, "apply", beta.file)
    rewritten(acme.file, "encryption: false", "encryption: true")
    assert "new synchronization" in refused(acme, "apply", acme.file)


def test_a_way_out_that_the_master_does_not_receive_by_is_refused(companies: Companies) -> None:
    acme, beta = companies.acme, companies.beta
    done(acme, "apply", acme.file)
    done(acme, "channel", "offer", "INT-1", acme.folder / "handshake.asc")
    companies.hand_over()
    back = f"send:    {{directory: {acme.folder.parent}/share/back}}"
    mail = "send:    {address: b@b.test, server: 127.0.0.1, port: 9, user: b, password: {env: BETA_TOKEN}}"
    rewritten(beta.file, back, mail)
    assert "the master receives by files" in refused(beta, "apply", beta.file)


def test_the_doctor_examines_a_slave_by_what_its_master_published(companies: Companies) -> None:
    beta = companies.beta
    companies.confirm()
    assert "nothing that the master published has come yet" in done(beta, "doctor", beta.file)
    companies.exchange()
    beta.file.write_text(beta.file.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")
    assert "has come yet" not in done(beta, "doctor", beta.file)
    rewritten(beta.file, "first: title", "first: headline")
    result = beta.shell("doctor", beta.file)
    assert result.exit_code == 1
    assert "the master publishes no field 'headline'" in result.stdout


def test_an_exported_half_finds_its_files_from_another_folder(companies: Companies) -> None:
    beta = companies.beta
    companies.meet()
    elsewhere = beta.folder / "elsewhere"
    elsewhere.mkdir()
    file = elsewhere / "exported.yaml"
    file.write_text(done(beta, "export", "INT-1"), encoding="utf-8")
    assert f"handshake: {beta.folder}/handshake.asc" in file.read_text(encoding="utf-8")
    assert "Beta and Acme: unchanged" in done(beta, "apply", file)


def test_a_description_can_not_pass_for_what_the_program_says(companies: Companies) -> None:
    acme = companies.acme
    typed = '    description: "Bugs\\nEncrypted        yes\\rMaster\'s key     AAAA"\n    first: {connection'
    rewritten(acme.file, "    first: {connection", typed)
    done(acme, "apply", acme.file)
    file = acme.folder / "handshake.asc"
    done(acme, "channel", "offer", "INT-1", file)
    lines = done(acme, "channel", "read", file).splitlines()
    assert [line.split()[0] for line in lines].count("Encrypted") == 1
    assert [line.split()[0] for line in lines].count("Master's") == 1


def test_a_handshake_file_is_for_its_owner_alone_wherever_it_is_written(companies: Companies) -> None:
    acme = companies.acme
    done(acme, "apply", acme.file)
    file = acme.folder / "handshake.asc"
    file.write_text("of before", encoding="utf-8")
    file.chmod(0o644)
    done(acme, "channel", "offer", "INT-1", file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_handshake_file_is_answered_by_a_command_and_not_passed_over(companies: Companies) -> None:
    companies.confirm()
    acme, beta = companies.acme, companies.beta
    done(acme, "channel", "offer", "INT-1", acme.folder / "again.asc", "--anew")
    companies.hand_over("again.asc")
    before = beta.file.read_text(encoding="utf-8")
    beta.file.write_text(before.replace("handshake: handshake.asc", "handshake: again.asc"), encoding="utf-8")
    assert "backbone channel accept INT-1 again.asc" in refused(beta, "apply", beta.file)
    done(beta, "channel", "accept", "INT-1", beta.folder / "again.asc")
    done(beta, "apply", beta.file)
    beta.file.write_text(before, encoding="utf-8")
    done(beta, "apply", beta.file)
