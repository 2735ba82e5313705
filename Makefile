# Everything is in run.py, which serves Windows too; here are only the names. `make test-long STAGE=faults` runs one stage.
PYTHON ?= python3

.PHONY: run setup dev test test-fast test-coverage test-pythons test-long soak bench bench-quick bench-storm messages wheel lock
run setup dev test test-fast test-coverage test-pythons test-long soak bench bench-quick bench-storm messages wheel:
	@$(PYTHON) run.py $@ $(if $(filter test-long soak,$@),$(STAGE))

# After a change of the dependencies in pyproject.toml: the hashed files anew. Needs uv.
COMPILE = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
	--no-strip-extras \
	--extra postgres --extra redis --extra s3 --extra mail --extra age --extra sentry pyproject.toml
lock:
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
