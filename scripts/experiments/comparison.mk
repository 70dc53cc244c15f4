# Ways to predict, side by side: accuracy, likelihood and calibration with intervals, and how well each
# tells images of classes that it never saw. Every intermediate file is a target.
#
#   make -f scripts/experiments/comparison.mk                        on synthetic digits
#   make -f scripts/experiments/comparison.mk MNIST=data/mnist OUT=mnist
#   make -f scripts/experiments/comparison.mk CIFAR=data/cifar-10 OUT=cifar MODEL=preresnet20 \
#       EPOCHS=30 SWA_START=20 DROPOUT=0.05 \
#       TRAINING='--lr 0.1 --wd 3e-4 --augment crop,flip' SWA_LR=0.05
#
# Made here: the last SGD iterate (sgd), the average of its snapshots' weights (swa), both of a network
# trained with dropout that is sampled (mc-dropout, swa-dropout), and all of them at the temperature
# that suits a validation set (-scaled). Any other OUT/NAME-predictions.h5 that is there, such as those
# of swag, multiswag, fge, snapshot and ensemble, joins the tables, and so does NAME-scaled where
# OUT/NAME-validation.h5 holds the same method's predictions of OUT/validation.h5.
#
# Results in OUT: metrics.tsv, differences.tsv (from sgd, on the same examples), ood.tsv, and the
# pictures metrics.svg, reliability.svg, risk.svg, ood.svg and ood-metrics.svg.

OUT ?= comparison
TOOLS ?= .build/release
MODEL ?= lenet5
EPOCHS ?= 12
SWA_START ?= 6
SWA_LR ?= 0.05
TRAINING ?= --lr 0.05 --wd 5e-4 --augment crop
DROPOUT ?= 0.1
DRAWS ?= 30
BOOTSTRAP ?= 1000
# Classes that are learned where the others are to be recognised as foreign.
INSIDE ?= 0,1,2,8,9
OUTSIDE ?= 3,4,5,6,7

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
SCRIPTS := $(dir $(lastword $(MAKEFILE_LIST)))..
export PATH := $(abspath $(TOOLS)):$(PATH)
TRAIN := $(OUT)/train.h5
VALIDATION := $(OUT)/validation.h5
TEST := $(OUT)/test.h5

