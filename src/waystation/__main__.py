"""Run the command line as ``python -m waystation``."""

from waystation.cli.main import main

if __name__ == "__main__":
    main()
