#include "CKernels.h"
#include "clones.h"

// Product and sum are rounded apart, so that the result does not depend on the processor.
#pragma clang fp contract(off)

CK_CLONES
void ck_accumulate(double *sum, const float *x, size_t n, double decay, double weight) {
  if (decay == 1 && weight == 1) {
    for (size_t i = 0; i < n; i++) sum[i] += (double)x[i];
  } else {
    for (size_t i = 0; i < n; i++) sum[i] = decay * sum[i] + weight * (double)x[i];
  }
}

CK_CLONES
void ck_quotients(float *y, const double *sum, size_t n, double divisor) {
  for (size_t i = 0; i < n; i++) y[i] = (float)(sum[i] / divisor);
}
