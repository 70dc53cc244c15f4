# Averages, posteriors and ensembles compared on one data set.
#
#     make -f scripts/experiments/posteriors.mk -j2 [SET=digits|mnist|cifar10] [OUT=results/mnist]
#
# SET=mnist and SET=cifar10 read the files that scripts/fetch-data puts into FOLDER. SET=own takes
# OUT/train.h5, OUT/validation.h5 and OUT/test.h5 as they are; MODEL, EPOCHS, RECIPE, LR and SWA_LR say
# then what is trained, and how. Every file is a target, and training goes on from its last saved epoch:
# an interrupted run continues where it stopped. An option changed later makes nothing anew: give
# another OUT, or remove what it changes. The table is OUT/table.tsv.
#
# METHODS are any of
#   iterate        the last iterate of the run that is averaged
#   sgd            a run whose rate falls to the end
#   swa            the average of the weights since SWA_START
#   swag-diagonal  draws from the Gaussian of those weights, without their covariance,
#   swag           and with it;
#   multiswag      draws from the Gaussians of several runs
#   fge            weights at the ends of short cycles that go on from the sgd run
#   snapshot       weights at the ends of a run's cycles
#   ensemble       several sgd runs
#   mc-dropout     an sgd run with dropout, which is sampled
#   swa-dropout    a swa run with dropout, which is sampled
#   random-ess     slice samples of the posterior in a random subspace at the swa average,
#   pca-ess        in that of the principal components of the averaged weights,
#   curve-ess      and in the plane of a curve between two sgd runs, all tempered as published
SET ?= digits
FOLDER ?= data
OUT ?= results/$(SET)
TOOLS ?= .build/release
METHODS ?= iterate sgd swa swag-diagonal swag multiswag fge snapshot ensemble mc-dropout swa-dropout \
  random-ess pca-ess curve-ess
# Threads of each tool: one, as `make -j` runs several.
THREADS ?= 1
# Draws of each posterior, and of dropout.
SAMPLES ?= 30
# The seeds of the runs behind MultiSWAG and the ensemble.
SEEDS ?= 1 2 3
# Dimensions of the random and the PCA subspace; of each of ten classes how many examples the likelihood
# in all subspaces is of, and what it is divided by: as published, they weigh together as much as ten.
RANK ?= 5
PER_CLASS ?= 1000
TEMPERATURE ?= $(PER_CLASS)
# The last rows of the training data, which nothing is trained on.
KEEP ?= 5000
# The first so many rows of the others are trained on; all by default.
COUNT ?=

ifeq ($(SET),digits)
MODEL ?= lenet5
EPOCHS ?= 10
RECIPE ?= --lr $(LR) --weight-decay 5e-4
AUGMENT ?= --augment crop
LR ?= 0.05
SWA_LR ?= 0.05
DROPOUT ?= 0.1
else ifeq ($(SET),mnist)
MODEL ?= lenet5
EPOCHS ?= 10
RECIPE ?= --lr $(LR) --weight-decay 5e-4
AUGMENT ?=
LR ?= 0.05
SWA_LR ?= 0.02
DROPOUT ?= 0.1
else ifeq ($(SET),cifar10)
MODEL ?= preresnet20
EPOCHS ?= 30
RECIPE ?= --lr $(LR) --weight-decay 3e-4
AUGMENT ?= --augment crop,flip
LR ?= 0.1
SWA_LR ?= 0.01
DROPOUT ?= 0.01
# A fifth of the data is enough for BatchNorm statistics of many samples.
FRACTION ?= 0.2
else ifneq ($(SET),own)
$(error SET is digits, mnist, cifar10 or own)
endif
# How much of the training data BatchNorm statistics are made from.
FRACTION ?= 1
# The second half of the budget is averaged over.
SWA_START ?= $(shell expr $(EPOCHS) / 2)
# FGE starts from an iterate at four fifths of the SGD run, and has cycles of two epochs.
FGE_FROM := $(shell expr $(EPOCHS) \* 4 / 5)
FGE_EPOCHS := $(shell expr $(EPOCHS) / 5 / 2 \* 2 + 2)
# The snapshot ensemble has five cycles or more.
CYCLE := $(shell expr $(EPOCHS) / 5 \| 1)

