#include "CKernels.h"
#include "clones.h"

// In C since Swift's square root of a scalar is a call, which keeps a loop from being vectorised.
CK_CLONES void ck_subtract_over_root(
    float *restrict w, const float *restrict m, const float *restrict v, size_t n, float rate,
    float scale, float epsilon) {
#pragma clang fp contract(off)
  for (size_t i = 0; i < n; i++)
    w[i] -= rate * m[i] / (__builtin_elementwise_sqrt(v[i]) / scale + epsilon);
}
