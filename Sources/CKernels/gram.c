#include "CKernels.h"
#include "clones.h"

// Deviations are rounded to Float precision, so that their products are exact in Double and a fused
// multiply-add cannot differ from a product and a sum; combinations of them are rounded apart.

// Four columns at a time, in the same four partial sums for every processor.
enum { LANES = 4, TILE_I = 4, TILE_J = 3 };
typedef double quad __attribute__((vector_size(32), aligned(8)));

static inline __attribute__((always_inline)) size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

CK_CLONES void ck_deviations(
    const float *x, size_t rows, size_t n, size_t stride, int centred, double *mean, double *d) {
  for (size_t c = 0; c < CK_LEAF; c++) mean[c] = 0;
  if (centred) {
    for (size_t t = 0; t < rows; t++)
      for (size_t c = 0; c < n; c++) mean[c] += (double)x[t * stride + c];
    for (size_t c = 0; c < n; c++) mean[c] /= (double)rows;
  }
  for (size_t t = 0; t < rows; t++) {
    for (size_t c = 0; c < n; c++) d[t * CK_LEAF + c] = (float)((double)x[t * stride + c] - mean[c]);
    for (size_t c = n; c < CK_LEAF; c++) d[t * CK_LEAF + c] = 0;
  }
}

// A tile of 4 × 3 inner products keeps its sums in registers; rows past the last one repeat it and
// are not stored.
CK_CLONES void ck_add_gram(const double *d, size_t rows, double *gram) {
#pragma clang fp contract(on)
  for (size_t i0 = 0; i0 < rows; i0 += TILE_I) {
    const double *a[TILE_I];
    for (size_t i = 0; i < TILE_I; i++) a[i] = d + least(i0 + i, rows - 1) * CK_LEAF;
    for (size_t j0 = 0; j0 < i0 + TILE_I && j0 < rows; j0 += TILE_J) {
      const double *b[TILE_J];
      for (size_t j = 0; j < TILE_J; j++) b[j] = d + least(j0 + j, rows - 1) * CK_LEAF;
      quad s[TILE_I][TILE_J] = {0};
      for (size_t c = 0; c < CK_LEAF; c += LANES) {
        quad y0 = *(const quad *)(b[0] + c);
        quad y1 = *(const quad *)(b[1] + c);
        quad y2 = *(const quad *)(b[2] + c);
#pragma clang loop unroll(full)
        for (int i = 0; i < TILE_I; i++) {
          quad x = *(const quad *)(a[i] + c);
          s[i][0] += x * y0;
          s[i][1] += x * y1;
          s[i][2] += x * y2;
        }
      }
      for (size_t i = 0; i < TILE_I && i0 + i < rows; i++)
        for (size_t j = 0; j < TILE_J && j0 + j <= i0 + i; j++) {
          quad v = s[i][j];
          gram[(i0 + i) * (i0 + i + 1) / 2 + j0 + j] += (v[0] + v[2]) + (v[1] + v[3]);
        }
    }
  }
}

// Sums go over the rows in their order for each element by itself.
static inline __attribute__((always_inline)) void combine_tile(
    const int outputs, const double *a, const double *d, size_t rows, size_t n, float *y,
    size_t stride) {
#pragma clang fp contract(off)
  for (size_t c = 0; c < n; c += 2 * LANES) {
    quad s[TILE_I][2] = {0};
    for (size_t t = 0; t < rows; t++) {
      quad x0 = *(const quad *)(d + t * CK_LEAF + c);
      quad x1 = *(const quad *)(d + t * CK_LEAF + c + LANES);
#pragma clang loop unroll(full)
      for (int k = 0; k < outputs; k++) {
        s[k][0] += a[k * rows + t] * x0;
        s[k][1] += a[k * rows + t] * x1;
      }
    }
    size_t width = least(2 * LANES, n - c);
    for (int k = 0; k < outputs; k++)
      for (size_t l = 0; l < width; l++) y[k * stride + c + l] = (float)s[k][l / LANES][l % LANES];
  }
}

CK_CLONES void ck_combine(
    const double *a, size_t outputs, const double *d, size_t rows, size_t n, float *y,
    size_t stride) {
  for (size_t k = 0; k < outputs; k += TILE_I) {
    const double *f = a + k * rows;
    float *z = y + k * stride;
    switch (outputs - k) {
      case 1: combine_tile(1, f, d, rows, n, z, stride); break;
      case 2: combine_tile(2, f, d, rows, n, z, stride); break;
      case 3: combine_tile(3, f, d, rows, n, z, stride); break;
      default: combine_tile(4, f, d, rows, n, z, stride);
    }
  }
}
