"""`python -m timetravel` is `timetravel`."""

from timetravel.cli.app import main

if __name__ == "__main__":
    main()
