# Averages, posteriors and ensembles compared on one data set.
#
#     make -f scripts/experiments/posteriors.mk -j2 [SET=digits|mnist|cifar10] [OUT=results]
#
# SET=mnist and SET=cifar10 read the files that scripts/fetch-data puts into FOLDER. Every file is a
# target, and training goes on from its last saved epoch: an interrupted run continues where it
# stopped. The tools must be in PATH. The table is $(OUT)/table.tsv.
#
# METHODS are any of: iterate (the last SGD iterate of the run that is averaged), sgd (a run whose
# rate falls to the end), swa, swag-diagonal, swag, multiswag, fge, snapshot, ensemble.
SET ?= digits
FOLDER ?= data
OUT ?= results/$(SET)
METHODS ?= iterate sgd swa swag-diagonal swag multiswag fge snapshot ensemble
# Threads of each tool: one, as `make -j` runs several.
THREADS ?= 1
SAMPLES ?= 30
# The seeds of the runs behind MultiSWAG and the ensemble.
SEEDS ?= 1 2 3
# How much of the training data BatchNorm statistics are made from.
FRACTION ?= 1

ifeq ($(SET),digits)
MODEL ?= lenet5
EPOCHS ?= 10
RECIPE ?= --lr 0.05 --weight-decay 5e-4
AUGMENT ?= --augment crop
LR := 0.05
SWA_LR ?= 0.05
else ifeq ($(SET),mnist)
MODEL ?= lenet5
EPOCHS ?= 10
RECIPE ?= --lr 0.05 --weight-decay 5e-4
AUGMENT ?=
LR := 0.05
SWA_LR ?= 0.02
else ifeq ($(SET),cifar10)
MODEL ?= preresnet20
EPOCHS ?= 30
RECIPE ?= --lr 0.1 --weight-decay 3e-4
AUGMENT ?= --augment crop,flip
LR := 0.1
SWA_LR ?= 0.05
else
$(error SET is digits, mnist or cifar10)
endif
# The second half of the budget is averaged over.
SWA_START ?= $(shell expr $(EPOCHS) / 2)
# FGE starts from an iterate at four fifths of the SGD run, and has cycles of two epochs.
FGE_FROM := $(shell expr $(EPOCHS) \* 4 / 5)
FGE_EPOCHS := $(shell expr $(EPOCHS) / 5 / 2 \* 2 + 2)
# Five cycles of the snapshot ensemble.
CYCLE := $(shell expr $(EPOCHS) / 5)

train := nn-train $(OUT)/train.h5 --model $(MODEL) --momentum 0.9 $(RECIPE) $(AUGMENT) -@ $(THREADS)
refresh := bn-update --data $(OUT)/train.h5 $(AUGMENT) --fraction $(FRACTION) -@ $(THREADS)
predict := nn-predict --data $(OUT)/test.h5 -@ $(THREADS)
# grow COMMAND: a training run under another name until it is complete.
grow = $(1) --resume -o $(@:.h5=.growing.h5) > $(@:.h5=.tsv) && mv $(@:.h5=.growing.h5) $@

.PHONY: all
all: $(OUT)/table.tsv
	@cat $<
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := bash
.SHELLFLAGS := -o pipefail -ec

$(OUT)/table.tsv: $(METHODS:%=$(OUT)/%-predictions.h5)
	calib-eval $^ > $@

# Data.
$(OUT):
	mkdir -p $@
ifeq ($(SET),digits)
$(OUT)/train.h5: | $(OUT)
	nn-data synth digits --count 12000 --seed 1 -o $@
$(OUT)/test.h5: $(OUT)/train.h5
	nn-data synth digits --count 10000 --seed 2 --normalize-like $< -o $@
else ifeq ($(SET),mnist)
$(OUT)/train.h5: | $(OUT)
	nn-data idx $(FOLDER)/train-images-idx3-ubyte* $(FOLDER)/train-labels-idx1-ubyte* -o $@
$(OUT)/test.h5: $(OUT)/train.h5
	nn-data idx $(FOLDER)/t10k-images-idx3-ubyte* $(FOLDER)/t10k-labels-idx1-ubyte* \
	  --normalize-like $< -o $@
else
$(OUT)/train.h5: | $(OUT)
	nn-data cifar10 $(FOLDER)/data_batch_* -o $@
$(OUT)/test.h5: $(OUT)/train.h5
	nn-data cifar10 $(FOLDER)/test_batch* --normalize-like $< -o $@
endif

# Runs. A stem is a seed.
$(OUT)/swa-run-%.h5: $(OUT)/train.h5
	$(call grow,$(train) --epochs $(EPOCHS) --schedule swa --swa-start $(SWA_START) \
	  --swa-lr $(SWA_LR) --seed $*)
$(OUT)/sgd-run-%.h5: $(OUT)/train.h5
	$(call grow,$(train) --epochs $(EPOCHS) --schedule swa --swa-start $(EPOCHS) \
	  --swa-lr $(shell awk 'BEGIN { print 0.01 * $(LR) }') --snapshot-from 1 --seed $*)
$(OUT)/fge-run.h5: $(OUT)/sgd-run-1.h5
	$(call grow,$(train) --init '$<[0:$(FGE_FROM)]' --epochs $(FGE_EPOCHS) --schedule cyclic \
	  --cycle 2 --lr-min 5e-4 --snapshot-at cycle-end --seed 1)
$(OUT)/snapshot-run.h5: $(OUT)/train.h5
	$(call grow,$(train) --epochs $(EPOCHS) --schedule cosine --t0 $(CYCLE) \
	  --snapshot-at cycle-end --seed 1)

# Posteriors and averages.
$(OUT)/swa.h5: $(OUT)/swa-run-1.h5
	swa-avg $< | $(refresh) -o $@
$(OUT)/swag-fit-%.h5: $(OUT)/swa-run-%.h5
	swag-fit $< -o $@
$(OUT)/swag.h5: $(OUT)/swag-fit-1.h5
	swag-sample $< --samples $(SAMPLES) | $(refresh) -o $@
$(OUT)/swag-diagonal.h5: $(OUT)/swag-fit-1.h5
	swag-sample $< --samples $(SAMPLES) --diagonal | $(refresh) -o $@
$(OUT)/multiswag.h5: $(SEEDS:%=$(OUT)/swag-fit-%.h5)
	swag-sample $^ --samples $(SAMPLES) | $(refresh) -o $@

# Predictions, averaged over every snapshot.
$(OUT)/iterate-predictions.h5: $(OUT)/swa-run-1.h5 $(OUT)/test.h5
	$(predict) $< --last 1 -o $@
$(OUT)/sgd-predictions.h5: $(OUT)/sgd-run-1.h5 $(OUT)/test.h5
	$(predict) $< --last 1 -o $@
$(OUT)/ensemble-predictions.h5: $(SEEDS:%=$(OUT)/sgd-run-%.h5) $(OUT)/test.h5
	$(predict) $(SEEDS:%=$(OUT)/sgd-run-%.h5) --last 1 --members -o $@
$(OUT)/fge-predictions.h5: $(OUT)/fge-run.h5 $(OUT)/test.h5
	$(predict) $< --members -o $@
$(OUT)/snapshot-predictions.h5: $(OUT)/snapshot-run.h5 $(OUT)/test.h5
	$(predict) $< --members -o $@
$(OUT)/swa-predictions.h5: $(OUT)/swa.h5 $(OUT)/test.h5
	$(predict) $< -o $@
$(OUT)/%-predictions.h5: $(OUT)/%.h5 $(OUT)/test.h5
	$(predict) $< --members -o $@
