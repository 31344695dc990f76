# Environments beside .venv, for tools that must not share packages with the code, and what is done with them.
# Each is made anew when its pins change. The pins are complete, so nothing is resolved (--no-deps).

SAM := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
INSTALL_PINS = bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps --requirement

.PHONY: .venv-sam .venv-emulator .venv-runtime build lint-template

.venv-sam: .venv-sam/.ready
.venv-emulator: .venv-emulator/.ready
.venv-runtime: .venv-runtime/.ready

# The runtime's own Python: functions run in it as they do in Lambda.
.venv-runtime/.ready: MAKE_WITH = $$(tools/runtime-python.sh)
.venv-sam/.ready .venv-emulator/.ready: MAKE_WITH = $(PYTHON)

.venv-%/.ready: requirements/%.txt
	@echo 'setting up .venv-$* (once)'
	@python=$(MAKE_WITH) && "$$python" -m venv --clear .venv-$*
	.venv-$*/$(INSTALL_PINS) requirements/$*.txt
	@touch $@

build: .venv-sam .venv-runtime ## Build the functions and the layer, as `sam deploy` sends them.
	$(SAM) build

lint-template: .venv-sam ## Check template.yaml.
	$(SAM) validate --lint
