#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "clones.h"

// Sixteen partial sums, element i in sum i mod 16, added up pairwise at the end: the order is the
// same for every vector width. The product of two Floats is exact in Double, so that a fused
// multiply-add cannot differ either.
enum { LANES = 16 };

static inline __attribute__((always_inline)) double combine(double *s) {
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int j = 0; j < width; j++) s[j] += s[j + width];
  return s[0];
}

CK_CLONES double ck_dot(const float *x, const float *y, size_t n) {
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) s[j] += (double)x[i + j] * (double)y[i + j];
  for (size_t i = whole; i < n; i++) s[i - whole] += (double)x[i] * (double)y[i];
  return combine(s);
}

CK_CLONES double ck_sum(const float *x, size_t n) {
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) s[j] += (double)x[i + j];
  for (size_t i = whole; i < n; i++) s[i - whole] += (double)x[i];
  return combine(s);
}

CK_CLONES double ck_squared_distance(const float *x, const float *y, size_t n) {
#pragma clang fp contract(off)
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) {
      double d = (double)x[i + j] - (double)y[i + j];
      s[j] += d * d;
    }
  for (size_t i = whole; i < n; i++) {
    double d = (double)x[i] - (double)y[i];
    s[i - whole] += d * d;
  }
  return combine(s);
}

CK_CLONES double ck_mix3(
    float *restrict y, float a, const float *restrict x, float b, const float *restrict v, float c,
    const float *restrict w, size_t n) {
#pragma clang fp contract(off)
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) {
      float m = a * x[i + j] + b * v[i + j] + c * w[i + j];
      y[i + j] = m;
      s[j] += (double)m * (double)m;
    }
  for (size_t i = whole; i < n; i++) {
    float m = a * x[i] + b * v[i] + c * w[i];
    y[i] = m;
    s[i - whole] += (double)m * (double)m;
  }
  return combine(s);
}

CK_CLONES int ck_all_finite(const float *x, size_t n) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    bad |= (bits & 0x7F800000u) == 0x7F800000u;
  }
  return !bad;
}