train := nn-train $(OUT)/train.h5 --model $(MODEL) --momentum 0.9 $(RECIPE) $(AUGMENT) -@ $(THREADS)
refresh := bn-update --data $(OUT)/train.h5 $(AUGMENT) --fraction $(FRACTION) -@ $(THREADS)
# grow COMMAND: a training run, which has its name when it is complete.
grow = $(1) --resume -o $@ > $(@:.h5=.tsv)
# The schedules of both runs.
averaged := --epochs $(EPOCHS) --schedule swa --swa-start $(SWA_START) --swa-lr $(SWA_LR)
falling := --epochs $(EPOCHS) --schedule swa --swa-start $(EPOCHS) --snapshot-from 1 \
  --swa-lr $(shell awk 'BEGIN { print 0.01 * $(LR) }')

all: $(OUT)/table.tsv
	@cat $<
.PHONY: all
.DELETE_ON_ERROR:
# Nothing that was made on the way is thrown away.
.SECONDARY:
SHELL := bash
.SHELLFLAGS := -o pipefail -ec
export PATH := $(abspath $(TOOLS)):$(PATH)

$(OUT)/table.tsv: $(METHODS:%=$(OUT)/test/%.h5)
	calib-eval $^ > $@.part && mv $@.part $@

# Data.
$(OUT):
	mkdir -p $@
ifneq ($(SET),own)
ifeq ($(SET),digits)
$(OUT)/all.h5: | $(OUT)
	nn-data synth digits --count 17000 --seed 1 -o $@
$(OUT)/test.h5: $(OUT)/all.h5
	nn-data synth digits --count 10000 --seed 2 --normalize-like $< -o $@
else ifeq ($(SET),mnist)
$(OUT)/all.h5: | $(OUT)
	nn-data idx $(FOLDER)/train-images-idx3-ubyte* $(FOLDER)/train-labels-idx1-ubyte* -o $@
$(OUT)/test.h5: $(OUT)/all.h5
	nn-data idx $(FOLDER)/t10k-images-idx3-ubyte* $(FOLDER)/t10k-labels-idx1-ubyte* \
	  --normalize-like $< -o $@
else
$(OUT)/all.h5: | $(OUT)
	nn-data cifar10 $(FOLDER)/data_batch_* -o $@
$(OUT)/test.h5: $(OUT)/all.h5
	nn-data cifar10 $(FOLDER)/test_batch* --normalize-like $< -o $@
endif
$(OUT)/train.h5: $(OUT)/all.h5
	nn-data select $< $(if $(COUNT),--rows 0:$(COUNT),--rows -$(KEEP): --exclude) -o $@
$(OUT)/validation.h5: $(OUT)/all.h5
	nn-data select $< --rows -$(KEEP): -o $@
endif

# Runs. A stem is a seed.
$(OUT)/swa-run-%.h5: $(OUT)/train.h5
	$(call grow,$(train) $(averaged) --seed $*)
$(OUT)/sgd-run-%.h5: $(OUT)/train.h5
	$(call grow,$(train) $(falling) --seed $*)
$(OUT)/fge-run.h5: $(OUT)/sgd-run-1.h5
	$(call grow,$(train) --init '$<[0:$(FGE_FROM)]' --epochs $(FGE_EPOCHS) --schedule cyclic \
	  --cycle 2 --lr-min 5e-4 --snapshot-at cycle-end --seed 1)
$(OUT)/snapshot-run.h5: $(OUT)/train.h5
	$(call grow,$(train) --epochs $(EPOCHS) --schedule cosine --t0 $(CYCLE) \
	  --snapshot-at cycle-end --seed 1)
$(OUT)/mc-dropout-run.h5: $(OUT)/train.h5
	$(call grow,$(train) $(falling) --dropout $(DROPOUT) --seed 1)
$(OUT)/swa-dropout-run.h5: $(OUT)/train.h5
	$(call grow,$(train) $(averaged) --dropout $(DROPOUT) --seed 1)

# Posteriors and averages.
$(OUT)/swa.h5: $(OUT)/swa-run-1.h5
	swa-avg $< | $(refresh) -o $@
$(OUT)/swa-dropout.h5: $(OUT)/swa-dropout-run.h5
	swa-avg $< | $(refresh) -o $@
