// Loops over tensors whose channels lie in blocks side by side (odnn_grid).
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "COneDNN.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16 };

// Where the channels from c on of one image start, and how many lie side by side there.
INLINE size_t place(const odnn_grid *g, int64_t image, int64_t c) {
  int64_t blocks = (g->channels + g->block - 1) / g->block;
  return (size_t)(((image * blocks + c / g->block) * g->area) * g->block + c % g->block);
}

INLINE int64_t padded(const odnn_grid *g) { return (g->channels + g->block - 1) / g->block * g->block; }

INLINE void chunk(const odnn_grid *g, int i, int64_t *from, int64_t *to) {
  *from = g->images * i / ODNN_CHUNKS;
  *to = g->images * (i + 1) / ODNN_CHUNKS;
}

// Calls body(first channel, lanes) with a constant number of lanes where that is possible.
#define FOR_LANES(grid, body)                                                  \
  for (int64_t c = 0, all = padded(grid), left; c < all; c += left) {          \
    left = (grid)->block - c % (grid)->block;                                  \
    if (left >= LANES) { left = LANES; body(c, LANES); }                       \
    else if (left == 8) body(c, 8);                                            \
    else if (left == 1) body(c, 1);                                            \
    else body(c, (int)left);                                                   \
  }

// Adds the chunks' sums up into those of the first.
static inline void add_grid_chunks(const odnn_grid *g, double *sums, int kinds) {
  size_t count = (size_t)kinds * padded(g);
  for (int i = 1; i < ODNN_CHUNKS; i++)
    for (size_t k = 0; k < count; k++) sums[k] += sums[(size_t)i * count + k];
}
