"""`backbone` and `python -m backbone`."""

from __future__ import annotations

from backbone.cli.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="backbone")


if __name__ == "__main__":
    main()
