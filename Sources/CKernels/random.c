#include <string.h>

#include "CKernels.h"
#include "clones.h"

// Sixteen blocks are made side by side, so that the latency of one vector hides behind another.
enum { LANES = 16 };

static inline __attribute__((always_inline)) void philox_lanes(
    uint64_t seed, uint64_t stream, uint64_t first, uint32_t w[4][LANES]) {
  for (int j = 0; j < LANES; j++) {
    uint64_t counter = first + (uint64_t)j;
    w[0][j] = (uint32_t)counter;
    w[1][j] = (uint32_t)(counter >> 32);
    w[2][j] = (uint32_t)stream;
    w[3][j] = (uint32_t)(stream >> 32);
  }
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < LANES; j++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * w[0][j];
      uint64_t p1 = (uint64_t)0xCD9E8D57u * w[2][j];
      uint32_t n0 = (uint32_t)(p1 >> 32) ^ w[1][j] ^ k0;
      uint32_t n2 = (uint32_t)(p0 >> 32) ^ w[3][j] ^ k1;
      w[1][j] = (uint32_t)p1;
      w[3][j] = (uint32_t)p0;
      w[0][j] = n0;
      w[2][j] = n2;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

CK_CLONES void ck_philox(
    uint64_t seed, uint64_t stream, uint64_t first, size_t blocks, uint32_t *words) {
  for (size_t done = 0; done < blocks; done += LANES) {
    uint32_t w[4][LANES];
    philox_lanes(seed, stream, first + done, w);
    size_t lanes = blocks - done < LANES ? blocks - done : LANES;
    for (size_t j = 0; j < lanes; j++)
      for (int k = 0; k < 4; k++) words[4 * (done + j) + k] = w[k][j];
  }
}

// Box–Muller: with u = (a + ½)/2³² and the angle φ = 2π b/2³², two independent standard normal
// variates are √(−2 ln u) cos φ and √(−2 ln u) sin φ. No library function is called, since their
// last bits differ between systems; each series is cut where the rest is below Float precision.
static inline __attribute__((always_inline)) void box_muller(
    uint32_t a, uint32_t b, float *first, float *second) {
#pragma clang fp contract(off)
  // ln u = e ln 2 + ln m with √½ ≤ m < √2, and ln m = 2 artanh((m−1)/(m+1)).
  // The halves of the word are converted apart, as SSE2 converts signed numbers only.
  float u = (float)(int32_t)(a >> 16) * 0x1p-16f
            + ((float)(int32_t)(a & 0xFFFFu) + 0.5f) * 0x1p-32f;
  int32_t bits;
  memcpy(&bits, &u, sizeof bits);
  int32_t e = (bits - 0x3F3504F3) >> 23;  // 0x3F3504F3 is √½
  int32_t m_bits = bits - e * (1 << 23);
  float m;
  memcpy(&m, &m_bits, sizeof m);
  float s = (m - 1.0f) / (m + 1.0f);
  float q = s * s;
  float series = q * (1.0f / 3 + q * (1.0f / 5 + q * (1.0f / 7 + q * (1.0f / 9))));
  float ln = (float)e * 0.693147181f + 2.0f * (s + s * series);
  float radius = __builtin_elementwise_sqrt(-2.0f * ln);

  // φ is a whole number of quarter turns plus x in [−π/4, π/4): Taylor series in x.
  uint32_t shifted = b + 0x20000000u;
  int32_t rest = (int32_t)(shifted & 0x3FFFFFFFu) - 0x20000000;
  float x = (float)rest * (1.57079633f * 0x1p-30f);
  float y = x * x;
  float sine = x + x * y * (-1.0f / 6 + y * (1.0f / 120 + y * (-1.0f / 5040 + y / 362880)));
  float cosine = 1.0f - 0.5f * y + y * y * (1.0f / 24 + y * (-1.0f / 720 + y / 40320));

  // An odd number of quarters swaps sine and cosine; the signs follow the quarter.
  uint32_t quarter = shifted >> 30;
  uint32_t swap = 0u - (quarter & 1u);
  uint32_t sine_bits, cosine_bits;
  memcpy(&sine_bits, &sine, sizeof sine_bits);
  memcpy(&cosine_bits, &cosine, sizeof cosine_bits);
  uint32_t c_bits = (cosine_bits & ~swap) | (sine_bits & swap);
  uint32_t s_bits = (sine_bits & ~swap) | (cosine_bits & swap);
  c_bits ^= ((quarter + 1u) & 2u) << 30;
  s_bits ^= (quarter & 2u) << 30;
  float c, d;
  memcpy(&c, &c_bits, sizeof c);
  memcpy(&d, &s_bits, sizeof d);
  *first = radius * c;
  *second = radius * d;
}

void ck_normal_pair(uint32_t a, uint32_t b, float pair[2]) {
  box_muller(a, b, &pair[0], &pair[1]);
}

CK_CLONES void ck_normals(
    uint64_t seed, uint64_t stream, uint64_t first, size_t blocks, float *variates) {
  for (size_t done = 0; done < blocks; done += LANES) {
    uint32_t w[4][LANES];
    float z[4][LANES];
    philox_lanes(seed, stream, first + done, w);
    for (int k = 0; k < 4; k += 2)
      for (int j = 0; j < LANES; j++) box_muller(w[k][j], w[k + 1][j], &z[k][j], &z[k + 1][j]);
    if (blocks - done >= LANES) {
      for (int j = 0; j < LANES; j++)
        for (int k = 0; k < 4; k++) variates[4 * (done + j) + k] = z[k][j];
    } else {
      for (size_t j = 0; j < blocks - done; j++)
        for (int k = 0; k < 4; k++) variates[4 * (done + j) + k] = z[k][j];
    }
  }
}

CK_CLONES void ck_dropout_mask(
    uint64_t seed, uint64_t stream, uint64_t first, size_t n, uint32_t threshold, float kept, float *mask) {
  for (size_t done = 0; done < n; done += 4 * LANES) {
    uint32_t w[4][LANES];
    philox_lanes(seed, stream, first + done / 4, w);
    float m[4 * LANES];
    for (int j = 0; j < LANES; j++)
      for (int k = 0; k < 4; k++) m[4 * j + k] = w[k][j] < threshold ? 0.0f : kept;
    size_t left = n - done < 4 * LANES ? n - done : 4 * LANES;
    memcpy(mask + done, m, left * sizeof *m);
  }
}
