# Each verb stands alone: it makes .venv and installs what it needs first.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) scripts/bootstrap.py
BIN = .venv/bin
export PORT HOST

.PHONY: help run demo serve test browser lint format bench lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

run:  ## install, start everything, show the main job on the demo project, serve until Ctrl-C
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor run

demo:  ## the same without staying; the exit code tells
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor demo

serve:  ## serve what is there, without the demo, logs on the console
	@exec $(BOOTSTRAP) -m atlasnexus.supervisor serve
