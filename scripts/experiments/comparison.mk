# Ways to predict, side by side: accuracy, likelihood and calibration with intervals, and how well each
# tells images of classes that it never saw.
#
#     make -f scripts/experiments/comparison.mk -j2 [SET=digits|mnist|cifar10] [OUT=results/mnist]
#
# The methods, their training and everything that can be set are those of posteriors.mk. Added are each
# of SCALE at the temperature that suits the validation data (NAME-scaled), and OOD: methods that are
# trained again on the classes INSIDE, to be shown the classes OUTSIDE too (methods of one run only).
#
# Results in OUT: metrics.tsv, differences.tsv (from sgd, on the same examples), ood.tsv, and the
# pictures metrics.svg, reliability.svg, risk.svg, ood.svg and ood-metrics.svg.
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
first: everything
include $(HERE)posteriors.mk

SCALE ?= $(filter sgd swa swag ensemble mc-dropout,$(METHODS))
OOD ?= $(filter sgd swa swag mc-dropout,$(METHODS))
INSIDE ?= 0,1,2,8,9
OUTSIDE ?= 3,4,5,6,7
BOOTSTRAP ?= 1000

PREDICTIONS := $(METHODS:%=$(OUT)/test/%.h5)
SCALED := $(SCALE:%=$(OUT)/test/%-scaled.h5)
TABLES := $(addprefix $(OUT)/,metrics.tsv differences.tsv $(if $(OOD),ood.tsv))
PICTURES := $(addprefix $(OUT)/,metrics.svg reliability.svg risk.svg $(if $(OOD),ood.svg ood-metrics.svg))
everything: $(TABLES) $(PICTURES)
tables: $(TABLES)
.PHONY: first everything tables

define scaled
$(OUT)/test/$(1)-scaled.h5: $(OUT)/test/$(1).h5 $(OUT)/validation/$(1).h5
	calib-eval $$< --temperature-from $(OUT)/validation/$(1).h5 -o $$@
endef
$(foreach method,$(SCALE),$(eval $(call scaled,$(method))))

# The same methods on some of the classes.
$(OUT)/ood:
	mkdir -p $@
$(OUT)/ood/train.h5: $(OUT)/train.h5 | $(OUT)/ood
	nn-data select $< --classes $(INSIDE) -o $@
$(OUT)/ood/test.h5: $(OUT)/test.h5 | $(OUT)/ood
	nn-data select $< --classes $(INSIDE) -o $@
$(OUT)/ood/outside.h5: $(OUT)/test.h5 | $(OUT)/ood
	nn-data select $< --classes $(OUTSIDE) -o $@
OOD_PREDICTIONS := $(foreach data,test outside,$(OOD:%=$(OUT)/ood/$(data)/%.h5))
$(OUT)/ood/predictions: $(OUT)/ood/train.h5 $(OUT)/ood/test.h5 $(OUT)/ood/outside.h5
	$(MAKE) -f $(HERE)posteriors.mk $(OOD_PREDICTIONS) OUT=$(OUT)/ood SET=own METHODS='$(OOD)' \
	  MODEL='$(MODEL)' EPOCHS='$(EPOCHS)' RECIPE='$(RECIPE)' AUGMENT='$(AUGMENT)' LR='$(LR)' \
	  SWA_LR='$(SWA_LR)' SWA_START='$(SWA_START)' DROPOUT='$(DROPOUT)' FRACTION='$(FRACTION)' \
	  SAMPLES='$(SAMPLES)' THREADS='$(THREADS)' TOOLS='$(TOOLS)'
	touch $@

# Tables
$(OUT)/metrics.tsv: $(PREDICTIONS) $(SCALED)
	calib-eval $^ --metrics all --bootstrap $(BOOTSTRAP) > $@.part && mv $@.part $@
$(OUT)/differences.tsv: $(PREDICTIONS) $(SCALED)
	calib-eval $(filter-out %/sgd.h5,$^) --against $(OUT)/test/sgd.h5 --bootstrap $(BOOTSTRAP) > $@.part && mv $@.part $@
$(OUT)/reliability.tsv: $(PREDICTIONS)
	calib-eval $^ --reliability > $@.part && mv $@.part $@
$(OUT)/risk.tsv: $(PREDICTIONS)
	calib-eval $^ --risk-coverage > $@.part && mv $@.part $@
# ood-table OPTIONS: each method against what is outside for it, under one header.
ood-table = for name in $(OOD); do \
	    calib-eval $(OUT)/ood/test/$$name.h5 --ood $(OUT)/ood/outside/$$name.h5 $(1) || exit; \
	done | awk 'NR == 1 { header = $$0; print } $$0 != header'
$(OUT)/ood.tsv: $(OUT)/ood/predictions
	$(call ood-table,--bootstrap $(BOOTSTRAP)) > $@.part && mv $@.part $@
$(OUT)/ood-histogram.tsv: $(OUT)/ood/predictions
	$(call ood-table,--histogram) > $@.part && mv $@.part $@

# Pictures
$(OUT)/metrics.svg: $(OUT)/metrics.tsv
	$(HERE)../plot-metrics $< -o $@
$(OUT)/reliability.svg: $(OUT)/reliability.tsv
	$(HERE)../plot-reliability $< -o $@
$(OUT)/risk.svg: $(OUT)/risk.tsv
	$(HERE)../plot-risk $< -o $@
$(OUT)/ood.svg: $(OUT)/ood-histogram.tsv
	$(HERE)../plot-ood $< -o $@
$(OUT)/ood-metrics.svg: $(OUT)/ood.tsv
	$(HERE)../plot-metrics $< -o $@
