#include "CKernels.h"
#include "clones.h"

// Products and sums are rounded apart, so that the result does not depend on the processor.
#pragma clang fp contract(off)

CK_CLONES void ck_moments(
    double *restrict mean, double *restrict squares, const float *restrict x, size_t n,
    double fraction) {
  for (size_t i = 0; i < n; i++) {
    double before = (double)x[i] - mean[i];
    mean[i] += before * fraction;
    squares[i] += before * ((double)x[i] - mean[i]);
  }
}

CK_CLONES void ck_differences(
    float *restrict y, const float *restrict x, const double *restrict mean, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = (float)((double)x[i] - mean[i]);
}
