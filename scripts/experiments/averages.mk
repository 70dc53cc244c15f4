# Averages and optimisers compared on one data set, at equal epochs.
#
#     make -f scripts/experiments/averages.mk -j2 [SET=digits|mnist|cifar10|own] [OUT=results/…]
#         [FOLDER=data] [EPOCHS=10] [SEEDS='1 2'] [COUNT=20000]
#
# Data, and what else can be set, are those of posteriors.mk; COUNT takes only so many of the training
# examples. METHODS are any of those below. Every run sees EPOCHS times all examples, with batches of
# 128 and, but for gadam, the weight decay DECAY in its gradient. η is LR, E is EPOCHS, s is SWA_START.
#
#   sgd            momentum 0.9, η along a half cosine to 0; the last iterate
#   swa            momentum 0.9, η until s/2, linearly to SWA_LR at 0.9 s, then constant; the mean of the
#                  snapshots from s on, STEPS of each epoch
#   lawa           the same run; the mean of its last WINDOW snapshots
#   ema            the same schedule; the average of all updates with decay EMA (warm-up mt), at the end
#   pswa           the same schedule; training restarts from the mean of each PSWA_EVERY epochs, the last
#                  time at the end
#   lookahead      as sgd; slow weights that move halfway every 5 steps
#   sam            as sgd, with the gradient at a distance of 0.05: twice the gradients of the others
#   schedule-free  10 η, warm-up over a twentieth of the epochs; the rule's own average
#   gadam          AdamW at GADAM_LR with decoupled decay GADAM_DECAY, the schedule of swa down to half
#                  of that rate; the mean as in swa
#   sgld           4 η, no momentum, along a half cosine to a tenth, with the noise of temperature 1 from
#                  s on; the mean of the probabilities of the snapshots as in swa
#
# What has no statistics of its own gets those of BatchNorm by bn-update, and so have sgld's snapshots.
# Every file is a target, and training goes on from its last saved epoch: an interrupted run continues
# where it stopped. An option changed later makes nothing anew: give another OUT.
#
# Results in OUT: metrics.tsv, all metrics of each run with bootstrap intervals over the test examples,
# and averages.tsv, a row for each method: mean over the seeds of accuracy, NLL and ECE and of the ends
# of their intervals, and how far apart the seeds are (standard deviation).
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
first: everything
SET ?= digits
OUT ?= results/averages-$(SET)
METHODS ?= sgd swa lawa ema pswa lookahead sam schedule-free gadam sgld
SEEDS ?= 1 2
BOOTSTRAP ?= 1000
ifeq ($(SET),cifar10)
MODEL ?= preresnet8
EPOCHS ?= 10
DECAY ?= 3e-4
endif
DECAY ?= 5e-4
# Snapshots of an epoch in swa, lawa, gadam and sgld; in lawa the last ones count.
STEPS ?= 2
WINDOW ?= 3
# What stays of the average at an update: it is as long as 200 updates.
EMA ?= 0.995
# A tenth of the epochs, two at least.
PSWA_EVERY ?= $(shell awk 'BEGIN { e = int($(EPOCHS) / 10); print (e > 2 ? e : 1 + ($(EPOCHS) > 2)) }')
GADAM_LR ?= 0.001
GADAM_DECAY ?= 0.1

# The runs are named METHOD-SEED, where swa and lawa share one, and so are the predictions.
RUNS := $(foreach method,$(METHODS),$(SEEDS:%=$(method)-%))
define weights
weights-$(1)-$(2) = $(OUT)/$(if $(filter sgd sam pswa,$(1)),runs,weights)/$(1)-$(2).h5
options-$(1)-$(2) = $(if $(filter sgld,$(1)),,--last 1)
endef
$(foreach method,$(METHODS),$(foreach seed,$(SEEDS),$(eval $(call weights,$(method),$(seed)))))
COMPARED := $(METHODS)
override METHODS := $(RUNS)
include $(HERE)posteriors.mk

everything: $(OUT)/averages.tsv
	@cat $<
.PHONY: first everything

