# The one-dimensional regression of Izmailov et al., "Subspace inference for Bayesian deep learning"
# (2019), figure 1: how the predictive band grows away from the data in a random subspace, in that of
# the principal components of SGD's trajectory, and in that of a curve between two solutions.
#
#   make -f scripts/experiments/regression.mk -j2 [OUT=results/regression]
#
# The data are drawn about a known function in place of the published random network's. Network,
# optimiser, noise of the likelihood, temperatures and priors are the published ones; nn-train's
# squared error has no factor 1/2, so that LR is half the published rate.
# Results: bands.svg, density.svg and table.tsv, of mean predictive deviations on and off the
# data. About 20 minutes on two cores. Every file is a target.

OUT ?= results/regression
TOOLS ?= .build/release
MODEL ?= regnet:200,50,50,50
EPOCHS ?= 3000
SWA_START ?= 2000
CURVE_EPOCHS ?= 3000
LR ?= 0.005
SAMPLES ?= 1000
# The standard deviation in the likelihood, √0.05; that of the data's noise is 0.05.
NOISE ?= 0.2236
THREADS ?= 1
SPACES ?= random pca curve
name-pca := PCA

SCRIPTS := $(dir $(lastword $(MAKEFILE_LIST)))..
export PATH := $(abspath $(TOOLS)):$(PATH)
SGD := --batch-size 50 --momentum 0.95 --wd 0 --lr $(LR)

.PHONY: all
all: $(OUT)/bands.svg $(OUT)/density.svg $(OUT)/table.tsv
	@cat $(OUT)/table.tsv
.DELETE_ON_ERROR:
.SECONDARY:

$(OUT):
	mkdir -p $@

# Data, and a grid to predict at: x from -10 to 10 as the features x/2 and (x/2)².
$(OUT)/train.h5: | $(OUT)
	nn-data synth sinusoid --count 400 --seed 1 -o $@
$(OUT)/grid.csv: | $(OUT)
	awk 'BEGIN { print "a,b,y"; for (i = 0; i <= 200; i++) { x = i / 10 - 10; print x / 2 "," x * x / 4 ",0" } }' > $@.part && mv $@.part $@
$(OUT)/grid.h5: $(OUT)/grid.csv $(OUT)/train.h5
	nn-data csv $< --regression --normalize-like $(OUT)/train.h5 -o $@

# Two runs at a rate that stays high, their averages, and the curve between these.
$(OUT)/run%.h5: $(OUT)/train.h5
	nn-train $< --model $(MODEL) --loss squared-error --epochs $(EPOCHS) $(SGD) --schedule swa \
	    --swa-start $(SWA_START) --swa-lr $(LR) --snapshot-from $(SWA_START) --seed $* \
	    -@ $(THREADS) --overwrite -o $@ > $(OUT)/run$*.tsv
$(OUT)/swa%.h5: $(OUT)/run%.h5
	swa-avg $< -o $@
$(OUT)/curve-points.h5: $(OUT)/swa1.h5 $(OUT)/swa2.h5 $(OUT)/train.h5
	curve-fit $(OUT)/swa1.h5 $(OUT)/swa2.h5 --data $(OUT)/train.h5 \
	    --epochs $(CURVE_EPOCHS) $(SGD) -@ $(THREADS) -o $@ > $(OUT)/curve.tsv

# Three subspaces
$(OUT)/random-space.h5: $(OUT)/swa1.h5
	subspace-pca --random --at $< --rank 10 -o $@
$(OUT)/pca-space.h5: $(OUT)/run1.h5
	subspace-pca $< --rank 10 -o $@
$(OUT)/curve-space.h5: $(OUT)/curve-points.h5
	subspace-pca $< --rank 2 -o $@

# Samples, by the published temperatures and priors; slice sampling, published for all three, hardly
# moves along the narrow valleys of the random subspace, where the no-U-turn sampler does.
BURN_IN := --burn-in 100
$(OUT)/random-samples.h5: PRIOR := --prior-std 1 --temperature 0.15 --method nuts
$(OUT)/random-samples.h5: BURN_IN := --burn-in 200
$(OUT)/pca-samples.h5: PRIOR := --prior-std 5 --temperature 1.5
$(OUT)/curve-samples.h5 $(OUT)/curve-grid.h5: PRIOR := --prior-std 1 --temperature 0.75
$(OUT)/%-samples.h5: $(OUT)/%-space.h5 $(OUT)/train.h5
	subspace-sample $< --data $(OUT)/train.h5 --noise-std $(NOISE) $(PRIOR) --batch-size 400 \
	    --chains 2 --samples $$(($(SAMPLES) / 2)) $(BURN_IN) -@ $(THREADS) --overwrite -o $@ 2> $(OUT)/$*-samples.tsv
$(OUT)/%-grid.h5: $(OUT)/%-space.h5 $(OUT)/train.h5
	subspace-sample $< --data $(OUT)/train.h5 --noise-std $(NOISE) $(PRIOR) --batch-size 400 \
	    --method grid --samples 141 --extent 1.5 -@ $(THREADS) -o $@

# Predictions: at the grid with all members, the band being that of the functions
$(OUT)/%-predictions.h5: $(OUT)/%-samples.h5 $(OUT)/grid.h5
	nn-predict $< --data $(OUT)/grid.h5 --members --noise-std $(NOISE) -@ $(THREADS) -o $@

$(OUT)/bands.svg: $(OUT)/grid.h5 $(OUT)/train.h5 $(SPACES:%=$(OUT)/%-predictions.h5)
	$(SCRIPTS)/plot-regression -g $(OUT)/grid.h5 -d $(OUT)/train.h5 --scale 2 --epistemic \
	    -o $@ $(foreach s,$(SPACES),'$(or $(name-$(s)),$(s)) subspace=$(OUT)/$(s)-predictions.h5')
$(OUT)/density.svg: $(OUT)/curve-grid.h5 $(OUT)/curve-samples.h5
	$(SCRIPTS)/plot-density -o $@ $(OUT)/curve-grid.h5 'curve subspace=$(OUT)/curve-samples.h5'

# The functions' mean standard deviation on the data, between the clusters, and outside.
$(OUT)/table.tsv: $(SPACES:%=$(OUT)/%-predictions.h5)
	printf 'subspace\ton_data\tbetween\toutside\n' > $@.part
	for s in $(SPACES); do \
	    h5dump -y -w 65535 -m %.9g -d /epistemic_variance -o $(OUT)/dump $(OUT)/$$s-predictions.h5 > $(OUT)/log; \
	    tr -s ', \n' '\n' < $(OUT)/dump | awk 'NF' | awk -v s=$$s '{ \
	        x = (NR - 1) / 10 - 10; a = x < 0 ? -x : x; d = sqrt($$1); \
	        if (a <= 1.2 || (a >= 4.8 && a <= 7.2)) { on += d; i++ } \
	        else if (a < 4.8) { mid += d; j++ } else { out += d; k++ } } \
	        END { printf "%s\t%.4f\t%.4f\t%.4f\n", s, on / i, mid / j, out / k }'; \
	done >> $@.part
	mv $@.part $@
	rm -f $(OUT)/dump $(OUT)/log