$(OUT)/swag-fit-%.h5: $(OUT)/swa-run-%.h5
	swag-fit $< -o $@
$(OUT)/swag.h5: $(OUT)/swag-fit-1.h5
	swag-sample $< --samples $(SAMPLES) | $(refresh) -o $@
$(OUT)/swag-diagonal.h5: $(OUT)/swag-fit-1.h5
	swag-sample $< --samples $(SAMPLES) --diagonal | $(refresh) -o $@
$(OUT)/multiswag.h5: $(SEEDS:%=$(OUT)/swag-fit-%.h5)
	swag-sample $^ --samples $(SAMPLES) | $(refresh) -o $@

# Subspaces. The curve joins the first two sgd runs, at a rate that falls to zero.
CURVE_EPOCHS ?= $(EPOCHS)
CURVE_LR ?= $(shell awk 'BEGIN { print 0.3 * $(LR) }')
CURVE_ENDS := $(wordlist 1,2,$(SEEDS:%=$(OUT)/sgd-run-%.h5))
$(OUT)/curve.h5: $(CURVE_ENDS) $(OUT)/train.h5
	$(call grow,curve-fit $(CURVE_ENDS) --data $(OUT)/train.h5 --momentum 0.9 $(RECIPE) $(AUGMENT) \
	  --learning-rate $(CURVE_LR) --epochs $(CURVE_EPOCHS) --schedule cosine --seed 1 -@ $(THREADS))
$(OUT)/random-space.h5: $(OUT)/swa.h5
	subspace-pca --random --at $< --rank $(RANK) -o $@
$(OUT)/pca-space.h5: $(OUT)/swa-run-1.h5
	subspace-pca $< --rank $(RANK) -o $@
$(OUT)/curve-space.h5: $(OUT)/curve.h5
	subspace-pca $< --rank 2 -o $@
$(OUT)/probe.h5: $(OUT)/train.h5
	nn-data select $< --per-class $(PER_CLASS) -o $@
$(OUT)/%-samples.h5: $(OUT)/%-space.h5 $(OUT)/probe.h5
	subspace-sample $< --data $(OUT)/probe.h5 --temperature $(TEMPERATURE) --samples $(SAMPLES) \
	  --seed 1 -@ $(THREADS) --resume -o $@
$(OUT)/%-ess.h5: $(OUT)/%-samples.h5 $(OUT)/train.h5
	$(refresh) $< -o $@

# Predictions for OUT/NAME.h5 are in OUT/NAME/, each averaged over all its weights. The weights of a
# method are files, and perhaps a selection among their snapshots.
weights-iterate := $(OUT)/swa-run-1.h5
weights-sgd := $(OUT)/sgd-run-1.h5
weights-swa := $(OUT)/swa.h5
weights-swag-diagonal := $(OUT)/swag-diagonal.h5
weights-swag := $(OUT)/swag.h5
weights-multiswag := $(OUT)/multiswag.h5
weights-fge := $(OUT)/fge-run.h5
weights-snapshot := $(OUT)/snapshot-run.h5
weights-ensemble := $(SEEDS:%=$(OUT)/sgd-run-%.h5)
weights-mc-dropout := $(OUT)/mc-dropout-run.h5
weights-swa-dropout := $(OUT)/swa-dropout.h5
weights-random-ess := $(OUT)/random-ess.h5
weights-pca-ess := $(OUT)/pca-ess.h5
weights-curve-ess := $(OUT)/curve-ess.h5
options-iterate := --last 1
options-sgd := --last 1
options-swag-diagonal := --members
options-swag := --members
options-multiswag := --members
options-fge := --members
options-snapshot := --members
options-ensemble := --members --last 1
options-random-ess := --members
options-pca-ess := --members
options-curve-ess := --members
options-mc-dropout := --members --last 1 --mc-dropout $(SAMPLES)
options-swa-dropout := --members --mc-dropout $(SAMPLES)
define prediction
$(OUT)/%/$(1).h5: $(OUT)/%.h5 $(weights-$(1))
	@mkdir -p $$(@D)
	nn-predict $(weights-$(1)) $(options-$(1)) --data $$< -@ $(THREADS) -o $$@
endef
$(foreach method,$(METHODS),$(eval $(call prediction,$(method))))