# Training.
times = $(shell awk 'BEGIN { print $(1) * $(2) }')
common := nn-train $(OUT)/train.h5 --model $(MODEL) $(AUGMENT) --epochs $(EPOCHS) -@ $(THREADS)
momentum := --lr $(LR) --momentum 0.9 --weight-decay $(DECAY)
cosine := --schedule cosine
held := --schedule swa --swa-start $(SWA_START) --swa-lr $(SWA_LR)
steps := --snapshots-per-epoch $(STEPS) --snapshot-from $(SWA_START)
end := --snapshot-from $(EPOCHS)
recipe-sgd := $(momentum) $(cosine) $(end)
recipe-swa := $(momentum) $(held) $(steps)
recipe-ema := $(momentum) $(held) $(end) --average ema:decay=$(EMA) --snapshot-average
# So that the last epoch is a restart.
PSWA_FROM := $(shell expr 1 + \( $(EPOCHS) - 1 \) % $(PSWA_EVERY))
recipe-pswa := $(momentum) $(held) $(end) --average pswa:from=$(PSWA_FROM),every=$(PSWA_EVERY)
recipe-lookahead := $(momentum) $(cosine) $(end) --transform lookahead
recipe-sam := $(momentum) $(cosine) $(end) --objective sam:rho=0.05
recipe-schedule-free := --optimizer schedule-free --lr $(call times,10,$(LR)) \
  --warmup $(call times,0.05,$(EPOCHS)) --weight-decay $(DECAY) $(end)
recipe-gadam := --optimizer adamw --lr $(GADAM_LR) --weight-decay $(GADAM_DECAY) --schedule swa \
  --swa-start $(SWA_START) --swa-lr $(call times,0.5,$(GADAM_LR)) $(steps)
recipe-sgld := --optimizer sgld:noise-from=$(SWA_START) --lr $(call times,4,$(LR)) \
  --weight-decay $(DECAY) $(cosine) --lr-min $(call times,0.4,$(LR)) $(steps)
define run
$(OUT)/runs/$(1)-%.h5: $(OUT)/train.h5
	@mkdir -p $$(@D)
	$$(call grow,$$(common) $$(recipe-$(1)) --seed $$*)
endef
$(foreach method,$(filter-out lawa,$(COMPARED) $(if $(filter lawa,$(COMPARED)),swa)),\
  $(eval $(call run,$(method))))

# Averages of snapshots, and statistics.
define average
$(OUT)/weights/$(1)-%.h5: $(OUT)/runs/$(2)-%.h5
	@mkdir -p $$(@D)
	swa-avg $$< $(3) | $(refresh) -o $$@
endef
$(eval $(call average,swa,swa))
$(eval $(call average,lawa,swa,--last $(WINDOW)))
$(eval $(call average,gadam,gadam))
$(OUT)/weights/sgld-%.h5: $(OUT)/runs/sgld-%.h5
	@mkdir -p $(@D)
	$(refresh) $< -o $@
$(OUT)/weights/%.h5: $(OUT)/runs/%.h5
	@mkdir -p $(@D)
	$(refresh) $< --last 1 -o $@

# Tables.
$(OUT)/metrics.tsv: $(RUNS:%=$(OUT)/test/%.h5)
	calib-eval $^ --bootstrap $(BOOTSTRAP) > $@.part && mv $@.part $@
$(OUT)/averages.tsv: $(OUT)/metrics.tsv
	LC_ALL=C awk -F '\t' -v OFS='\t' -v names='accuracy nll_nats ece' ' \
	  BEGIN { count = split(names, name, " ") } \
	  NR == 1 { for (i = 1; i <= NF; i++) at[$$i] = i; next } \
	  { method = $$1; sub(/.*\//, "", method); sub(/-[^-]*$$/, "", method); \
	    if (!(method in seeds)) order[++methods] = method; seeds[method]++; \
	    for (k = 1; k <= count; k++) { x = $$at[name[k]]; \
	      sum[method, k] += x; squares[method, k] += x * x; \
	      low[method, k] += $$at[name[k] "_low"]; high[method, k] += $$at[name[k] "_high"] } } \
	  END { printf "method\tseeds"; \
	    for (k = 1; k <= count; k++) printf "\t%s\t%s_low\t%s_high\t%s_spread", name[k], name[k], name[k], name[k]; \
	    print ""; \
	    for (m = 1; m <= methods; m++) { method = order[m]; n = seeds[method]; \
	      printf "%s\t%d", method, n; \
	      for (k = 1; k <= count; k++) { mean = sum[method, k] / n; \
	        v = n > 1 ? (squares[method, k] - n * mean * mean) / (n - 1) : 0; \
	        printf "\t%.6g\t%.6g\t%.6g\t%.3g", mean, low[method, k] / n, high[method, k] / n, sqrt(v > 0 ? v : 0) } \
	      print "" } }' $< > $@.part && mv $@.part $@
