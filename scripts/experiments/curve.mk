# Two networks, the straight line and a trained curve between them, and the plane of the three: the
# experiment of Garipov et al., "Loss surfaces, mode connectivity, and fast ensembling of DNNs"
# (2018). Every intermediate file is a target, and training goes on from its last epoch: an interrupted
# run continues where it stopped.
#
#   make -f scripts/experiments/curve.mk                       on synthetic digits
#   make -f scripts/experiments/curve.mk MNIST=data/mnist      on MNIST (scripts/fetch-data mnist)
#   make -f scripts/experiments/curve.mk TRAIN=a.h5 TEST=b.h5 MODEL=preresnet20 \
#       TRAINING='--lr 0.1 --wd 3e-4 --augment crop,flip' CURVE='--lr 0.03 --wd 3e-4' \
#       EPOCHS=30 CURVE_EPOCHS=30 OUT=results/cifar
#
# Results: table.tsv, the published table of both, and the pictures curve.svg and plane.svg.

OUT ?= results/curve
TOOLS ?= .build/release
MODEL ?= lenet5
EPOCHS ?= 5
CURVE_EPOCHS ?= 8
TRAINING ?= --lr 0.03 --wd 1e-4
CURVE ?= --lr 0.03 --wd 1e-4
POINTS ?= 61
GRID ?= 21
# Of the training data, how many of each class the losses along the curve are measured on.
PER_CLASS ?= 1000

SCRIPTS := $(dir $(lastword $(MAKEFILE_LIST)))..
export PATH := $(abspath $(TOOLS)):$(PATH)
TRAIN ?= $(OUT)/train.h5
TEST ?= $(OUT)/test.h5
PROBE := $(OUT)/probe.h5

all: $(OUT)/table.tsv $(OUT)/curve.svg $(OUT)/plane.svg
.PHONY: all
.DELETE_ON_ERROR:
# Nothing that was made on the way is thrown away.
.SECONDARY:

$(OUT):
	mkdir -p $@

# Data
ifdef MNIST
$(OUT)/train.h5: | $(OUT)
	nn-data idx $(MNIST)/train-images-idx3-ubyte* $(MNIST)/train-labels-idx1-ubyte* -o $@
$(OUT)/test.h5: $(OUT)/train.h5
	nn-data idx $(MNIST)/t10k-images-idx3-ubyte* $(MNIST)/t10k-labels-idx1-ubyte* \
	    --normalize-like $< -o $@
else
$(OUT)/train.h5: | $(OUT)
	nn-data synth digits --count 12000 --seed 1 -o $@
$(OUT)/test.h5: $(OUT)/train.h5
	nn-data synth digits --count 10000 --seed 2 --normalize-like $< -o $@
endif
$(PROBE): $(TRAIN) | $(OUT)
	nn-data select $< --per-class $(PER_CLASS) -o $@

# Two networks and their curve, which have their names when they are complete.
$(OUT)/net%.h5: $(TRAIN) | $(OUT)
	nn-train $< --model $(MODEL) --epochs $(EPOCHS) --snapshot-from $(EPOCHS) $(TRAINING) \
	    --schedule cosine --seed $* --resume -o $@
$(OUT)/curve.h5: $(OUT)/net1.h5 $(OUT)/net2.h5 $(TRAIN)
	curve-fit $(OUT)/net1.h5 $(OUT)/net2.h5 --data $(TRAIN) --epochs $(CURVE_EPOCHS) $(CURVE) \
	    --schedule cosine --resume -o $@

# Points of both, and of the plane
$(OUT)/curve-points.h5: $(OUT)/curve.h5
	curve-sample $< --points $(POINTS) -o $@
$(OUT)/line-points.h5: $(OUT)/net1.h5 $(OUT)/net2.h5
	curve-sample --line $^ --points $(POINTS) -o $@
$(OUT)/plane-points.h5: $(OUT)/curve.h5
	plane-sample $< --grid $(GRID) -o $@
$(OUT)/%-fresh.h5: $(OUT)/%-points.h5 $(TRAIN)
	bn-update $< --data $(TRAIN) -o $@

# What they are worth
$(OUT)/%-train.tsv: $(OUT)/%-fresh.h5 $(PROBE)
	nn-eval $< --data $(PROBE) > $@.part && mv $@.part $@
$(OUT)/%-test.tsv: $(OUT)/%-fresh.h5 $(TEST)
	nn-eval $< --data $(TEST) > $@.part && mv $@.part $@
$(OUT)/%-train-summary.tsv: $(OUT)/%-fresh.h5 $(PROBE)
	nn-eval $< --data $(PROBE) --summary > $@.part && mv $@.part $@
$(OUT)/%-test-summary.tsv: $(OUT)/%-fresh.h5 $(TEST)
	nn-eval $< --data $(TEST) --summary > $@.part && mv $@.part $@
$(OUT)/table.tsv: $(foreach path,curve line,$(foreach data,train test,$(OUT)/$(path)-$(data)-summary.tsv))
	for file in $^; do \
	    awk -v OFS='\t' -v data="$$(basename $$file -summary.tsv)" \
	        'NR == 1 { $$1 = "what" } NR > 1 { $$1 = data } { print }' FS='\t' $$file; \
	done | awk 'NR == 1 || !/^what/' > $@.part && mv $@.part $@
	cat $@

# Pictures
$(OUT)/curve.svg: $(OUT)/curve-train.tsv $(OUT)/curve-test.tsv $(OUT)/line-train.tsv $(OUT)/line-test.tsv
	$(SCRIPTS)/plot-curve -o $@ 'Bézier curve=$(OUT)/curve-train.tsv,$(OUT)/curve-test.tsv' \
	    'straight line=$(OUT)/line-train.tsv,$(OUT)/line-test.tsv'
$(OUT)/places.tsv: $(OUT)/curve.h5 $(OUT)/curve-points.h5
	plane-sample $(OUT)/curve.h5 --project $(OUT)/curve-points.h5 > $@.part && mv $@.part $@
$(OUT)/line-places.tsv: $(OUT)/curve.h5 $(OUT)/line-points.h5
	plane-sample $(OUT)/curve.h5 --project $(OUT)/line-points.h5 > $@.part && mv $@.part $@
$(OUT)/plane.svg: $(OUT)/plane-train.tsv $(OUT)/places.tsv
	$(SCRIPTS)/plot-plane $< --path $(OUT)/places.tsv -o $@
