"""Two companies get to know each other by commands, and whoever is in between is noticed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.cli.companies import MAPPED, MASTER, SLAVE, Company, company
from tests.integration.cli.served_jiras import ServedJiras
from tests.parts.postgres import DatabaseServer, Migrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """The master's and the slave's."""

    acme: Company
    beta: Company

    def exchange(self, times: int = 3) -> None:
        for _ in range(times):
            self.beta.step()
            self.acme.step()

    def hand_over(self, name: str = "handshake.asc") -> Path:
        """Somebody carries the file from one company to the other."""
        return Path(shutil.copy(self.acme.folder / name, self.beta.folder / name))

    def meet(self) -> str:
        """Both know each other, and nobody confirmed it; the code."""
        done(self.acme, "apply", self.acme.file)
        done(self.acme, "channel", "offer", "Acme and Beta", self.acme.folder / "handshake.asc")
        self.hand_over()
        done(self.beta, "apply", self.beta.file)
        self.exchange()
        code = shown(self.acme)["code"]
        assert isinstance(code, str)
        return code

    def confirm(self) -> None:
        code = self.meet()
        done(self.acme, "channel", "confirm", "INT-1", code)
        done(self.beta, "channel", "confirm", "INT-1", code)


def done(one: Company, *words: str | Path) -> str:
    result = one.shell(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(one: Company, *words: str | Path) -> str:
    result = one.shell(*words)
    assert result.exit_code == 2, result.output
    return result.stderr


def shown(one: Company) -> dict[str, object]:
    found = one.shell.json("channel", "show", "INT-1")
    assert isinstance(found, dict)
    return found


@pytest.fixture
def companies(
    bundled_postgres: DatabaseServer, migrate_schema: Migrate, jiras: ServedJiras, tmp_path: Path
) -> Iterator[Companies]:
    places = {"out": tmp_path / "share" / "out", "back": tmp_path / "share" / "back"}
    with bundled_postgres.database(migrate_schema) as first, bundled_postgres.database(migrate_schema) as second:
        yield Companies(
            acme=company(tmp_path / "acme", first, MASTER.format(url=jiras.acme.url, **places)),
            beta=company(tmp_path / "beta", second, SLAVE.format(url=jiras.beta.url, **places)),
        )


def test_two_companies_agree_by_files_in_few_commands(companies: Companies) -> None:
    acme, beta = companies.acme, companies.beta
    done(acme, "apply", acme.file)
    done(acme, "channel", "offer", "Acme and Beta", acme.folder / "handshake.asc")
    told = done(beta, "channel", "read", companies.hand_over())
    assert "Acme and Beta" in told
    done(beta, "apply", beta.file)
    companies.exchange()
    code = shown(acme)["code"]
    assert isinstance(code, str)
    assert code == shown(beta)["code"]
    assert shown(acme)["open"] is False
    done(acme, "channel", "confirm", "INT-1", *code.split())
    done(beta, "channel", "confirm", "INT-1", code)
    companies.exchange()
    assert "UPDATE REQUIRED" in done(beta, "status")
    beta.file.write_text(beta.file.read_text(encoding="utf-8") + MAPPED, encoding="utf-8")
    done(beta, "apply", beta.file)
    companies.exchange()
    done(acme, "start", "INT-1")
    done(beta, "start", "INT-1")
    assert "RUNNING" in done(acme, "status")
    assert "RUNNING" in done(beta, "status")


def test_nothing_is_published_before_both_confirmed(companies: Companies) -> None:
    code = companies.meet()
    done(companies.acme, "channel", "confirm", "INT-1", code)
    companies.exchange()
    assert "UPDATE REQUIRED" not in done(companies.beta, "status")
    done(companies.beta, "channel", "confirm", "INT-1", code)
    companies.exchange(4)


def test_another_code_is_refused_in_a_sentence(companies: Companies) -> None:
    companies.meet()
    told = refused(companies.acme, "channel", "confirm", "INT-1", "1234 " * 8)
    assert "this is not the code" in told
    assert shown(companies.acme)["confirmed"] is False


def test_a_key_is_renewed_while_parcels_go_on(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    former = shown(companies.acme)["ourKeys"]
    done(companies.acme, "channel", "renew-key", "INT-1")
    companies.exchange()
    known = shown(companies.beta)["partnerKeys"]
    assert isinstance(known, list)
    assert known != former
    assert len(known) == 2


def test_a_locked_file_needs_its_passphrase(companies: Companies) -> None:
    acme, beta = companies.acme, companies.beta
    done(acme, "apply", acme.file)
    file = acme.folder / "handshake.asc"
    result = acme.shell("channel", "offer", "INT-1", file, "--passphrase-env", "WORDS", WORDS="correct horse")
    assert result.exit_code == 0, result.output
    copy = companies.hand_over()
    assert "locked with a passphrase" in refused(beta, "channel", "read", copy)
    assert (
        "passphrase does not open"
        in beta.shell("channel", "read", copy, "--passphrase-env", "WORDS", WORDS="wrong").stderr
    )
    assert beta.shell("channel", "read", copy, "--passphrase-env", "WORDS", WORDS="correct horse").exit_code == 0


def test_a_file_is_not_answered_where_it_was_written_and_not_twice(companies: Companies) -> None:
    companies.meet()
    again = companies.beta.folder / "again.yaml"
    text = companies.beta.file.read_text(encoding="utf-8").replace("Beta and Acme", "Once more")
    again.write_text(text, encoding="utf-8")
    assert "used already" in refused(companies.beta, "apply", again)


def test_a_second_answer_suspends_both(
    companies: Companies, bundled_postgres: DatabaseServer, migrate_schema: Migrate, tmp_path: Path
) -> None:
    companies.meet()
    with bundled_postgres.database(migrate_schema) as third:
        text = companies.beta.file.read_text(encoding="utf-8")
        thief = company(tmp_path / "thief", third, text.replace("/share/out", "/elsewhere"))
        shutil.copy(companies.beta.folder / "handshake.asc", thief.folder / "handshake.asc")
        marker = next((tmp_path / "share" / "back").glob(".backbone-*send*"))
        done(thief, "apply", thief.file)
        assert marker.exists()
        thief.step()
    companies.acme.step()
    companies.beta.step()
    assert shown(companies.acme)["stage"] == "suspended"
    assert shown(companies.beta)["stage"] == "suspended"
    assert "two answers" in refused(companies.beta, "channel", "confirm", "INT-1", "1234")


def test_settings_are_tested_with_the_systems_own_words(companies: Companies) -> None:
    companies.meet()
    done(companies.acme, "channel", "test", "INT-1")
    for marker in (companies.acme.folder.parent / "share" / "out").glob(".backbone-*"):
        marker.unlink()
    shutil.rmtree(companies.acme.folder.parent / "share" / "out")
    Path(companies.acme.folder.parent / "share" / "out").write_text("a file", encoding="utf-8")
    result = companies.acme.shell("channel", "test", "INT-1")
    assert result.exit_code == 1
    assert "send:" in result.stdout


def test_a_channel_is_asked_for_where_there_is_one(companies: Companies) -> None:
    assert "no synchronization" in refused(companies.acme, "channel", "show", "INT-9")


def test_a_file_that_is_none_is_refused_in_a_sentence(companies: Companies) -> None:
    file = companies.beta.folder / "other.asc"
    assert "can't be read" in refused(companies.beta, "channel", "read", file)
    file.write_text("hello", encoding="utf-8")
    assert "no handshake file" in refused(companies.beta, "channel", "read", file)


def test_a_ping_tells_that_the_partner_is_there(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    before = str(shown(companies.acme)["partnerHeard"])
    done(companies.acme, "channel", "ping", "INT-1")
    companies.exchange()
    assert str(shown(companies.acme)["partnerHeard"]) >= before
    assert shown(companies.acme)["partnerAhead"] == 0


def test_a_new_handshake_trusts_nobody_until_the_new_code_is_compared(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    acme, beta = companies.acme, companies.beta
    former = shown(acme)["ourKeys"]
    done(acme, "channel", "offer", "INT-1", acme.folder / "again.asc", "--anew")
    done(beta, "channel", "accept", "INT-1", companies.hand_over("again.asc"))
    assert shown(acme)["open"] is False
    companies.exchange(4)
    code = shown(acme)["code"]
    assert code == shown(beta)["code"]
    assert shown(acme)["ourKeys"] != former
    assert shown(beta)["confirmed"] is False
    assert "used" in refused(beta, "channel", "accept", "INT-1", companies.beta.folder / "again.asc")
    done(acme, "channel", "confirm", "INT-1", str(code))
    done(beta, "channel", "confirm", "INT-1", str(code))
    assert shown(acme)["open"] is shown(beta)["open"] is True
    companies.exchange(6)
    assert "UPDATE REQUIRED" in done(beta, "status")
    assert "channel-diverged" not in done(acme, "status")


def test_a_directory_moves_and_the_former_one_is_read_as_long_as_parcels_may_come_there(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    acme, beta, share = companies.acme, companies.beta, companies.acme.folder.parent / "share"
    text = acme.file.read_text(encoding="utf-8")
    acme.file.write_text(text.replace(f"receive: {{directory: {share}/back}}", f"receive: {{directory: {share}/new}}"))
    done(acme, "apply", acme.file)
    assert "as yet from" in done(acme, "channel", "show", "INT-1")
    companies.exchange()
    _hears(companies, share / "back")
    beta.file.write_text(beta.file.read_text(encoding="utf-8").replace(f"{share}/back", f"{share}/new"))
    done(beta, "apply", beta.file)
    companies.exchange()
    _hears(companies, share / "new")


def _hears(companies: Companies, folder: Path) -> None:
    """What the slave lays into the folder is taken out of it by the master."""
    before = set(folder.iterdir())
    done(companies.beta, "channel", "ping", "INT-1")
    companies.beta.step()
    assert set(folder.iterdir()) > before
    companies.acme.step()
    assert set(folder.iterdir()) == before


def test_exchanging_the_key_of_secrets_keeps_channels_working(companies: Companies) -> None:
    companies.confirm()
    done(companies.acme, "secrets", "rotate")
    companies.exchange()
    done(companies.acme, "channel", "renew-key", "INT-1")


def test_what_is_done_to_a_channel_is_in_the_audit_log(companies: Companies) -> None:
    companies.confirm()
    told = done(companies.acme, "audit", "list")
    assert "channel.offer" in told
    assert "channel.confirm" in told
    assert "channel.accept" in done(companies.beta, "audit", "list")


def test_another_place_for_parcels_is_in_the_audit_log_with_who_chose_it(companies: Companies) -> None:
    companies.confirm()
    acme = companies.acme
    text = acme.file.read_text(encoding="utf-8")
    acme.file.write_text(text.replace("/share/back", "/share/elsewhere"), encoding="utf-8")
    done(acme, "apply", acme.file)
    changed = next(one for one in acme.shell.json("audit", "list") if one["what"] == "channel.change")
    assert changed["who"].startswith("command-line:")
    assert changed["before"]["receive"]["directory"].endswith("/share/back")
    assert changed["after"]["receive"]["directory"].endswith("/share/elsewhere")


def test_both_sides_can_verify_what_was_sent_and_received(companies: Companies) -> None:
    companies.confirm()
    companies.exchange()
    told, heard = (one.shell.json("audit", "verify", "INT-1") for one in (companies.acme, companies.beta))
    assert told["wrong"] == heard["wrong"] == []
    assert [one["digest"] for one in told["sent"]] == [one["digest"] for one in heard["received"]]
    assert told["sent"] != []
    assert "fits together" in done(companies.acme, "audit", "verify", "INT-1")


def test_a_directory_that_is_replaced_is_noticed_and_taken_over_after_a_word(companies: Companies) -> None:
    companies.confirm()
    acme, out = companies.acme, companies.acme.folder.parent / "share" / "out"
    out.rename(out.with_name("aside"))
    out.mkdir(mode=0o700)
    acme.step()
    assert "has no marker" in str(acme.shell.json("problems", "list"))
    done(acme, "channel", "adopt", "INT-1")
    done(companies.beta, "channel", "adopt", "INT-1")
    companies.exchange()
    assert acme.shell.json("channel", "test", "INT-1")[0]["works"] is True


def test_what_is_in_the_place_of_a_directory_is_neither_made_nor_marked_but_by_set_up(companies: Companies) -> None:
    companies.confirm()
    acme, out = companies.acme, companies.acme.folder.parent / "share" / "out"
    out.rename(out.with_name("aside"))
    out.mkdir(mode=0o700)
    tested = acme.shell("channel", "test", "INT-1")
    text = acme.file.read_text(encoding="utf-8")
    acme.file.write_text(text.replace("/share/back}", "/share/new}"), encoding="utf-8")
    edited = refused(acme, "apply", acme.file)
    assert (tested.exit_code, list(out.iterdir())) == (1, [])
    assert "has no marker" in tested.stdout
    assert "has no marker" in edited
    out.rmdir()
    assert acme.shell("channel", "test", "INT-1").exit_code == 1
    assert not out.exists()


def test_what_was_put_right_is_used_without_a_pause(companies: Companies) -> None:
    companies.confirm()
    acme, back = companies.acme, companies.acme.folder.parent / "share" / "back"
    text = acme.file.read_text(encoding="utf-8")
    acme.file.write_text(text.replace("/share/back}", "/share/new}"), encoding="utf-8")
    for cure in (("channel", "adopt", "INT-1"), ("apply", acme.file)):
        back.rename(back.with_name(f"aside-{cure[0]}"))
        back.mkdir(mode=0o700)
        acme.step()
        assert "has no marker" in str(acme.shell.json("problems", "list"))
        done(acme, *cure)
        acme.step()
        assert "has no marker" not in str(acme.shell.json("problems", "list"))


def test_verify_says_what_it_can_not_compare(companies: Companies) -> None:
    companies.meet()
    told = done(companies.acme, "verify")
    assert told.startswith("INT-1: not compared")
    assert "backbone audit verify INT-1" in told
    assert companies.acme.shell.json("verify")["elsewhere"] == ["INT-1"]
    assert "backbone audit verify INT-1" in refused(companies.acme, "verify", "INT-1")
