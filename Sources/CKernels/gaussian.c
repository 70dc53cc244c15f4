#include "CKernels.h"
#include "clones.h"

#pragma clang fp contract(off)

// So many columns are summed side by side in registers over all rows.
enum { STRIP = 32 };

static inline __attribute__((always_inline)) void strip(
    float *restrict y, const float *restrict mean, const double *restrict deviation,
    const float *restrict z, const float *restrict rows, size_t stride, size_t count,
    const double *restrict coefficients, size_t width) {
  double sums[STRIP] = {0};
  for (size_t k = 0; k < count; k++) {
    const float *row = rows + k * stride;
    for (size_t j = 0; j < width; j++) sums[j] += coefficients[k] * (double)row[j];
  }
  for (size_t j = 0; j < width; j++)
    y[j] = (float)((double)mean[j] + (deviation[j] * (double)z[j] + sums[j]));
}

CK_CLONES void ck_low_rank_sample(
    float *restrict y, const float *restrict mean, const double *restrict deviation,
    const float *restrict z, const float *restrict rows, size_t stride, size_t count,
    const double *restrict coefficients, size_t n) {
  size_t whole = n - n % STRIP;
  for (size_t i = 0; i < whole; i += STRIP)
    strip(y + i, mean + i, deviation + i, z + i, rows + i, stride, count, coefficients, STRIP);
  if (whole < n)
    strip(y + whole, mean + whole, deviation + whole, z + whole, rows + whole, stride, count,
          coefficients, n - whole);
}

// Sixteen partial sums, element i in sum i mod 16, added up pairwise at the end.
enum { LANES = 16 };

static inline __attribute__((always_inline)) double combine(double *s) {
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int j = 0; j < width; j++) s[j] += s[j + width];
  return s[0];
}

CK_CLONES double ck_scaled_residuals(
    double *restrict u, const float *restrict x, const float *restrict mean,
    const float *restrict variance, size_t n) {
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) {
      double d = (double)x[i + j] - (double)mean[i + j];
      u[i + j] = d / (double)variance[i + j];
      s[j] += d * u[i + j];
    }
  for (size_t i = whole; i < n; i++) {
    double d = (double)x[i] - (double)mean[i];
    u[i] = d / (double)variance[i];
    s[i - whole] += d * u[i];
  }
  return combine(s);
}

CK_CLONES double ck_dot_double(const float *restrict x, const double *restrict y, size_t n) {
  double s[LANES] = {0};
  size_t whole = n - n % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) s[j] += (double)x[i + j] * y[i + j];
  for (size_t i = whole; i < n; i++) s[i - whole] += (double)x[i] * y[i];
  return combine(s);
}