OWN := sgd swa mc-dropout swa-dropout
# What others have put there, without what is scaled here.
FOUND := $(filter-out %-scaled,$(patsubst $(OUT)/%-predictions.h5,%,$(wildcard $(OUT)/*-predictions.h5)))
NAMES := $(OWN) $(filter-out $(OWN),$(FOUND))
VALIDATED := $(OWN) $(filter-out $(OWN),$(patsubst $(OUT)/%-validation.h5,%,$(wildcard $(OUT)/*-validation.h5)))
SCALED := $(patsubst %,%-scaled,$(filter $(VALIDATED),$(NAMES)))
PREDICTIONS := $(patsubst %,$(OUT)/%-predictions.h5,$(NAMES) $(SCALED))
# A predictive distribution of several weights needs swag-fit and swag-sample.
OOD_NAMES ?= sgd swa mc-dropout $(if $(shell command -v swag-sample 2>&1),swag)
OOD := $(OOD_NAMES:%=$(OUT)/ood/%-in.h5) $(OOD_NAMES:%=$(OUT)/ood/%-out.h5)

TABLES := $(addprefix $(OUT)/,metrics.tsv differences.tsv ood.tsv)
PICTURES := $(addprefix $(OUT)/,metrics.svg reliability.svg risk.svg ood.svg ood-metrics.svg)

all: $(TABLES) $(PICTURES)
tables: $(TABLES)
.PHONY: all tables
.DELETE_ON_ERROR:
# Nothing that was made on the way is thrown away.
.SECONDARY:

$(OUT) $(OUT)/ood:
	mkdir -p $@

# Data: the last 5000 rows of the training data are kept for temperatures.
ifdef MNIST
$(OUT)/all.h5: | $(OUT)
	nn-data idx $(MNIST)/train-images-idx3-ubyte* $(MNIST)/train-labels-idx1-ubyte* -o $@
$(TEST): $(OUT)/all.h5
	nn-data idx $(MNIST)/t10k-images-idx3-ubyte* $(MNIST)/t10k-labels-idx1-ubyte* \
	    --normalize-like $< -o $@
else ifdef CIFAR
$(OUT)/all.h5: | $(OUT)
	nn-data cifar10 $(CIFAR)/data_batch_?.bin* -o $@
$(TEST): $(OUT)/all.h5
	nn-data cifar10 $(CIFAR)/test_batch.bin* --normalize-like $< -o $@
else
$(OUT)/all.h5: | $(OUT)
	nn-data synth digits --count 17000 --seed 1 -o $@
$(TEST): $(OUT)/all.h5
	nn-data synth digits --count 10000 --seed 2 --normalize-like $< -o $@
endif
$(TRAIN): $(OUT)/all.h5
	nn-data select $< --rows -5000: --exclude -o $@
$(VALIDATION): $(OUT)/all.h5
	nn-data select $< --rows -5000: -o $@

# Training, with and without dropout; of all classes and of those inside.
SCHEDULE = --schedule swa --swa-start $(SWA_START) --swa-lr $(SWA_LR) --snapshot-from $(SWA_START)
$(OUT)/plain-run.h5: $(TRAIN)
	nn-train $< --model $(MODEL) --epochs $(EPOCHS) $(TRAINING) $(SCHEDULE) --overwrite -o $@
$(OUT)/dropout-run.h5: $(TRAIN)
	nn-train $< --model $(MODEL) --epochs $(EPOCHS) $(TRAINING) $(SCHEDULE) --overwrite \
	    --dropout $(DROPOUT) -o $@
$(OUT)/ood/train.h5: $(TRAIN) | $(OUT)/ood
	nn-data select $< --classes $(INSIDE) -o $@
$(OUT)/ood/%-run.h5: $(OUT)/ood/train.h5
	nn-train $< --model $(MODEL) --epochs $(EPOCHS) $(TRAINING) $(SCHEDULE) --overwrite \
	    $(if $(filter dropout,$*),--dropout $(DROPOUT)) -o $@
$(OUT)/%-swa.h5: $(OUT)/%-run.h5 $(TRAIN)
	swa-avg $< | bn-update --data $(TRAIN) -o $@
$(OUT)/ood/%-swa.h5: $(OUT)/ood/%-run.h5
	swa-avg $< | bn-update --data $(OUT)/ood/train.h5 -o $@
$(OUT)/ood/swag.h5: $(OUT)/ood/plain-run.h5
	swag-fit $< | swag-sample --samples $(DRAWS) | bn-update --data $(OUT)/ood/train.h5 -o $@

# Predictions: $(call predict,NAME,ENDING,DATA,WEIGHTS,OPTIONS) of what is not there yet.
define predict
ifeq ($(wildcard $(OUT)/$(1)-$(2).h5),)
$(OUT)/$(1)-$(2).h5: $(4) $(3)
	nn-predict $(4) --data $(3) $(5) -o $$@
endif
endef
define predict-own
$(call predict,sgd,$(1),$(2),$(OUT)/plain-run.h5,--last 1)
$(call predict,swa,$(1),$(2),$(OUT)/plain-swa.h5,)
$(call predict,mc-dropout,$(1),$(2),$(OUT)/dropout-run.h5,--last 1 --mc-dropout $(DRAWS) --members)
$(call predict,swa-dropout,$(1),$(2),$(OUT)/dropout-swa.h5,--mc-dropout $(DRAWS) --members)
endef
$(eval $(call predict-own,predictions,$(TEST)))
$(eval $(call predict-own,validation,$(VALIDATION)))
$(OUT)/%-scaled-predictions.h5: $(OUT)/%-predictions.h5 $(OUT)/%-validation.h5
	calib-eval $< --temperature-from $(OUT)/$*-validation.h5 -o $@

$(OUT)/ood/in.h5: $(TEST) | $(OUT)/ood
	nn-data select $< --classes $(INSIDE) -o $@
$(OUT)/ood/out.h5: $(TEST) | $(OUT)/ood
	nn-data select $< --classes $(OUTSIDE) -o $@
$(OUT)/ood/sgd-%.h5: $(OUT)/ood/plain-run.h5 $(OUT)/ood/%.h5
	nn-predict $< --last 1 --data $(OUT)/ood/$*.h5 -o $@
$(OUT)/ood/swa-%.h5: $(OUT)/ood/plain-swa.h5 $(OUT)/ood/%.h5
	nn-predict $< --data $(OUT)/ood/$*.h5 -o $@
$(OUT)/ood/mc-dropout-%.h5: $(OUT)/ood/dropout-run.h5 $(OUT)/ood/%.h5
	nn-predict $< --last 1 --mc-dropout $(DRAWS) --members --data $(OUT)/ood/$*.h5 -o $@
$(OUT)/ood/swag-%.h5: $(OUT)/ood/swag.h5 $(OUT)/ood/%.h5
	nn-predict $< --members --data $(OUT)/ood/$*.h5 -o $@

# Tables
$(OUT)/metrics.tsv: $(PREDICTIONS)
	calib-eval $^ --metrics all --bootstrap $(BOOTSTRAP) > $@
$(OUT)/differences.tsv: $(PREDICTIONS)
	calib-eval $(filter-out %/sgd-predictions.h5,$^) --against $(OUT)/sgd-predictions.h5 \
	    --bootstrap $(BOOTSTRAP) > $@
$(OUT)/reliability.tsv: $(PREDICTIONS)
	calib-eval $(filter-out %-scaled-predictions.h5,$^) --reliability > $@
$(OUT)/risk.tsv: $(PREDICTIONS)
	calib-eval $(filter-out %-scaled-predictions.h5,$^) --risk-coverage > $@
# ood-table OPTIONS: each method against what is outside for it, under one header.
ood-table = for name in $(OOD_NAMES); do \
	    calib-eval $(OUT)/ood/$$name-in.h5 --ood $(OUT)/ood/$$name-out.h5 $(1) || exit; \
	done | awk 'NR == 1 { header = $$0; print } $$0 != header'
$(OUT)/ood.tsv: $(OOD)
	$(call ood-table,--bootstrap $(BOOTSTRAP)) > $@
$(OUT)/ood-histogram.tsv: $(OOD)
	$(call ood-table,--histogram) > $@

# Pictures
$(OUT)/metrics.svg: $(OUT)/metrics.tsv
	$(SCRIPTS)/plot-metrics $< -o $@
$(OUT)/reliability.svg: $(OUT)/reliability.tsv
	$(SCRIPTS)/plot-reliability $< -o $@
$(OUT)/risk.svg: $(OUT)/risk.tsv
	$(SCRIPTS)/plot-risk $< -o $@
$(OUT)/ood.svg: $(OUT)/ood-histogram.tsv
	$(SCRIPTS)/plot-ood $< -o $@
$(OUT)/ood-metrics.svg: $(OUT)/ood.tsv
	$(SCRIPTS)/plot-metrics $< -o $@
