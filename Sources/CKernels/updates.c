#include "CKernels.h"
#include "clones.h"

// Product and sum are rounded apart, so that a chain of these has the bits of a fused rule.
#pragma clang fp contract(off)

CK_CLONES
void ck_subtract_scaled(float *restrict w, const float *restrict x, size_t n, float f) {
  for (size_t i = 0; i < n; i++) w[i] -= f * x[i];
}

CK_CLONES
void ck_add_scaled(float *restrict y, const float *restrict x, size_t n, float f) {
  for (size_t i = 0; i < n; i++) y[i] += f * x[i];
}

CK_CLONES
void ck_scale(float *y, size_t n, float f) {
  for (size_t i = 0; i < n; i++) y[i] *= f;
}

CK_CLONES
void ck_momentum(float *restrict update, float *restrict v, size_t n, float mu) {
  for (size_t i = 0; i < n; i++) {
    const float velocity = mu * v[i] + update[i];
    v[i] = velocity;
    update[i] = velocity;
  }
}

CK_CLONES
void ck_nesterov(float *restrict update, float *restrict v, size_t n, float mu) {
  for (size_t i = 0; i < n; i++) {
    const float velocity = mu * v[i] + update[i];
    v[i] = velocity;
    update[i] += mu * velocity;
  }
}

CK_CLONES
void ck_average(float *restrict y, const float *restrict x, size_t n, float decay, float weight) {
  for (size_t i = 0; i < n; i++) y[i] = decay * y[i] + weight * x[i];
}

CK_CLONES
void ck_average_squares(
    float *restrict y, const float *restrict x, size_t n, float decay, float weight) {
  for (size_t i = 0; i < n; i++) y[i] = decay * y[i] + weight * x[i] * x[i];
}

// In C since Swift's square root of a scalar is a call, which keeps a loop from being vectorised.
CK_CLONES
void ck_subtract_over_root(
    float *restrict w, const float *restrict m, const float *restrict v, size_t n, float rate,
    float scale, float epsilon) {
  for (size_t i = 0; i < n; i++)
    w[i] -= rate * m[i] / (__builtin_elementwise_sqrt(v[i]) / scale + epsilon);
}

CK_CLONES
void ck_over_root(
    float *restrict y, const float *restrict m, const float *restrict v, size_t n, float rate,
    float scale, float epsilon) {
  for (size_t i = 0; i < n; i++)
    y[i] = rate * m[i] / (__builtin_elementwise_sqrt(v[i]) / scale + epsilon);
}

CK_CLONES
void ck_over_roots(
    float *restrict y, const float *restrict m, const float *restrict v, size_t n, float rate,
    float epsilon, int roots) {
  if (roots == 1) {
    for (size_t i = 0; i < n; i++) {
      const float base = __builtin_elementwise_sqrt(v[i]) + epsilon;
      y[i] = rate * m[i] / __builtin_elementwise_sqrt(base);
    }
  } else {
    for (size_t i = 0; i < n; i++) {
      const float base = __builtin_elementwise_sqrt(v[i]) + epsilon;
      y[i] = rate * m[i] / __builtin_elementwise_sqrt(__builtin_elementwise_sqrt(base));
    }
  }
}

void ck_prefetch(const float *x, size_t n) {
  for (size_t i = 0; i < n; i += 16) __builtin_prefetch(x + i, 0, 3);
}
